package io.github.tachyscope.exec;

import io.github.tachyscope.config.RestartSettings;
import io.github.tachyscope.exec.Executor.Command;
import io.github.tachyscope.frame.MediaClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.BehaviorBuilder;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * One device and its life. Lane threads compute, this actor's thread commits.
 *
 * <pre>
 *   working --StepOverdue--> stuck (all runs lost) --last step returns--> working
 *   stuck --GraceOver, any --something was thrown--> down (all runs lost) --BackoffOver, steps over or left behind-->
 *       reloading --pipelines there--> working
 *   instead of down, after too many failures or threads left behind: given up
 * </pre>
 *
 * <p>Everything that may be broken after a failure is an {@link Incarnation} and made anew; what should be loaded, the
 * listener and the counters of failures stay here.
 */
final class DeviceHost {
    /**
     * @param slots threads of the device, 1 to 3
     * @param watchdog a step that takes longer makes the device stuck
     */
    record Setup(Device device, int slots, Duration watchdog, RestartSettings restart, MediaClock clock) {}

    /** How long the threads may take to end when the actor stops. */
    private static final long STOP_MILLIS = 2_000;

    private static final String SILENT = "the device does not respond";
    private static final String RESTARTS = "the device has failed and restarts";
    private static final String HANG = "too many threads hang";
    private static final String GIVEN_UP = "the device has failed too often and was given up";

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final Setup setup;
    private final RememberedPipelines remembered;
    private final Restarts restarts;
    private final LeftBehind leftBehind = new LeftBehind();

    private ActorRef<Executor.Event> listener;
    private Incarnation now;
    private long numbers;

    private DeviceHost(ActorContext<Command> context, TimerScheduler<Command> timers, Setup setup) {
        this.context = context;
        this.timers = timers;
        this.setup = setup;
        this.remembered = new RememberedPipelines(context.getSystem().ignoreRef());
        this.restarts = new Restarts(setup.restart(), setup.clock().micros());
        this.listener = context.getSystem().ignoreRef();
        this.now = incarnate();
    }

