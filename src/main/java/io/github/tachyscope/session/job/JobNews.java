package io.github.tachyscope.session.job;

import io.github.tachyscope.store.Job;
import java.util.Optional;

/** What happens to a job, as those are told who watch it. */
public sealed interface JobNews {

    /** It waits behind so many others. */
    record Waiting(int before) implements JobNews {}

    /** Its run is open. Comes again when another attempt begins. */
    record Started(long totalChunks) implements JobNews {}

    /** Steps are done; the total is 0 as long as nobody knows it. */
    record Stepped(int stepsDone, int stepsTotal) implements JobNews {}

    /**
     * A chunk is there.
     *
     * @param chunk from 0
     * @param seconds since the one before it, or since the start
     * @param previewJpeg its first picture, small
     */
    record ChunkMade(long chunk, long totalChunks, int frames, double seconds, Optional<byte[]> previewJpeg)
            implements JobNews {}

    /** It has ended, or was removed; the last news. */
    record Ended(Job job) implements JobNews {}
}
