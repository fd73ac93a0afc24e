package io.github.tachyscope.session.job;

import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.store.Job;
import java.util.List;
import java.util.Optional;

/** What happens to a job, as those are told who watch it. */
public sealed interface JobNews {

    /** It waits behind so many others. */
    record Waiting(int before) implements JobNews {}

    /**
     * The run of a plan is open. Comes again when another attempt at it begins.
     *
     * @param plan from 0
     * @param totalChunks of this plan
     */
    record Started(int plan, long totalChunks) implements JobNews {}

    /**
     * A step is done.
     *
     * @param kind of that step
     * @param stepsDone over all plans
     * @param stepsTotal over all plans; 0 as long as nobody knows it
     */
    record Stepped(int plan, StepKind kind, int stepsDone, int stepsTotal) implements JobNews {}

    /**
     * What the pictures look like so far; only the newest counts.
     *
     * @param stepsDone over all plans
     * @param stepsTotal over all plans; 0 as long as nobody knows it
     * @param jpegs the first picture, or one for each frame of the latent
     */
    record Previewed(int plan, int stepsDone, int stepsTotal, List<byte[]> jpegs) implements JobNews {
        public Previewed {
            jpegs = List.copyOf(jpegs);
        }
    }

    /**
     * A chunk is there.
     *
     * @param chunk of the plan, from 0
     * @param seconds since the one before it, or since the start
     * @param previewJpeg its first picture, small
     */
    record ChunkMade(int plan, long chunk, long totalChunks, int frames, double seconds, Optional<byte[]> previewJpeg)
            implements JobNews {}

    /** It has ended, or was removed; the last news. */
    record Ended(Job job) implements JobNews {}
}
