package io.github.tachyscope.session;

import io.github.tachyscope.config.Settings;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.rtc.RtcEndpoint;
import io.github.tachyscope.schedule.Scheduler;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What every session needs of the server.
 *
 * @param runNumbers source of run ids, shared by all sessions
 */
public record SessionParts(
        Settings settings,
        MediaClock clock,
        RtcEndpoint rtc,
        ActorRef<Scheduler.Command> scheduler,
        ActorRef<PipelineRegistry.Command> pipelines,
        AtomicLong runNumbers) {
    RunId nextRunId() {
        return new RunId(runNumbers.incrementAndGet());
    }
}
