package io.github.tachyscope.diffusion.synthetic;

import io.github.tachyscope.diffusion.PromptTrack;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.VideoFrame;
import java.util.List;

/** What each kind of step gives. */
sealed interface Computed extends StepResult {
    @Override
    default List<VideoFrame> frames() {
        return List.of();
    }

    record Prompt(PromptTrack track) implements Computed {}

    /**
     * @param encoded brightness of the last input frame as a field
     * @param motion greatest RMS difference between neighbouring frames
     */
    record Image(float[] encoded, double motion) implements Computed {}

    record Latents(float[] latents) implements Computed {}

    record Seen(@Override List<VideoFrame> previews) implements Computed {}

    record Pictures(@Override List<VideoFrame> frames) implements Computed {
        @Override
        public void discard() {
            frames.forEach(VideoFrame::release);
        }
    }
}
