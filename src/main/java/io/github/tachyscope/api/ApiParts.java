package io.github.tachyscope.api;

import io.github.tachyscope.config.Settings;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.schedule.Scheduler;
import io.github.tachyscope.schedule.Timeline;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorSystem;

/**
 * What the shared endpoints need.
 *
 * @param notReady why the server is not ready; empty when it is
 * @param metrics in the Prometheus text format
 * @param timeline the steps that ran lately
 * @param costs what steps cost
 * @param clock of the timeline
 * @param host as it is now
 */
public record ApiParts(
        ActorSystem<?> system,
        Settings settings,
        BuildInfo build,
        Supplier<List<String>> notReady,
        Supplier<String> metrics,
        Timeline timeline,
        Supplier<CompletionStage<Scheduler.Costs>> costs,
        MediaClock clock,
        Supplier<HostInfo> host) {}
