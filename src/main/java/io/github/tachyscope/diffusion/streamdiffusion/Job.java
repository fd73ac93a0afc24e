package io.github.tachyscope.diffusion.streamdiffusion;

import io.github.tachyscope.diffusion.sd.model.PromptWish;
import io.github.tachyscope.diffusion.sd.model.Scales;
import io.github.tachyscope.diffusion.sd.model.TextKey;
import io.github.tachyscope.diffusion.sd.sampling.SimilarFrames;
import io.github.tachyscope.diffusion.sd.sampling.StreamSettings;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.VideoFrame;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * What one step of one generation reads, fixed when it begins. The tensors in it stay as they are until the step has
 * ended.
 */
sealed interface Job {
    record Texts(List<TextKey> keys) implements Job {}

    /** @param filter there if similar frames are skipped */
    record Encode(StreamChunk chunk, List<VideoFrame> frames, Optional<Filter> filter) implements Job {}

    /** @param uniform random number in [0, 1) that decides */
    record Filter(SimilarFrames memory, double uniform) {}

    /** What every call of the denoiser needs. */
    record Drive(
            Plan plan,
            StreamSettings settings,
            PromptWish.Embeddings prompts,
            Scales scales,
            DenoiserMemory memory,
            PictureSize size,
            int frames) {}

    /**
     * A call of the stream.
     *
     * @param stream empty before the first one
     * @param latents that enter; empty for noise
     */
    record Call(StreamChunk chunk, Optional<Stream> stream, Optional<Tensor> latents, Drive drive) implements Job {}

    /**
     * A step of a chunk that goes alone.
     *
     * @param latents the camera's, or the result of the step before; empty to begin with noise
     * @param virtual noise of the step before
     * @param freshNoise whether every picture has noise of its own
     */
    record Step(
            StreamChunk chunk,
            int step,
            Optional<Tensor> latents,
            Optional<Tensor> virtual,
            boolean freshNoise,
            Drive drive)
            implements Job {}

    /** @param remember whether the pictures may be shown again */
    record Decode(StreamChunk chunk, Tensor latents, boolean remember) implements Job {}

    /** @param shown the last pictures */
    record Repeat(StreamChunk chunk, List<byte[]> shown) implements Job {}
}
