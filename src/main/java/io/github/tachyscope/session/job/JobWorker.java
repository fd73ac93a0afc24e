package io.github.tachyscope.session.job;

import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.flow.JobFlow;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.media.CodecFailure;
import io.github.tachyscope.session.Problem;
import io.github.tachyscope.store.Claim;
import io.github.tachyscope.store.ClaimedJob;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobClaims;
import io.github.tachyscope.store.JobOutcome;
import io.github.tachyscope.store.JobStore;
import io.github.tachyscope.store.ResultFile;
import io.github.tachyscope.store.StoreRefused;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.BehaviorBuilder;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.stream.javadsl.Sink;

/**
 * One job that this server has claimed, from its request to its files.
 *
 * <pre>
 * preparing --draft there--> running --all chunks written--> publishing --log knows--> stopped
 *     ^                       |   |
 *     +-- no room, run lost --+   +-- cancelled, failed, parked --> ending --log knows--> stopped
 * </pre>
 *
 * <p>A lost device does not end a job: it begins anew from its request, which makes the same result. A log that does not
 * answer is asked again until it does; if the claim is lost meanwhile, somebody else has the job.
 */
final class JobWorker {

    sealed interface Command {}

    /** Ends the job as cancelled, within the step under way. */
    enum Cancel implements Command {
        INSTANCE
    }

    /** Gives the job back to the queue. */
    enum Park implements Command {
        INSTANCE
    }

    private record Prepared(JobOutput output) implements Command {}

    private record Failed(Throwable fault) implements Command {}

    private record RunEvent(int attempt, JobRun.Event event) implements Command {}

    private record Wrote(int attempt, JobOutput.Taken taken) implements Command {}

    private record WroteAll(int attempt, Optional<Throwable> fault) implements Command {}

    private record Published(List<ResultFile> files) implements Command {}

    /** What was written and not published is removed. */
    private enum Closed implements Command {
        INSTANCE
    }

    private enum Again implements Command {
        INSTANCE
    }

    private enum Report implements Command {
        INSTANCE
    }

    private record Reported(JobClaims.Go go) implements Command {}

    /** The log knows how the job ended, or that it is in other hands. */
    private enum Logged implements Command {
        INSTANCE
    }

    private enum LogAgain implements Command {
        INSTANCE
    }

    /**
     * What a worker is made of.
     *
     * @param blocking for calls of the store
     * @param jobs is told what happens
     */
    record Setup(JobParts parts, JobStore store, Executor blocking, ActorRef<Jobs.Command> jobs) {}

