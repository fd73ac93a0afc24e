package io.github.tachyscope.diffusion.stablediffusion;

import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.diffusion.sd.blend.HeapEmbedding;
import io.github.tachyscope.diffusion.sd.model.TextKey;
import io.github.tachyscope.diffusion.sd.sampling.SigmaSampler;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** What each kind of step gives. Its tensors are kept and belong to whoever commits or discards it. */
sealed interface Computed extends StepResult {
    @Override
    default List<VideoFrame> frames() {
        return List.of();
    }

    record Texts(Map<TextKey, HeapEmbedding> texts) implements Computed {}

    record Encoded(Job.Encode job, Tensor latents) implements Computed {
        @Override
        public void discard() {
            TensorScope.release(latents);
        }
    }

    /** @param estimate of the clean latents */
    record Denoised(Job.Denoise job, SigmaSampler.State state, Tensor estimate) implements Computed {
        /** Takes hold of the tensors. */
        static Denoised keeping(Job.Denoise job, SigmaSampler.State state, Tensor estimate) {
            state.tensors().forEach(TensorScope::keep);
            return new Denoised(job, state, TensorScope.keep(estimate));
        }

        @Override
        public void discard() {
            state.tensors().forEach(TensorScope::release);
            TensorScope.release(estimate);
        }
    }

    record Decoded(Job.Decode job, @Override List<VideoFrame> frames) implements Computed {
        @Override
        public void discard() {
            frames.forEach(VideoFrame::release);
        }
    }

    record Seen(@Override List<VideoFrame> previews) implements Computed {
        @Override
        public void discard() {
            previews.forEach(VideoFrame::release);
        }
    }
}
