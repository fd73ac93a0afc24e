package io.github.tachyscope.diffusion.tiny;

import io.github.tachyscope.frame.PictureSize;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a generation's denoising steps need again and again: its noise, and what the denoiser derives from its prompt.
 *
 * <p>Pure functions of their arguments with a memory, so a step that fails leaves nothing wrong behind. Touched by
 * denoising steps only, of which a generation has one at a time, and closed when none runs.
 */
final class DenoiserMemory implements AutoCloseable {
    private final Networks networks;
    private final NoiseBank noise;
    private float @Nullable [] prompt;
    private Networks.@Nullable Guidance guidance;

    DenoiserMemory(Networks networks) {
        this.networks = networks;
        this.noise = new NoiseBank(networks.placement(), networks.latentChannels());
    }

    /** The noise for pictures of a size. */
    NoiseBank noise(PictureSize size) {
        noise.fit(size.height() / TinyForm.REDUCTION, size.width() / TinyForm.REDUCTION);
        return noise;
    }

    Networks.Guidance guidance(float[] wanted) {
        Networks.Guidance present = guidance;
        if (present != null && Arrays.equals(prompt, wanted)) {
            return present;
        }
        Networks.Guidance next = networks.guidance(wanted);
        if (present != null) {
            present.close();
        }
        prompt = wanted;
        guidance = next;
        return next;
    }

    @Override
    public void close() {
        noise.close();
        if (guidance != null) {
            guidance.close();
            guidance = null;
        }
    }
}