    /** What was made could not be kept. */
    private static final class NotKept extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotKept(Throwable why) {
            super(why);
        }
    }

    /** What to write into the log at the end. */
    private interface LastWord {
        void say(JobClaims claims, Claim claim);
    }

    private static final Duration REPORTS = Duration.ofSeconds(1);
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(1);

    /** So often a job whose run was lost begins anew; more means that the job itself kills the device. */
    private static final int MAX_LOSSES = 3;

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final Setup setup;
    private final ClaimedJob job;
    private final JobPlan plan;
    private int attempt;
    private int losses;
    private Optional<ActorRef<JobRun.Command>> run = Optional.empty();
    private Optional<JobOutput> output = Optional.empty();
    private StepCount steps = new StepCount(0);
    private long chunks;
    private int chunksDone;
    private long lastChunkMicros;
    private boolean reporting;
    /** Whether the stream still writes; its files must not be closed under it. */
    private boolean writing;
    /** Whether a draft is on its way; it must not come after the end. */
    private boolean preparing;

    private JobWorker(
            ActorContext<Command> context, TimerScheduler<Command> timers, Setup setup, ClaimedJob job, JobPlan plan) {
        this.context = context;
        this.timers = timers;
        this.setup = setup;
        this.job = job;
        this.plan = plan;
    }

    static Behavior<Command> create(Setup setup, ClaimedJob job, JobPlan plan) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            JobWorker worker = new JobWorker(context, timers, setup, job, plan);
            timers.startTimerWithFixedDelay(Report.INSTANCE, REPORTS);
            return worker.preparing();
        }));
    }

    private String id() {
        return job.job().id();
    }

    private void tell(JobNews news) {
        setup.jobs().tell(new Jobs.News(id(), news));
    }

    private <T> void aside(Callable<T> work, Function<T, Command> then) {
        context.pipeToSelf(
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return work.call();
                            } catch (Exception failure) {
                                throw new CompletionException(failure);
                            }
                        },
                        setup.blocking()),
                (result, fault) -> fault == null ? then.apply(result) : new Failed(unwrapped(fault)));
    }

    private static Throwable unwrapped(Throwable fault) {
        return fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
    }

    // --- before the first step ---------------------------------------------------------------------------------------

    private Behavior<Command> preparing() {
        attempt++;
        chunksDone = 0;
        preparing = true;
        aside(
                () -> JobOutput.of(
                        plan,
                        setup.store().begin(job.claim()),
                        setup.parts().settings().media(),
                        setup.parts().clock()),
                Prepared::new);
        return working()
                .onMessage(Prepared.class, prepared -> {
                    preparing = false;
                    output = Optional.of(prepared.output());
                    setup.jobs().tell(new Jobs.Growing(id(), prepared.output().live()));
                    return running();
                })
                .build();
    }

    // --- while it runs -----------------------------------------------------------------------------------------------

    private Behavior<Command> running() {
        int number = attempt;
        run = Optional.of(context.spawnAnonymous(JobRun.create(
                setup.parts(),
                id(),
                plan,
                plan.schedule()::at,
                context.messageAdapter(JobRun.Event.class, event -> new RunEvent(number, event)))));
        return working()
                .onMessage(RunEvent.class, event -> event.attempt() == attempt, event -> onRun(event.event()))
                .onMessage(Wrote.class, wrote -> wrote.attempt() == attempt, wrote -> wrote(wrote.taken()))
                .onMessage(WroteAll.class, all -> all.attempt() == attempt, all -> wroteAll(all.fault()))
                .build();
    }

    private Behavior<Command> onRun(JobRun.Event event) {
        if (event instanceof JobRun.Opened opened) {
            chunks = opened.total();
            ChunkGeometry geometry = opened.spec().modes().get(plan.mode()).geometry();
            steps = new StepCount(geometry.chunks(plan.frames()));
            lastChunkMicros = setup.parts().clock().micros();
            tell(new JobNews.Started(chunks));
            write(opened);
        } else if (event instanceof JobRun.Stepped stepped) {
            steps.add(stepped.step());
            tell(new JobNews.Stepped(steps.done(), steps.total()));
        } else if (event instanceof JobRun.Ended ended) {
            run = Optional.empty();
            if (ended.problem().isPresent()) {
                return runFailed(ended.problem().get(), ended.runLost());
            }
        }
        return Behaviors.same();
    }

    private void write(JobRun.Opened opened) {
        int number = attempt;
        ActorRef<Command> self = context.getSelf();
        JobOutput to = output.orElseThrow();
        writing = true;
        opened.chunks()
                .via(JobFlow.aside(chunk -> take(to, chunk)))
                .runWith(Sink.foreach(taken -> self.tell(new Wrote(number, taken))), context.getSystem())
                .whenComplete((Done done, Throwable fault) -> self.tell(
                        new WroteAll(number, Optional.ofNullable(fault).map(JobWorker::unwrapped))));
    }

    private static JobOutput.Taken take(JobOutput to, Chunk chunk) {
        try {
            return to.take(chunk);
        } catch (IOException | RuntimeException why) {
            throw new NotKept(why);
        }
    }

    private Behavior<Command> wrote(JobOutput.Taken taken) {
        chunksDone++;
        long now = setup.parts().clock().micros();
        tell(new JobNews.ChunkMade(
                taken.chunk(),
                chunks,
                taken.frames(),
                (now - lastChunkMicros) / 1e6,
                Optional.of(taken.previewJpeg())));
        lastChunkMicros = now;
        return Behaviors.same();
    }

    private Behavior<Command> wroteAll(Optional<Throwable> fault) {
        writing = false;
        if (fault.isPresent()) {
            // What the run did not make is told by the run, in its own words.
            return fault.get() instanceof NotKept notKept
                    ? failed(Objects.requireNonNull(notKept.getCause()))
                    : Behaviors.same();
        }
        return output.orElseThrow().frames() < plan.frames()
                ? ending(new Job.Failure("generation_failed", "the pipeline made fewer frames than were asked for"))
                : publishing();
    }

    private Behavior<Command> runFailed(Problem problem, boolean runLost) {
        boolean busy = problem.kind() == Problem.Kind.BUSY;
        if (busy || runLost && ++losses <= MAX_LOSSES) {
            if (runLost) {
                context.getLog().warn("job {} begins anew: {}", id(), problem.message());
            }
            return waiting(problem.retryAfter().orElse(BETWEEN_ATTEMPTS));
        }
        String code = switch (problem.kind()) {
            case INTERNAL -> "generation_failed";
            case INVALID -> "input_refused";
            default -> "request_refused";
        };
        return ending(new Job.Failure(code, problem.message()));
    }

    /** No room for its run now, or its device restarts. */
    private Behavior<Command> waiting(Duration time) {
        return closing(() -> {
                    timers.startSingleTimer(Again.INSTANCE, time);
                    return working()
                            .onMessage(Again.class, again -> preparing())
                            .build();
                })
                .onMessage(Cancel.class, cancel -> ending(JobClaims::cancelled, "cancelled"))
                .onMessage(Park.class, park -> ending(JobClaims::putBack, "parked"))
                .onAnyMessage(late -> Behaviors.same())
                .build();
    }

    /** Waits until nothing is written any more, then removes what was not published. */
    private BehaviorBuilder<Command> closing(Supplier<Behavior<Command>> then) {
        run.ifPresent(running -> running.tell(JobRun.Cancel.INSTANCE));
        run = Optional.empty();
        if (!writing && !preparing) {
            close();
        }
        return Behaviors.receive(Command.class)
                .onMessage(WroteAll.class, all -> {
                    writing = false;
                    close();
                    return Behaviors.same();
                })
                .onMessage(Prepared.class, late -> {
                    preparing = false;
                    output = Optional.of(late.output());
                    close();
                    return Behaviors.same();
                })
                .onMessage(Closed.class, closed -> then.get())
                .onMessage(Failed.class, failed -> {
                    preparing = false;
                    context.getLog().warn("what job {} wrote is not removed", id(), failed.fault());
                    return then.get();
                })
                .onMessage(Reported.class, reported -> {
                    // What it says is said again with the next report, if there is one.
                    reporting = false;
                    return Behaviors.same();
                });
    }

    private void close() {
        setup.jobs().tell(new Jobs.Growing(id(), Optional.empty()));
        Optional<JobOutput> closed = output;
        output = Optional.empty();
        aside(
                () -> {
                    closed.ifPresent(JobOutput::close);
                    return Done.getInstance();
                },
                done -> Closed.INSTANCE);
    }

    private Behavior<Command> failed(Throwable fault) {
        if (fault instanceof StoreRefused refused) {
            String code = refused.reason() == StoreRefused.Reason.NO_SPACE ? "no_space" : "store_refused";
            return ending(new Job.Failure(code, refused.getMessage()));
        } else if (fault instanceof CodecFailure failure) {
            return ending(new Job.Failure("encoding_failed", failure.getMessage()));
        }
        context.getLog().warn("job {} failed", id(), fault);
        return ending(new Job.Failure("internal_error", "the job failed for an internal reason; see the server's log"));
    }

    // --- what holds until the end begins -----------------------------------------------------------------------------

    private BehaviorBuilder<Command> working() {
        return Behaviors.receive(Command.class)
                .onMessage(Cancel.class, cancel -> ending(JobClaims::cancelled, "cancelled"))
                .onMessage(Park.class, park -> ending(JobClaims::putBack, "parked"))
                .onMessage(Failed.class, failed -> {
                    preparing = false;
                    return failed(failed.fault());
                })
                .onMessage(Report.class, report -> report())
                .onMessage(Reported.class, reported -> {
                    reporting = false;
                    return switch (reported.go()) {
                        case ON -> Behaviors.same();
                        case CANCEL -> ending(JobClaims::cancelled, "cancelled");
                        case LOST -> ending((claims, claim) -> {}, "in other hands");
                    };
                });
    }

    private Behavior<Command> report() {
        if (!reporting) {
            reporting = true;
            Job.Progress progress = new Job.Progress(
                    steps.done(), steps.total(), chunksDone, (int) Math.min(Integer.MAX_VALUE, chunks));
            context.pipeToSelf(
                    CompletableFuture.supplyAsync(
                            () -> setup.store().claims().progress(job.claim(), progress), setup.blocking()),
                    // A log that is away now is asked again with the next report.
                    (go, fault) -> new Reported(fault == null ? go : JobClaims.Go.ON));
        }
        return Behaviors.same();
    }

    // --- the end -----------------------------------------------------------------------------------------------------

    private Behavior<Command> publishing() {
        JobOutput made = output.orElseThrow();
        aside(made::publish, Published::new);
        return Behaviors.receive(Command.class)
                .onMessage(Published.class, published -> {
                    JobOutcome outcome = outcome(made, published.files());
                    return ending((claims, claim) -> claims.complete(claim, outcome), "completed");
                })
                .onMessage(Failed.class, failed -> failed(failed.fault()))
                .onAnyMessage(late -> Behaviors.same())
                .build();
    }

    private JobOutcome outcome(JobOutput made, List<ResultFile> files) {
        Map<String, Double> seconds = new TreeMap<>(steps.seconds());
        seconds.put("encode", made.encodeSeconds());
        PictureSize size = made.size().orElseThrow();
        return new JobOutcome(
                new Job.Shape(size.width(), size.height(), plan.fps(), (int) made.frames()), seconds, 0, files);
    }

    private Behavior<Command> ending(Job.Failure failure) {
        return ending((claims, claim) -> claims.fail(claim, failure), "failed: " + failure.message());
    }

    private Behavior<Command> ending(LastWord word, String how) {
        timers.cancel(Report.INSTANCE);
        // Files may be published already: what comes now comes too late.
        return closing(() -> logging(word, how))
                .onAnyMessage(late -> Behaviors.same())
                .build();
    }

    private Behavior<Command> logging(LastWord word, String how) {
        context.getLog().info("job {} {}", id(), how);
        log(word);
        return Behaviors.receive(Command.class)
                .onMessage(Logged.class, logged -> Behaviors.stopped())
                .onMessage(LogAgain.class, again -> {
                    log(word);
                    return Behaviors.same();
                })
                .onMessage(Failed.class, away -> {
                    context.getLog()
                            .warn(
                                    "job {}: the log does not answer: {}",
                                    id(),
                                    away.fault().toString());
                    timers.startSingleTimer(LogAgain.INSTANCE, BETWEEN_ATTEMPTS);
                    return Behaviors.same();
                })
                .onAnyMessage(late -> Behaviors.same())
                .build();
    }

    private void log(LastWord word) {
        aside(
                () -> {
                    word.say(setup.store().claims(), job.claim());
                    return Done.getInstance();
                },
                done -> Logged.INSTANCE);
    }
}