    static Behavior<Command> create(Setup setup) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            context.setLoggerName(DeviceHost.class);
            DeviceHost host = new DeviceHost(context, timers, setup);
            return Behaviors.intercept(() -> new Guard(host::crashed), host.working());
        }));
    }

    private Incarnation incarnate() {
        LaneThreads threads = new LaneThreads(setup.device(), setup.slots());
        return new Incarnation(
                threads,
                new LoadedPipelines(context, timers, setup.device(), this::tell, this::loadEnded, this::number),
                new HostedRuns(setup.device(), this::tell),
                new Flights(threads, setup.slots(), setup.clock(), setup.watchdog(), timers, this::number),
                context.getSelf(),
                setup.clock(),
                this::tell);
    }

    private long number() {
        return ++numbers;
    }

    private void tell(Executor.Event event) {
        listener.tell(event);
    }

    // The first handler that fits a message gets it: those of a state come before those that it has in common with
    // others.

    private Behavior<Command> working() {
        return common(BehaviorBuilder.<Command>create()
                        .onMessage(Executor.Attach.class, attach -> attach(attach, Optional.empty()))
                        .onMessage(Executor.Load.class, this::load)
                        .onMessage(Executor.Open.class, open -> {
                            now.runs.open(open, now.pipelines.find(open.pipelineKey()), freeBytes());
                            return Behaviors.same();
                        })
                        .onMessage(Executor.Run.class, run -> {
                            now.run(run);
                            return Behaviors.same();
                        })
                        .onMessage(
                                Executor.BatchEnded.class,
                                ended -> now.commit(ended) ? Behaviors.same() : discard(ended))
                        .onMessage(Executor.StepOverdue.class, this::stick))
                .build();
    }

    private Behavior<Command> stuck() {
        return closed(
                        SILENT,
                        new Executor.DeviceStuck(context.getSelf(), List.of()),
                        BehaviorBuilder.<Command>create()
                                .onMessage(Executor.BatchEnded.class, ended -> {
                                    discard(ended);
                                    return now.flights.isEmpty() ? recover() : Behaviors.same();
                                })
                                .onMessage(Executor.GraceOver.class, over -> fail("a step does not return", true)))
                .build();
    }

    /**
     * Waits for the end of the back-off, and for the steps of the last incarnation.
     *
     * @param rested whether the former is over
     * @param cleared whether the latter is
     */
    private Behavior<Command> down(boolean rested, boolean cleared) {
        if (rested && cleared) {
            return restart();
        }
        return closed(
                        RESTARTS,
                        new Executor.DeviceDown(context.getSelf(), List.of(), RESTARTS, false),
                        BehaviorBuilder.<Command>create()
                                .onMessage(Executor.BatchEnded.class, ended -> {
                                    discard(ended);
                                    return cleared || !now.flights.isEmpty() ? Behaviors.same() : down(rested, true);
                                })
                                .onMessage(Executor.GraceOver.class, over -> {
                                    leaveBehind();
                                    return tooManyLeft() ? giveUp(List.of(), HANG) : down(rested, true);
                                })
                                .onMessage(Executor.BackoffOver.class, over -> down(true, cleared)))
                .build();
    }

    private Behavior<Command> reloading() {
        return closed(
                        RESTARTS,
                        new Executor.DeviceDown(context.getSelf(), List.of(), RESTARTS, false),
                        BehaviorBuilder.<Command>create()
                                .onMessage(Executor.Load.class, this::load)
                                .onMessage(Executor.LoadEnded.class, ended -> {
                                    now.pipelines.takeIn(ended);
                                    return reloaded();
                                })
                                .onMessage(Executor.LoadOverdue.class, overdue -> {
                                    now.pipelines.giveUp(overdue);
                                    return reloaded();
                                })
                                .onMessage(Executor.Unload.class, unload -> {
                                    unload(unload);
                                    return reloaded();
                                }))
                .build();
    }

    private Behavior<Command> givenUp() {
        return closed(
                        GIVEN_UP,
                        new Executor.DeviceDown(context.getSelf(), List.of(), GIVEN_UP, true),
                        BehaviorBuilder.<Command>create().onMessage(Executor.Load.class, load -> {
                            load.replyTo().tell(new Executor.LoadFailed(load.pipelineKey(), named(GIVEN_UP)));
                            return Behaviors.same();
                        }))
                .build();
    }

    /**
     * A state in which nothing runs. A pipeline that is asked for meanwhile is loaded when the device works again.
     *
     * @param trouble told to a listener that comes now
     */
    private BehaviorBuilder<Command> closed(String why, Executor.Event trouble, BehaviorBuilder<Command> own) {
        return common(own.onMessage(Executor.Attach.class, attach -> attach(attach, Optional.of(trouble)))
                .onMessage(Executor.Load.class, load -> {
                    if (!remembered.knows(load.pipelineKey())) {
                        remembered.add(load, true);
                    }
                    load.replyTo().tell(new Executor.LoadFailed(load.pipelineKey(), named(why)));
                    return Behaviors.same();
                })
                .onMessage(Executor.Open.class, open -> {
                    tell(new Executor.OpenRefused(open.runId(), named(why), true));
                    return Behaviors.same();
                })
                .onMessage(Executor.Run.class, stale -> Behaviors.same())
                .onMessage(Executor.StepOverdue.class, stale -> Behaviors.same())
                .onMessage(Executor.BatchEnded.class, this::discard));
    }

    private BehaviorBuilder<Command> common(BehaviorBuilder<Command> own) {
        return own.onMessage(Executor.Unload.class, this::unload)
                .onMessage(Executor.LoadEnded.class, ended -> {
                    now.pipelines.takeIn(ended);
                    return Behaviors.same();
                })
                .onMessage(Executor.LoadOverdue.class, overdue -> {
                    now.pipelines.giveUp(overdue);
                    return Behaviors.same();
                })
                .onMessage(Executor.Patch.class, patch -> {
                    now.patch(patch);
                    return Behaviors.same();
                })
                .onMessage(Executor.Economize.class, economize -> {
                    now.economize(economize);
                    return Behaviors.same();
                })
                .onMessage(Executor.Feed.class, feed -> {
                    now.feed(feed);
                    return Behaviors.same();
                })
                .onMessage(Executor.Drop.class, drop -> {
                    now.drop(drop);
                    return Behaviors.same();
                })
                .onMessage(Executor.Close.class, close -> {
                    now.runs.close(close.runId());
                    return Behaviors.same();
                })
                .onMessage(Executor.GraceOver.class, stale -> Behaviors.same())
                .onMessage(Executor.BackoffOver.class, stale -> Behaviors.same())
                .onSignal(PostStop.class, signal -> releaseAll());
    }

    // --- failing and coming back -------------------------------------------------------------------------------------

    private Behavior<Command> stick(Executor.StepOverdue overdue) {
        Optional<Flights.Flight> flight = now.flights.find(overdue.number());
        if (flight.isEmpty()) {
            return Behaviors.same();
        }
        context.getLog()
                .error(
                        "device {}: a step on lane {} takes longer than {}",
                        setup.device().name(),
                        flight.get().lane(),
                        setup.watchdog());
        List<RunId> lost = now.runs.ids();
        now.loseRuns();
        tell(new Executor.DeviceStuck(context.getSelf(), lost));
        if (now.flights.isEmpty()) {
            return recover();
        }
        timers.startSingleTimer(Executor.GraceOver.INSTANCE, setup.restart().grace());
        return stuck();
    }

    private Behavior<Command> recover() {
        timers.cancel(Executor.GraceOver.INSTANCE);
        context.getLog().warn("device {} responds again", setup.device().name());
        tell(new Executor.DeviceRecovered(context.getSelf()));
        loadMissing();
        return working();
    }

    private Behavior<Command> crashed(Throwable broken) {
        context.getLog().error("device {} has failed", setup.device().name(), broken);
        return fail("an internal error, see the log", false);
    }

    /** @param graceOver whether steps that are under way had their time already */
    private Behavior<Command> fail(String reason, boolean graceOver) {
        List<RunId> lost = now.runs.ids();
        now.end();
        timers.cancel(Executor.GraceOver.INSTANCE);
        timers.cancel(Executor.BackoffOver.INSTANCE);
        if (graceOver) {
            leaveBehind();
        }
        Optional<Duration> pause = restarts.failed(setup.clock().micros());
        if (pause.isEmpty() || tooManyLeft()) {
            return giveUp(lost, pause.isEmpty() ? reason : HANG);
        }
        context.getLog()
                .warn(
                        "device {}: {}; {} runs are lost, next start in {}",
                        setup.device().name(),
                        reason,
                        lost.size(),
                        pause.get());
        tell(new Executor.DeviceDown(context.getSelf(), lost, reason, false));
        timers.startSingleTimer(Executor.BackoffOver.INSTANCE, pause.get());
        boolean cleared = graceOver || now.flights.isEmpty();
        if (!cleared) {
            timers.startSingleTimer(Executor.GraceOver.INSTANCE, setup.restart().grace());
        }
        return down(false, cleared);
    }

    /** Waits no longer for the steps of the last incarnation; what they hold is freed when they return. */
    private void leaveBehind() {
        leftBehind.add(now);
        if (leftBehind.threads() > 0) {
            context.getLog()
                    .error(
                            "device {}: {} threads hang and were abandoned",
                            setup.device().name(),
                            leftBehind.threads());
        }
    }

    private boolean tooManyLeft() {
        return leftBehind.threads() > setup.restart().abandonedThreads();
    }

    private Behavior<Command> giveUp(List<RunId> lost, String reason) {
        context.getLog().error("device {} is given up: {}", setup.device().name(), reason);
        tell(new Executor.DeviceDown(context.getSelf(), lost, reason, true));
        for (Executor.Load waiting : remembered.forgetAll()) {
            waiting.replyTo().tell(new Executor.LoadFailed(waiting.pipelineKey(), named(GIVEN_UP)));
        }
        return givenUp();
    }

    private Behavior<Command> restart() {
        now = incarnate();
        loadMissing();
        return reloaded();
    }

    private void loadMissing() {
        for (Executor.Load load : remembered.loads()) {
            String key = load.pipelineKey();
            if (now.pipelines.find(key).isEmpty() && !now.pipelines.isLoading(key)) {
                now.pipelines.load(load, freeBytes());
            }
        }
    }

    /** Works again once everything is there that was there before; what is there for the first time may come later. */
    private Behavior<Command> reloaded() {
        boolean complete = true;
        for (String key : remembered.proven()) {
            if (now.pipelines.find(key).isEmpty()) {
                if (!now.pipelines.isLoading(key)) {
                    return fail("the pipeline " + key + " could not be loaded again", false);
                }
                complete = false;
            }
        }
        if (!complete) {
            return reloading();
        }
        context.getLog().warn("device {} works again", setup.device().name());
        restarts.works(setup.clock().micros());
        attached();
        return working();
    }

    // --- what others ask for -----------------------------------------------------------------------------------------

    private Behavior<Command> attach(Executor.Attach attach, Optional<Executor.Event> trouble) {
        listener = attach.listener();
        attached();
        trouble.ifPresent(this::tell);
        return Behaviors.same();
    }

    private void attached() {
        tell(new Executor.Attached(context.getSelf(), setup.device(), setup.slots(), now.pipelines.specs()));
    }

    private Behavior<Command> load(Executor.Load load) {
        String key = load.pipelineKey();
        if (remembered.knows(key)) {
            load.replyTo().tell(new Executor.LoadFailed(key, "a pipeline with this key is loaded or loading already"));
        } else {
            remembered.add(load, false);
            now.pipelines.load(load, freeBytes());
        }
        return Behaviors.same();
    }

    private void loadEnded(Executor.LoadReply reply) {
        if (reply instanceof Executor.Loaded loaded) {
            remembered.loaded(loaded.pipelineKey());
        } else if (reply instanceof Executor.LoadFailed failed) {
            remembered.failed(failed.pipelineKey());
        }
    }

    private Behavior<Command> unload(Executor.Unload unload) {
        String key = unload.pipelineKey();
        now.pipelines.unload(key);
        remembered
                .forget(key)
                .ifPresent(waiting ->
                        waiting.replyTo().tell(new Executor.LoadFailed(key, "unloaded before it was loaded")));
        return Behaviors.same();
    }

    private long freeBytes() {
        return setup.device().memoryBytes()
                - now.pipelines.weightsBytes()
                - now.runs.sessionBytes()
                - leftBehind.weightsBytes();
    }

    /** Frees what a step computed that nobody waits for any more. */
    private Behavior<Command> discard(Executor.BatchEnded ended) {
        now.flights.discard(ended.number());
        leftBehind.discard(ended.number());
        return Behaviors.same();
    }

    private Behavior<Command> releaseAll() {
        boolean ended = now.close(STOP_MILLIS);
        if (!leftBehind.close() || !ended) {
            context.getLog()
                    .error(
                            "device {}: a step did not end; its memory is not freed",
                            setup.device().name());
        }
        return Behaviors.same();
    }

    /** {@code text} with the name of the device in it. */
    private String named(String text) {
        return text.replaceFirst("the device", "the device " + setup.device().name());
    }
}
