package io.github.tachyscope.api.jobs;

import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.session.job.JobNews;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobState;
import io.github.tachyscope.store.ResultFile;
import java.time.Duration;
import java.util.Optional;
import org.apache.pekko.NotUsed;
import org.apache.pekko.japi.function.Predicate;
import org.apache.pekko.stream.javadsl.FileIO;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * The video of a job as it is made: fragmented MP4 from its first frame on. A job that does not complete breaks the
 * stream off, so that nobody takes a part for the whole.
 */
public final class JobVideo {
    /** How long nothing may come before a box without content is sent, which keeps proxies and our own idle timer calm. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);

    /** Players skip it (ISO/IEC 14496-12, section 8.1.2). */
    private static final ByteString FREE_BOX = ByteString.fromArray(new byte[] {0, 0, 0, 8, 'f', 'r', 'e', 'e'});

    private static final String MP4 = "video/mp4";

    private JobVideo() {}

    /** The job did not complete; nobody sees the text. */
    private static final class BrokenOff extends RuntimeException {
        private static final long serialVersionUID = 1;

        BrokenOff() {
            super("the job did not complete", null, false, false);
        }
    }

    /** The video of a job that waits, runs or is complete; waits for its first frame. To be run once. */
    public static Source<ByteString, NotUsed> of(JobDesk desk, String id) {
        return once(desk, id, news -> news instanceof JobNews.Started || news instanceof JobNews.Ended)
                .flatMapConcat(
                        news -> news instanceof JobNews.Ended ended ? whole(desk, ended.job()) : growing(desk, id))
                // What grows is added fragment by fragment: where it pauses for so long, a box has ended.
                .keepAlive(KEEP_ALIVE, () -> FREE_BOX);
    }

    private static Source<JobNews, NotUsed> once(JobDesk desk, String id, Predicate<JobNews> wanted) {
        return desk.watch(id)
                .filter(wanted)
                .take(1)
                .orElse(Source.lazySource(() -> Source.completionStage(desk.find(id))
                        .map(found -> (JobNews) new JobNews.Ended(found.orElseThrow(BrokenOff::new)))));
    }

    private static Source<ByteString, NotUsed> growing(JobDesk desk, String id) {
        Source<Job, NotUsed> ended =
                once(desk, id, JobNews.Ended.class::isInstance).map(news -> ((JobNews.Ended) news).job());
        return Source.completionStageSource(desk.live(id)
                        .thenApply(live -> live.map(bytes -> bytes.concatLazy(Source.lazySource(
                                        () -> ended.flatMapConcat(job -> job.state() == JobState.COMPLETED
                                                ? Source.<ByteString>empty()
                                                : Source.failed(new BrokenOff())))))
                                // It has ended meanwhile, or too many read it.
                                .orElseGet(() -> ended.flatMapConcat(job -> whole(desk, job)))))
                .mapMaterializedValue(none -> NotUsed.getInstance());
    }

    private static Source<ByteString, NotUsed> whole(JobDesk desk, Job job) {
        Optional<ResultFile> video = job.files().stream()
                .filter(file -> file.mediaType().equals(MP4))
                .findFirst();
        if (video.isEmpty()) {
            return Source.failed(new BrokenOff());
        }
        return Source.completionStageSource(desk.file(job, video.get())
                        .thenApply(file -> FileIO.fromPath(file.orElseThrow(BrokenOff::new))))
                .mapMaterializedValue(none -> NotUsed.getInstance());
    }
}
