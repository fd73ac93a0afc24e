package io.github.tachyscope.session;

import io.github.tachyscope.config.ConfigLoader;
import io.github.tachyscope.config.Settings;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.rtc.RtcEndpoint;
import io.github.tachyscope.schedule.Scheduler;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorRef;

/** What a session needs, with a port of its own and whatever stands in for the other actors. */
final class SessionFixture implements AutoCloseable {
    final Settings settings;
    final RtcEndpoint rtc;
    private final MediaClock clock = MediaClock.system();

    /** @param overrides settings by path */
    SessionFixture(Map<String, String> overrides) throws Exception {
        Path nowhere = Path.of("target", "no-models").toAbsolutePath();
        Map<String, String> options = new HashMap<>(Map.of(
                "tachyscope.storage.models-dir", nowhere.toString(),
                "tachyscope.storage.assets-dir", nowhere.toString(),
                "tachyscope.storage.media-dir", nowhere.toString(),
                "tachyscope.jobs.dir", nowhere.toString()));
        options.putAll(overrides);
        settings = ConfigLoader.load(new ConfigLoader.Sources(options, Optional.empty(), Map.of(), Map.of(), nowhere))
                .settings();
        rtc = RtcEndpoint.start(settings.rtc(), "127.0.0.1", clock);
    }

    SessionParts parts(ActorRef<Scheduler.Command> scheduler, ActorRef<PipelineRegistry.Command> pipelines) {
        return new SessionParts(settings, clock, rtc, scheduler, pipelines, new AtomicLong());
    }

    @Override
    public void close() {
        rtc.close();
    }
}
