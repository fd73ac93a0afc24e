package io.github.tachyscope.exec;

import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.OutOfDeviceMemory;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.exec.Executor.RunOutcome;
import io.github.tachyscope.exec.Executor.Standing;
import io.github.tachyscope.exec.Executor.StepFailure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open runs of a device. An exception of one of them loses that run; an {@link Error} is the device's and goes on
 * to its owner.
 *
 * <p>Touched by the executor's thread only.
 */
final class HostedRuns {
    private static final Logger log = LoggerFactory.getLogger(HostedRuns.class);

    private static final String BROKEN = "the session's state is broken and was freed";

    private final Device device;
    private final Consumer<Executor.Event> listener;
    // Changes with every step; copying would cost as much as a small step.
    private final Map<RunId, HostedRun> runs = new LinkedHashMap<>();

    HostedRuns(Device device, Consumer<Executor.Event> listener) {
        this.device = device;
        this.listener = listener;
    }

    boolean contains(RunId id) {
        return runs.containsKey(id);
    }

    List<RunId> ids() {
        return List.copyOf(runs.keySet());
    }

    /** What the runs take, by the estimates of their pipelines. */
    long sessionBytes() {
        return runs.values().stream().mapToLong(run -> run.sessionBytes).sum();
    }

    /** Opens a run and says so, or why not. */
    void open(Executor.Open open, Optional<HostedPipeline> pipeline, long freeBytes) {
        Optional<Executor.OpenRefused> refused =
                refusal(open, pipeline, freeBytes).or(() -> start(open, pipeline.orElseThrow()));
        listener.accept(refused.isPresent() ? refused.get() : new Executor.Opened(open.runId()));
    }

    private Optional<Executor.OpenRefused> refusal(
            Executor.Open open, Optional<HostedPipeline> pipeline, long freeBytes) {
        if (pipeline.isEmpty()) {
            return refuse(open, "the pipeline " + open.pipelineKey() + " is not loaded", false);
        }
        PipelineSpec spec = pipeline.get().pipeline.spec();
        if (!spec.modes().containsKey(open.request().mode())) {
            return refuse(
                    open,
                    "the pipeline has no " + open.request().mode().wireName() + " mode; it has "
                            + spec.modes().keySet().stream()
                                    .map(mode -> mode.wireName())
                                    .toList(),
                    false);
        }
        if (runs.containsKey(open.runId())) {
            return refuse(open, "the run exists already", false);
        }
        return freeBytes < spec.sessionBytes(open.request().size()) ? refuse(open, noRoom(), true) : Optional.empty();
    }

    private Optional<Executor.OpenRefused> start(Executor.Open open, HostedPipeline host) {
        try {
            Parameters initial = host.pipeline
                    .spec()
                    .parameters()
                    .checkRuntime(open.request().parameters())
                    .accepted();
            Generation generation = host.pipeline.open(new GenerationRequest(
                    open.request().mode(), initial, open.request().size()));
            runs.put(open.runId(), new HostedRun(open.runId(), open.pipelineKey(), host, open.request(), generation));
            return Optional.empty();
        } catch (ParameterRejected rejected) {
            return refuse(open, String.valueOf(rejected.getMessage()), false);
        } catch (RuntimeException | OutOfMemoryError broken) {
            if (OutOfDeviceMemory.in(broken).isPresent()) {
                return refuse(open, noRoom(), true);
            }
            log.error("{} could not be opened", open.runId(), broken);
            return refuse(open, "the pipeline could not start a session", false);
        }
    }

    private String noRoom() {
        return OutOfDeviceMemory.MESSAGE + " on " + device.name() + " for another session";
    }

    private static Optional<Executor.OpenRefused> refuse(Executor.Open open, String message, boolean busy) {
        return Optional.of(new Executor.OpenRefused(open.runId(), message, busy));
    }

    interface RunAction {
        /** What the listener is told of it. */
        Optional<Executor.Event> on(HostedRun run);
    }

