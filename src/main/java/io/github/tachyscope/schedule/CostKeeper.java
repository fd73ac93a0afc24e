package io.github.tachyscope.schedule;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Gives the scheduler what an earlier start has measured, and keeps what this one measures: from time to time, and at the
 * end.
 *
 * <pre>
 *   keeping: tick or Save --DescribeCosts--> Costs --> file --> Saved
 * </pre>
 */
public final class CostKeeper {

    public sealed interface Command {}

    /** Keeps the costs now. The reply comes in any case. */
    public record Save(ActorRef<Saved> replyTo) implements Command {}

    /** Whatever could be kept is kept. */
    public enum Saved {
        INSTANCE
    }

    private enum Tick implements Command {
        INSTANCE
    }

    /** @param replyTo who asked, if anybody did; no costs if the scheduler did not answer */
    private record Told(Optional<Scheduler.Costs> costs, Optional<ActorRef<Saved>> replyTo) implements Command {}

    private static final Duration PERIOD = Duration.ofMinutes(3);

    private final ActorContext<Command> context;
    private final ActorRef<Scheduler.Command> scheduler;
    private final CostFile file;
    private final Duration askTimeout;
    // What is in the file: asking for the same again writes nothing.
    private List<CostModel.Measured> kept;

    private CostKeeper(
            ActorContext<Command> context, ActorRef<Scheduler.Command> scheduler, CostFile file, Duration askTimeout) {
        this.context = context;
        this.scheduler = scheduler;
        this.file = file;
        this.askTimeout = askTimeout;
        this.kept = file.read();
        scheduler.tell(new Scheduler.RestoreCosts(kept));
    }

    /** @param askTimeout longest wait for the scheduler's answer */
    public static Behavior<Command> create(ActorRef<Scheduler.Command> scheduler, CostFile file, Duration askTimeout) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new CostKeeper(context, scheduler, file, askTimeout).keeping(timers)));
    }

    /** The dispatcher to spawn it on: it waits for the disk. */
    public static DispatcherSelector dispatcher() {
        return DispatcherSelector.blocking();
    }

    private Behavior<Command> keeping(TimerScheduler<Command> timers) {
        timers.startTimerWithFixedDelay(Tick.INSTANCE, PERIOD);
        return Behaviors.receive(Command.class)
                .onMessage(Tick.class, tick -> ask(Optional.empty()))
                .onMessage(Save.class, save -> ask(Optional.of(save.replyTo())))
                .onMessage(Told.class, this::keep)
                .build();
    }

    private Behavior<Command> ask(Optional<ActorRef<Saved>> replyTo) {
        context.ask(
                Scheduler.Costs.class,
                scheduler,
                askTimeout,
                Scheduler.DescribeCosts::new,
                (costs, fault) -> new Told(Optional.ofNullable(costs), replyTo));
        return Behaviors.same();
    }

    private Behavior<Command> keep(Told told) {
        List<CostModel.Measured> costs =
                told.costs().map(Scheduler.Costs::measured).orElse(kept);
        if (!costs.equals(kept)) {
            try {
                file.write(costs);
                kept = costs;
            } catch (IOException failed) {
                context.getLog().warn("cannot keep the costs of steps in {}: {}", file, failed.toString());
            }
        }
        told.replyTo().ifPresent(waiting -> waiting.tell(Saved.INSTANCE));
        return Behaviors.same();
    }
}
