package io.github.tachyscope.exec;

import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.MediaClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The batches that are under way on the threads of a device, each with a watchdog.
 *
 * <pre>
 *   launch --> under way --BatchEnded--> landed
 *                  +-- interrupt: one that had not begun is discarded at once, the others when they return
 * </pre>
 *
 * <p>Touched by the executor's thread only.
 */
final class Flights {
    private static final Logger log = LoggerFactory.getLogger(Flights.class);

    /** A run with the step that it is at. */
    record Stepping(HostedRun run, StepPlan plan) {}

    /**
     * @param taken set by whoever comes first: the thread that begins it, or the one that takes it back
     * @param done filled by the thread, so that the results of a message that nobody reads are not lost
     */
    record Flight(
            Lane lane,
            List<Stepping> batch,
            Future<?> work,
            AtomicBoolean taken,
            AtomicReference<Optional<StepBatch.Done>> done) {}

    private final LaneThreads threads;
    private final int slots;
    private final MediaClock clock;
    private final Duration watchdog;
    private final TimerScheduler<Executor.Command> timers;
    private final LongSupplier numbers;
    // Changes with every step; copying would cost as much as a small step.
    private final Map<Long, Flight> underWay = new HashMap<>();

    /** @param numbers never the same twice in the life of the actor */
    Flights(
            LaneThreads threads,
            int slots,
            MediaClock clock,
            Duration watchdog,
            TimerScheduler<Executor.Command> timers,
            LongSupplier numbers) {
        this.threads = threads;
        this.slots = slots;
        this.clock = clock;
        this.watchdog = watchdog;
        this.timers = timers;
        this.numbers = numbers;
    }

    /** @param batch of one pipeline, not empty */
    void launch(Lane lane, List<Stepping> batch, ActorRef<Executor.Command> executor) {
        long number = numbers.getAsLong();
        StepBatch work = new StepBatch(
                batch.get(0).run().host.pipeline,
                lane,
                batch.stream().map(each -> each.run().generation).toList());
        AtomicBoolean taken = new AtomicBoolean();
        AtomicReference<Optional<StepBatch.Done>> done = new AtomicReference<>(Optional.empty());
        timers.startSingleTimer(timer(number), new Executor.StepOverdue(number), watchdog);
        Future<?> future = threads.submit(LaneThreads.slotOf(lane, slots), () -> {
            if (taken.compareAndSet(false, true)) {
                StepBatch.Done ended = work.run(clock);
                done.set(Optional.of(ended));
                executor.tell(new Executor.BatchEnded(number, ended));
            }
        });
        underWay.put(number, new Flight(lane, batch, future, taken, done));
    }

    private static String timer(long number) {
        return "step " + number;
    }

    Optional<Flight> find(long number) {
        return Optional.ofNullable(underWay.get(number));
    }

    /** Takes a flight off the list. */
    Optional<Flight> land(long number) {
        timers.cancel(timer(number));
        return Optional.ofNullable(underWay.remove(number));
    }

    int size() {
        return underWay.size();
    }

    boolean isEmpty() {
        return underWay.isEmpty();
    }

    /** Tells all to end; those that have not begun are over at once. Nobody watches them any more. */
    void interrupt() {
        for (Long number : List.copyOf(underWay.keySet())) {
            timers.cancel(timer(number));
            Flight flight = underWay.get(number);
            flight.work().cancel(true);
            if (flight.taken().compareAndSet(false, true)) {
                underWay.remove(number);
                discard(flight);
            }
        }
    }

    /** Gives back what all have computed. Only when no thread runs any more. */
    void discardAll() {
        underWay.values().forEach(Flights::discard);
        underWay.clear();
    }

    /** Takes a flight of closed runs off the list and frees what it computed and held; whether it was one of these. */
    boolean discard(long number) {
        Optional<Flight> flight = land(number);
        flight.ifPresent(Flights::discard);
        return flight.isPresent();
    }

    // Throwable: whatever is broken in one of them, the others are freed.
    private static void discard(Flight flight) {
        for (int i = 0; i < flight.batch().size(); i++) {
            HostedRun run = flight.batch().get(i).run();
            int index = i;
            try {
                Optional<StepResult> result = flight.done()
                        .get()
                        .flatMap(done -> done.outcomes().get(index).result());
                if (result.isPresent()) {
                    run.commit(flight.lane(), result.get(), 0);
                } else {
                    run.fail(flight.lane());
                }
            } catch (Throwable broken) {
                log.error("{}: what its last step held could not be freed", run.id, broken);
            }
        }
    }
}
