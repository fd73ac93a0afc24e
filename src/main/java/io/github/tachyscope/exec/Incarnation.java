package io.github.tachyscope.exec;

import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.exec.Flights.Stepping;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What a restart of a device makes anew: its threads, its pipelines, its runs and the steps under way.
 *
 * <p>One that has ended lives on until its last step has returned, because that step reads its runs and weights.
 */
final class Incarnation {
    final LoadedPipelines pipelines;
    final HostedRuns runs;
    final Flights flights;
    private final LaneThreads threads;
    private final ActorRef<Executor.Command> executor;
    private final MediaClock clock;
    private final Consumer<Executor.Event> listener;

    Incarnation(
            LaneThreads threads,
            LoadedPipelines pipelines,
            HostedRuns runs,
            Flights flights,
            ActorRef<Executor.Command> executor,
            MediaClock clock,
            Consumer<Executor.Event> listener) {
        this.threads = threads;
        this.pipelines = pipelines;
        this.runs = runs;
        this.flights = flights;
        this.executor = executor;
        this.clock = clock;
        this.listener = listener;
    }

    void patch(Executor.Patch patch) {
        runs.with(patch.runId(), run -> {
            run.patch(patch.parameters());
            return Optional.of(run.standing());
        });
    }

    void economize(Executor.Economize economize) {
        runs.with(economize.runId(), run -> {
            run.economize(economize.economies());
            return Optional.of(run.standing());
        });
    }

    void drop(Executor.Drop drop) {
        runs.with(drop.runId(), run -> {
            run.drop();
            return Optional.of(run.standing());
        });
    }

    void feed(Executor.Feed feed) {
        if (!runs.contains(feed.runId())) {
            feed.frames().forEach(VideoFrame::release);
        }
        runs.with(feed.runId(), run -> {
            run.feed(feed.frames());
            return Optional.of(run.standing());
        });
    }

    void run(Executor.Run message) {
        List<Stepping> batch = begin(message);
        if (batch.isEmpty()) {
            listener.accept(new Executor.BatchDone(executor, message.lane(), List.of(), clock.micros(), 0));
        } else {
            flights.launch(message.lane(), batch, executor);
        }
    }

    /**
     * Takes over what a batch has computed; whether it was one of these.
     *
     * @throws Error of a run, after all others were served
     */
    boolean commit(Executor.BatchEnded ended) {
        Optional<Flights.Flight> flight = flights.land(ended.number());
        if (flight.isEmpty()) {
            return false;
        }
        StepBatch.Done done = ended.done();
        HostedRuns.Settlement settled = runs.settle(flight.get(), done);
        listener.accept(new Executor.BatchDone(
                executor, flight.get().lane(), settled.outcomes(), done.startMicros(), done.runMicros()));
        settled.fatal().ifPresent(broken -> {
            throw broken;
        });
        return true;
    }

    /** Begins the next steps of those in the batch that still fit together; the others are told apart. */
    private List<Stepping> begin(Executor.Run message) {
        Lane lane = message.lane();
        List<Stepping> batch = new ArrayList<>();
        try {
            message.batch()
                    .forEach(id -> runs.with(id, run -> {
                        Optional<StepPlan> plan = run.begin(lane, key -> joins(batch, run, key));
                        plan.ifPresent(begun -> batch.add(new Stepping(run, begun)));
                        return plan.isPresent()
                                ? Optional.empty()
                                : Optional.of(new Executor.StepSkipped(lane, run.standing()));
                    }));
        } catch (Error broken) {
            // Nothing flies, so nothing would land and let them go.
            batch.forEach(begun -> begun.run().fail(lane));
            throw broken;
        }
        return batch;
    }

    // What a run can do on a lane may have changed since the batch was chosen: a chunk came to its decoding, say.
    private static boolean joins(List<Stepping> batch, HostedRun run, BatchKey key) {
        return batch.isEmpty()
                || batch.get(0).run().host == run.host
                        && batch.get(0).plan().key().equals(key);
    }

    /** Closes all runs and tells their steps to end; the pipelines stay. */
    void loseRuns() {
        runs.closeAll();
        flights.interrupt();
    }

    /** Gives everything up; what steps under way still read is freed when they return. */
    void end() {
        loseRuns();
        pipelines.retireAll();
        threads.leave();
    }

    /** Ends it for good and waits for its threads; whether they ended and all is freed. */
    boolean close(long millis) {
        loseRuns();
        pipelines.retireAll();
        boolean ended = threads.close(millis);
        if (ended) {
            flights.discardAll();
        }
        return ended;
    }
}
