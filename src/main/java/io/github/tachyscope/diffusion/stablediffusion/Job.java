package io.github.tachyscope.diffusion.stablediffusion;

import io.github.tachyscope.diffusion.PreviewMethod;
import io.github.tachyscope.diffusion.sd.model.Pictures;
import io.github.tachyscope.diffusion.sd.model.PromptWish;
import io.github.tachyscope.diffusion.sd.model.Scales;
import io.github.tachyscope.diffusion.sd.model.TextKey;
import io.github.tachyscope.diffusion.sd.sampling.SigmaSampler;
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

    record Encode(PictureChunk chunk, VideoFrame frame, Pictures pictures) implements Job {}

    /**
     * A call of the denoiser.
     *
     * @param state empty before the first one
     * @param picture that is made anew; empty for one of nothing
     * @param guidance scale; 1 for none
     */
    record Denoise(
            PictureChunk chunk,
            PicturePlan plan,
            Optional<SigmaSampler.State> state,
            Optional<Tensor> picture,
            PromptWish.Embeddings prompts,
            double guidance,
            Scales scales,
            DenoiserMemory memory)
            implements Job {
        boolean guided() {
            return guidance != 1;
        }
    }

    /** @param latents empty for a picture of nothing that no step was made for */
    record Decode(PictureChunk chunk, Optional<Tensor> latents, Pictures pictures, DenoiserMemory memory)
            implements Job {}

    /** @param estimate kept, since the next denoising step may end first; let go of when this one ends */
    record Preview(PictureChunk chunk, Tensor estimate, PreviewMethod method, Pictures pictures) implements Job {}
}
