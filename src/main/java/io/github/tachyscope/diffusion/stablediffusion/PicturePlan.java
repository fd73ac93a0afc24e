package io.github.tachyscope.diffusion.stablediffusion;

import io.github.tachyscope.diffusion.sd.sampling.SigmaModel;
import io.github.tachyscope.diffusion.sd.sampling.SigmaPath;
import io.github.tachyscope.diffusion.sd.sampling.SigmaSampler;

/**
 * How a picture is made: fixed when its first denoising step begins.
 *
 * @param seed all 64 bits of it
 * @param addNoise whether it begins with noise
 */
record PicturePlan(SigmaModel model, SigmaPath path, SigmaSampler sampler, long seed, boolean addNoise) {
    /** Calls of the denoiser; none where nothing of a picture is made anew. */
    int calls() {
        return path.steps() == 0 ? 0 : sampler.calls();
    }
}
