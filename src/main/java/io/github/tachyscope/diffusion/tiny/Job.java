package io.github.tachyscope.diffusion.tiny;

import io.github.tachyscope.diffusion.PreviewMethod;
import io.github.tachyscope.frame.VideoFrame;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * What one step of one generation reads, fixed when it begins. The tensors in it stay as they are until the step has
 * ended.
 */
sealed interface Job {
    record Texts(List<String> texts) implements Job {}

    /**
     * @param previous the picture before, there if motion is to be measured
     * @param keep whether the picture is needed as the previous one of the next
     */
    record Encode(TinyChunk chunk, VideoFrame frame, Optional<Tensor> previous, boolean keep) implements Job {}

    /**
     * @param latents where the step starts: the camera, the result of the step before, or the frame before; empty for
     *     nothing but noise
     * @param mean temporal mean of the camera before this frame; there if this step has to go on with it
     * @param smoothing share of the mean
     * @param step position in the frame, from 0
     * @param position of the noise on its walk; empty where it stands still
     * @param memory caches of the generation that denoising steps alone touch
     */
    record Denoise(
            TinyChunk chunk,
            Optional<Tensor> latents,
            Optional<Tensor> mean,
            double smoothing,
            int step,
            double sigma,
            long seed,
            Optional<Double> position,
            float[] prompt,
            DenoiserMemory memory)
            implements Job {}

    record Decode(TinyChunk chunk, Tensor latents) implements Job {}

    /** @param latents kept, since the next denoising step may end first; let go of when this one ends */
    record Preview(TinyChunk chunk, Tensor latents, PreviewMethod method) implements Job {}
}
