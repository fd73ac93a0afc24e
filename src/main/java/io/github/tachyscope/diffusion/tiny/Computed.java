package io.github.tachyscope.diffusion.tiny;

import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** What each kind of step gives. Its tensors are kept and belong to whoever commits or discards it. */
sealed interface Computed extends StepResult {
    @Override
    default List<VideoFrame> frames() {
        return List.of();
    }

    /** @param prompts by text */
    record Prompts(Map<String, float[]> prompts) implements Computed {}

    /**
     * @param latents of the camera
     * @param picture there if the next picture's motion will be measured against it
     * @param motion RMS difference to the previous picture in units of the range -1 to 1
     */
    record Encoded(Job.Encode job, Tensor latents, Optional<Tensor> picture, double motion) implements Computed {
        @Override
        public void discard() {
            TensorScope.release(latents);
            picture.ifPresent(TensorScope::release);
        }
    }

    /** @param mean new temporal mean of the camera, there if it is wanted and this was the first step of a frame */
    record Denoised(Job.Denoise job, Tensor latents, Optional<Tensor> mean) implements Computed {
        @Override
        public void discard() {
            TensorScope.release(latents);
            mean.ifPresent(TensorScope::release);
        }
    }

    record Seen(@Override List<VideoFrame> previews) implements Computed {
        @Override
        public void discard() {
            previews.forEach(VideoFrame::release);
        }
    }

    record Decoded(Job.Decode job, @Override List<VideoFrame> frames) implements Computed {
        @Override
        public void discard() {
            frames.forEach(VideoFrame::release);
        }
    }
}
