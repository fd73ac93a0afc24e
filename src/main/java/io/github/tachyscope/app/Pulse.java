package io.github.tachyscope.app;

import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.metrics.Metrics;
import io.github.tachyscope.schedule.Scheduler;
import io.github.tachyscope.session.PipelineRegistry;
import io.github.tachyscope.session.Sessions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.japi.function.Function;

/**
 * Asks scheduler, pipelines and sessions how they are, twice a second, so that readiness and gauges can be read without
 * waiting. An actor that has not answered lately makes the server not ready.
 */
final class Pulse implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofMillis(500);

    /** An answer older than this says nothing any more. */
    private static final long STALE_MICROS = 5_000_000;

    private record Answer<T>(T value, long atMicros) {}

    private final ActorSystem<?> system;
    private final MediaClock clock;
    private final Cancellable ticks;
    private volatile Answer<Scheduler.Load> engine;
    private volatile Answer<PipelineRegistry.Status> pipelines;
    private volatile Answer<Sessions.Description> sessions;

    private Pulse(ActorSystem<?> system, Guardian.Actors actors, MediaClock clock, Metrics metrics) {
        this.system = system;
        this.clock = clock;
        long never = clock.micros() - 2 * STALE_MICROS;
        this.engine = new Answer<>(new Scheduler.Load(0, 0, List.of()), never);
        this.pipelines = new Answer<>(
                new PipelineRegistry.Status(
                        PipelineRegistry.State.NOT_LOADED,
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                never);
        this.sessions = new Answer<>(new Sessions.Description(Map.of(), 0, false), never);
        metrics.registry()
                .gauge(
                        "tachyscope_live_sessions",
                        this,
                        pulse -> pulse.sessions.value().sessions().size());
        this.ticks = system.scheduler()
                .scheduleWithFixedDelay(Duration.ZERO, PERIOD, () -> beat(actors), system.executionContext());
    }

    static Pulse start(ActorSystem<?> system, Guardian.Actors actors, MediaClock clock, Metrics metrics) {
        return new Pulse(system, actors, clock, metrics);
    }

    private void beat(Guardian.Actors actors) {
        ask(actors.scheduler(), Scheduler.DescribeLoad::new)
                .thenAccept(load -> engine = new Answer<>(load, clock.micros()));
        ask(actors.pipelines(), PipelineRegistry.DescribeStatus::new)
                .thenAccept(status -> pipelines = new Answer<>(status, clock.micros()));
        ask(actors.sessions(), Sessions.Describe::new)
                .thenAccept(description -> sessions = new Answer<>(description, clock.micros()));
    }

    private <C, R> CompletionStage<R> ask(ActorRef<C> actor, Function<ActorRef<R>, C> question) {
        return AskPattern.ask(actor, question, PERIOD.multipliedBy(2), system.scheduler());
    }

    /** Why the server cannot serve now; empty when it can. */
    List<String> notReady() {
        List<String> reasons = new ArrayList<>();
        if (stale(engine) || stale(pipelines) || stale(sessions)) {
            reasons.add("a part of the server does not respond");
        } else {
            if (engine.value().devices().isEmpty()) {
                reasons.add("there is no device");
            }
            engine.value().devices().forEach(device -> device.trouble().ifPresent(reasons::add));
            if (pipelines.value().state() == PipelineRegistry.State.LOADING) {
                reasons.add("pipelines are loading");
            }
            if (sessions.value().draining()) {
                reasons.add("the server is shutting down");
            }
        }
        return reasons;
    }

    private boolean stale(Answer<?> answer) {
        return clock.micros() - answer.atMicros() > STALE_MICROS;
    }

    @Override
    public void close() {
        ticks.cancel();
    }
}
