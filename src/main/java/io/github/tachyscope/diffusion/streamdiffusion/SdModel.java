package io.github.tachyscope.diffusion.streamdiffusion;

import io.github.tachyscope.diffusion.sd.sampling.NoiseTable;
import io.github.tachyscope.diffusion.sd.unet.UNet;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Weights;
import java.util.List;

/**
 * A loaded model; shared by all sessions.
 *
 * @param zeroNegative whether no negative prompt means zeros instead of the empty text
 * @param placement of the denoiser
 * @param owned everything that is freed with it, in this order
 */
record SdModel(
        Base base,
        Distillation distillation,
        UNet denoiser,
        Codec codec,
        Texts texts,
        NoiseTable schedule,
        NoiseSource noise,
        Adapters adapters,
        boolean zeroNegative,
        Placement placement,
        List<AutoCloseable> owned)
        implements AutoCloseable {
    SdModel {
        owned = List.copyOf(owned);
    }

    /** Memory of all weights. */
    long bytes() {
        return owned.stream()
                .filter(Weights.class::isInstance)
                .flatMap(weights -> ((Weights) weights).parameters().values().stream())
                .mapToLong(tensor -> tensor.numel() * tensor.element_size())
                .sum();
    }

    @Override
    public void close() {
        free(owned);
    }

    /** One that cannot be freed keeps none of the others. */
    static void free(List<AutoCloseable> all) {
        RuntimeException first = null;
        for (AutoCloseable one : all) {
            try {
                one.close();
            } catch (Exception failure) {
                if (first == null) {
                    first = new IllegalStateException("a part of the model could not be freed", failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
