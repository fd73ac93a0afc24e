package io.github.tachyscope.diffusion;

import io.github.tachyscope.config.PipelineSettings;
import io.github.tachyscope.tensor.Placement;

/**
 * The door through which a pipeline enters the server: found by {@link java.util.ServiceLoader}, in-tree and in plugin
 * jars alike.
 */
public interface PipelineProvider {
    /**
     * The number of this contract: of this interface and all that it leads to. A plugin's jar names the one that it was
     * compiled against; it grows with a change that makes older jars fail.
     */
    int CONTRACT = 1;

    /** What the pipeline is, without loading anything. */
    PipelineSpec spec();

    /**
     * Loads the weights. May take minutes; called on a thread that may block.
     *
     * @param parameters load-time parameters, defaults filled in and checked against the spec
     * @param placement the device, and the precision to compute in unless the model needs another
     * @param progress told the human-readable stages
     * @throws PipelineLoadFailed with a text for the client
     */
    Pipeline load(Parameters parameters, Placement placement, LoadProgress progress);

    /** This provider with the server's settings. Called once, before anything else. */
    default PipelineProvider configured(PipelineSettings settings) {
        return this;
    }

    /** Listens to the stages of loading. */
    @FunctionalInterface
    interface LoadProgress {
        /** @param stage human-readable, such as {@code Loading diffusion model...} */
        void stage(String stage);
    }

    /** Loading did not work; the message is fit for the client. */
    final class PipelineLoadFailed extends RuntimeException {
        private static final long serialVersionUID = 1;

        public PipelineLoadFailed(String message) {
            super(message);
        }

        public PipelineLoadFailed(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