    /** Does something with a run, if it is there. */
    void with(RunId id, RunAction action) {
        HostedRun run = runs.get(id);
        if (run != null) {
            try {
                action.on(run).ifPresent(listener);
            } catch (RuntimeException broken) {
                log.error("{} is lost", id, broken);
                close(id);
                listener.accept(new Executor.RunLost(id, BROKEN));
            }
        }
    }

    void close(RunId id) {
        Optional.ofNullable(runs.remove(id)).ifPresent(HostedRun::close);
    }

    /** Closes all, whatever goes wrong with some. */
    void closeAll() {
        for (HostedRun run : List.copyOf(runs.values())) {
            try {
                run.close();
            } catch (Throwable broken) {
                log.error("{} could not be freed", run.id, broken);
            }
        }
        runs.clear();
    }

    /** @param fatal there if one of the runs threw what concerns the whole device */
    record Settlement(List<RunOutcome> outcomes, Optional<Error> fatal) {}

    /** Ends the steps of a batch that has landed. */
    Settlement settle(Flights.Flight flight, StepBatch.Done done) {
        List<RunOutcome> outcomes = new ArrayList<>();
        Optional<Error> fatal = Optional.empty();
        int size = flight.batch().size();
        for (int i = 0; i < size; i++) {
            Flights.Stepping stepping = flight.batch().get(i);
            try {
                outcomes.add(settle(flight.lane(), stepping, done.outcomes().get(i), done.runMicros() / size));
            } catch (OutOfMemoryError memory) {
                outcomes.add(lost(stepping, memory));
            } catch (Error broken) {
                fatal = fatal.or(() -> Optional.of(broken));
                outcomes.add(lost(stepping, broken));
            } catch (RuntimeException broken) {
                outcomes.add(lost(stepping, broken));
            }
        }
        return new Settlement(outcomes, fatal);
    }

    private RunOutcome settle(Lane lane, Flights.Stepping stepping, StepBatch.Outcome outcome, long shareMicros) {
        HostedRun run = stepping.run();
        // A preview is extra: whatever went wrong with it, the run goes on without.
        boolean extra = stepping.plan().key().kind() == StepKind.PREVIEW;
        Optional<StepFailure> failure =
                extra ? Optional.empty() : outcome.failure().map(this::describe);
        HostedRun.Made made = HostedRun.Made.NOTHING;
        if (outcome.result().isPresent()) {
            made = run.commit(lane, outcome.result().get(), shareMicros);
        } else {
            log.warn("{}: step failed", run.id, outcome.failure().orElseThrow());
            run.fail(lane);
        }
        if (failure.filter(StepFailure::runLost).isPresent()) {
            close(run);
            return new RunOutcome(stepping.plan(), nothingMore(run), made.chunk(), List.of(), failure);
        }
        try {
            return new RunOutcome(stepping.plan(), run.standing(), made.chunk(), made.previews(), failure);
        } catch (RuntimeException | Error broken) {
            made.release();
            throw broken;
        }
    }

    private RunOutcome lost(Flights.Stepping stepping, Throwable broken) {
        HostedRun run = stepping.run();
        log.error("{}: the result could not be taken over", run.id, broken);
        close(run);
        StepFailure failure = OutOfDeviceMemory.in(broken).isPresent() ? noMemory() : new StepFailure(BROKEN, true);
        return new RunOutcome(stepping.plan(), nothingMore(run), Optional.empty(), List.of(), Optional.of(failure));
    }

    // A run that was closed while it stepped may share its id with a younger one.
    private void close(HostedRun run) {
        runs.remove(run.id, run);
        run.close();
    }

    private static Standing nothingMore(HostedRun run) {
        return new Standing(run.id, List.of(), 0, List.of());
    }

    private StepFailure describe(Throwable failure) {
        if (OutOfDeviceMemory.in(failure).isPresent()) {
            return noMemory();
        }
        return failure instanceof ParameterRejected rejected
                ? new StepFailure(String.valueOf(rejected.getMessage()), false)
                : new StepFailure("a step of the pipeline failed", false);
    }

    private StepFailure noMemory() {
        return new StepFailure(
                OutOfDeviceMemory.MESSAGE + " on " + device.name() + "; the session's state was freed", true);
    }
}
