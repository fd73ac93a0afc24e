package io.github.tachyscope.diffusion.tiny;

import io.github.tachyscope.tensor.Placement;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The networks of the model as the steps of the pipeline use them.
 *
 * <p>Every method runs inside a scope of the caller, on any lane's thread; what it gives lives as long as that scope,
 * unless said otherwise. Pictures are {@code [B, 3, H, W]} in 0 to 1, latents {@code [B, channels, H / 4, W / 4]}, both
 * channels-last.
 */
interface Networks extends AutoCloseable {
    /** Rows of numbers that make one prompt: one per token, and the pooled one last; all of the same width. */
    int promptWidth();

    int latentChannels();

    Placement placement();

    /** The prompt as one array of rows, fp32. */
    List<float[]> prompts(List<String> texts);

    Tensor encode(Tensor pictures);

    /** What the denoiser derives from a prompt alone, kept until closed. Used by one thread at a time. */
    Guidance guidance(float[] prompt);

    /** The clean latents that the denoiser sees in {@code noisy}, row by row with the noise level and prompt of each. */
    Tensor denoise(Tensor noisy, double[] sigmas, List<Guidance> guidance);

    Tensor decode(Tensor latents);

    @Override
    void close();

    /** A prompt as the denoiser takes it. */
    interface Guidance extends AutoCloseable {
        @Override
        void close();
    }
}
