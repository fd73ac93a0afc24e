package io.github.tachyscope.diffusion.streamdiffusion;

import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.diffusion.sd.blend.HeapEmbedding;
import io.github.tachyscope.diffusion.sd.model.TextKey;
import io.github.tachyscope.diffusion.sd.sampling.SimilarFrames;
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

    record Texts(Map<TextKey, HeapEmbedding> texts) implements Computed {}

    /**
     * @param latents empty if the frame is skipped
     * @param seen what the filter has to remember
     */
    record Encoded(Job.Encode job, Optional<Tensor> latents, Optional<Seen> seen) implements Computed {
        @Override
        public void discard() {
            latents.ifPresent(TensorScope::release);
        }
    }

    /** A frame as the filter saw it. */
    record Seen(float[] frame, SimilarFrames.Decision decision) {}

    /** @param latents that left the stream */
    record Called(Job.Call job, Stream stream, Tensor latents) implements Computed {
        @Override
        public void discard() {
            stream.close();
            TensorScope.release(latents);
        }
    }

    record Stepped(Job.Step job, Tensor latents, Optional<Tensor> virtual) implements Computed {
        @Override
        public void discard() {
            TensorScope.release(latents);
            virtual.ifPresent(TensorScope::release);
        }
    }

    /** @param remembered copies of the pictures where they may be shown again */
    record Decoded(Job.Decode job, @Override List<VideoFrame> frames, Optional<List<byte[]>> remembered)
            implements Computed {
        @Override
        public void discard() {
            frames.forEach(VideoFrame::release);
        }
    }

    record Repeated(Job.Repeat job, @Override List<VideoFrame> frames) implements Computed {
        @Override
        public void discard() {
            frames.forEach(VideoFrame::release);
        }
    }
}
