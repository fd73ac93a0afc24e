package io.github.tachyscope.exec;

import io.github.tachyscope.diffusion.Pipeline;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loaded weights and how many generations use them. Weights in use are never freed. */
final class HostedPipeline {
    private static final Logger log = LoggerFactory.getLogger(HostedPipeline.class);

    final Pipeline pipeline;
    private int users;
    private boolean retired;
    private boolean closed;

    HostedPipeline(Pipeline pipeline) {
        this.pipeline = pipeline;
    }

    void use() {
        users++;
    }

    void unuse() {
        users--;
        closeIfDone();
    }

    /** Takes no new users and is freed with the last one. */
    void retire() {
        retired = true;
        closeIfDone();
    }

    boolean closed() {
        return closed;
    }

    private void closeIfDone() {
        if (retired && users == 0 && !closed) {
            closed = true;
            // Throwable: whoever frees weights has others to free.
            try {
                pipeline.close();
            } catch (Throwable broken) {
                log.error(
                        "the weights of {} could not be freed", pipeline.spec().id(), broken);
            }
        }
    }
}
