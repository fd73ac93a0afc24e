package io.github.tachyscope.session;

import io.github.tachyscope.config.Settings;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.metrics.Metrics;
import io.github.tachyscope.rtc.RtcEndpoint;
import io.github.tachyscope.schedule.Scheduler;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What every session needs of the server.
 *
 * @param metrics for what sessions measure
 * @param runNumbers source of run ids, shared by all sessions
 */
public record SessionParts(
        Settings settings,
        MediaClock clock,
        RtcEndpoint rtc,
        ActorRef<Scheduler.Command> scheduler,
        ActorRef<PipelineRegistry.Command> pipelines,
        Metrics metrics,
        AtomicLong runNumbers) {
    /** With meters that nobody reads. */
    public SessionParts(
            Settings settings,
            MediaClock clock,
            RtcEndpoint rtc,
            ActorRef<Scheduler.Command> scheduler,
            ActorRef<PipelineRegistry.Command> pipelines,
            AtomicLong runNumbers) {
        this(settings, clock, rtc, scheduler, pipelines, Metrics.unread(clock::micros), runNumbers);
    }

    RunId nextRunId() {
        return new RunId(runNumbers.incrementAndGet());
    }
}
