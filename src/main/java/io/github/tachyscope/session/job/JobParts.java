package io.github.tachyscope.session.job;

import io.github.tachyscope.config.Settings;
import io.github.tachyscope.config.WorkerSettings;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.media.InputLimits;
import io.github.tachyscope.metrics.Metrics;
import io.github.tachyscope.schedule.Scheduler;
import io.github.tachyscope.session.PipelineRegistry;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What every job needs of the server.
 *
 * @param runNumbers source of run ids, shared with the live sessions
 */
public record JobParts(
        Settings settings,
        MediaClock clock,
        ActorRef<Scheduler.Command> scheduler,
        ActorRef<PipelineRegistry.Command> pipelines,
        Metrics metrics,
        AtomicLong runNumbers) {
    /** What files from clients may be. */
    InputLimits limits() {
        WorkerSettings workers = settings.workers();
        return new InputLimits(
                workers.maxInputBytes(),
                workers.maxInputSide(),
                workers.maxInputSide(),
                workers.maxInputFrames(),
                workers.maxInputDuration());
    }

    RunId nextRunId() {
        return new RunId(runNumbers.incrementAndGet());
    }
}
