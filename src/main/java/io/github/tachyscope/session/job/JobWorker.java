package io.github.tachyscope.session.job;

import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.session.Problem;
import io.github.tachyscope.store.Claim;
import io.github.tachyscope.store.ClaimedJob;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobClaims;
import io.github.tachyscope.store.JobOutcome;
import io.github.tachyscope.store.JobStore;
import io.github.tachyscope.store.ResultFile;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.BehaviorBuilder;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * One job that this server has claimed, from its request to its files.
 *
 * <pre>
 *     +---------------- the next plan ----------------+
 *     v                                               |
 * beginning --files open--> running --all written-----+--no plan left--> publishing --there--> logging --> stopped
 *     ^                        |                                              |
 *     +--retreating<-----------+ no room, run lost                            |
 *                                                                             |
 * any of these --cancelled, failed, parked--> closing --nothing is left--> logging --log knows--> stopped
 * </pre>
 *
 * <p>A lost device does not end a job: the plan under way begins anew, which makes the same pictures; those of plans
 * before it stay. A log that does not answer is asked again until it does; if the claim is lost meanwhile, somebody else
 * has the job.
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

    private record Begun(Optional<JobOutput> output, Optional<Throwable> fault) implements Command {}

    private record Making(PlanRun.Event event) implements Command {}

    /** What the plan under way had written is removed. */
    private record Dropped(Optional<Throwable> fault) implements Command {}

    private enum Again implements Command {
        INSTANCE
    }

    private record Published(Optional<List<ResultFile>> files, Optional<Throwable> fault) implements Command {}

    /** What was written and not published is removed. */
    private record Closed(Optional<Throwable> fault) implements Command {}

    private enum Report implements Command {
        INSTANCE
    }

    private record Reported(JobClaims.Go go) implements Command {}

    /** Whether the log knows how the job ended, or that it is in other hands. */
    private record Logged(Optional<Throwable> fault) implements Command {}

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

    /** What to write into the log at the end. */
    private interface LastWord {
        void say(JobStore store, Claim claim);
    }

    private static final Duration REPORTS = Duration.ofSeconds(1);
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(1);

    /** So often plans whose run was lost begin anew; more means that the job itself kills the device. */
    private static final int MAX_LOSSES = 3;

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final Setup setup;
    private final ClaimedJob job;
    private final JobWork work;
    private final JobFiles files;
    private final JobProgress progress;
    private final ActorRef<PreviewMaker.Command> previews;
    /** The plan under way. */
    private int plan;

    private int losses;
    private Optional<ActorRef<PlanRun.Command>> making = Optional.empty();
    /** What the plans are written to, once it is open. */
    private Optional<JobOutput> output = Optional.empty();

    private boolean live;
    private boolean reporting;

    private JobWorker(
            ActorContext<Command> context, TimerScheduler<Command> timers, Setup setup, ClaimedJob job, JobWork work) {
        this.context = context;
        this.timers = timers;
        this.setup = setup;
        this.job = job;
        this.work = work;
        JobParts parts = setup.parts();
        this.progress = new JobProgress(work, parts.clock());
        this.files = new JobFiles(
                () -> new JobOutput(
                        work, job.claim(), setup.store(), parts.settings().media(), parts.clock()),
                setup.blocking());
        this.previews = context.spawnAnonymous(PreviewMaker.create(setup.blocking(), setup.jobs(), id()));
    }

    static Behavior<Command> create(Setup setup, ClaimedJob job, JobWork work) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            JobWorker worker = new JobWorker(context, timers, setup, job, work);
            timers.startTimerWithFixedDelay(Report.INSTANCE, REPORTS);
            return worker.beginning();
        }));
    }

    private String id() {
        return job.job().id();
    }

    private void tell(JobNews news) {
        setup.jobs().tell(new Jobs.News(id(), news));
    }

    /** The result of work aside, or why there is none, as a message. */
    private <T> void then(CompletionStage<T> work, BiFunction<Optional<T>, Optional<Throwable>, Command> message) {
        context.pipeToSelf(
                work,
                (result, fault) -> message.apply(
                        Optional.ofNullable(result), Optional.ofNullable(fault).map(JobWorker::unwrapped)));
    }

    private static Throwable unwrapped(Throwable fault) {
        return fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
    }

    // --- while a plan is under way -----------------------------------------------------------------------------------

    private Behavior<Command> beginning() {
        then(files.begin(plan), Begun::new);
        return working()
                .onMessage(Begun.class, begun -> {
                    output = begun.output();
                    return begun.fault().map(this::failed).orElseGet(this::running);
                })
                .build();
    }

    private Behavior<Command> running() {
        JobOutput to = output.orElseThrow();
        if (!live && to.live().isPresent()) {
            // The first video that grows is the one that is shown.
            live = true;
            setup.jobs().tell(new Jobs.Growing(id(), to.live()));
        }
        making = Optional.of(context.spawnAnonymous(PlanRun.create(
                setup.parts(),
                id(),
                work.plans().get(plan),
                to,
                context.messageAdapter(PlanRun.Event.class, Making::new))));
        return working().onMessage(Making.class, made -> onEvent(made.event())).build();
    }

    private Behavior<Command> onEvent(PlanRun.Event event) {
        if (event instanceof PlanRun.Told told) {
            onRun(told.event());
        } else if (event instanceof PlanRun.Wrote wrote) {
            tell(progress.wrote(wrote.taken()));
        } else if (event instanceof PlanRun.Ended ended) {
            making = Optional.empty();
            return planEnded(ended);
        }
        return Behaviors.same();
    }

    private void onRun(JobRun.Event event) {
        if (event instanceof JobRun.Opened opened) {
            tell(progress.opened(plan, opened));
        } else if (event instanceof JobRun.Stepped stepped) {
            tell(progress.stepped(stepped.step()));
        } else if (event instanceof JobRun.Previewed seen) {
            Previews wish = work.plans().get(plan).previews().orElseThrow();
            previews.tell(
                    new PreviewMaker.Show(wish, plan, progress.stepsDone(), progress.stepsTotal(), seen.frames()));
        }
    }

    private Behavior<Command> planEnded(PlanRun.Ended ended) {
        if (ended.notKept().isPresent()) {
            return failed(ended.notKept().get());
        } else if (ended.problem().isPresent()) {
            return planFailed(ended.problem().get(), ended.runLost());
        } else if (output.orElseThrow().framesOfPlan() < work.plans().get(plan).frames()) {
            return ending(new Job.Failure("generation_failed", "the pipeline made fewer frames than were asked for"));
        } else if (plan + 1 < work.plans().size()) {
            plan++;
            return beginning();
        }
        return publishing();
    }

    private Behavior<Command> planFailed(Problem problem, boolean runLost) {
        boolean busy = problem.kind() == Problem.Kind.BUSY;
        if (busy || runLost && ++losses <= MAX_LOSSES) {
            if (runLost) {
                context.getLog().warn("job {} begins its plan {} anew: {}", id(), plan, problem.message());
            }
            return retreating(problem.retryAfter().orElse(BETWEEN_ATTEMPTS));
        }
        return ending(JobFailure.of(problem));
    }

    /** No room for the run now, or its device restarts: removes what the plan has written, and waits. */
    private Behavior<Command> retreating(Duration pause) {
        if (output.orElseThrow().live().isPresent()) {
            hideLive();
        }
        then(files.drop(), (done, fault) -> new Dropped(fault));
        return working()
                .onMessage(Dropped.class, dropped -> {
                    if (dropped.fault().isPresent()) {
                        return failed(dropped.fault().get());
                    }
                    timers.startSingleTimer(Again.INSTANCE, pause);
                    return Behaviors.same();
                })
                .onMessage(Again.class, again -> beginning())
                .build();
    }

    private void hideLive() {
        live = false;
        setup.jobs().tell(new Jobs.Growing(id(), Optional.empty()));
    }

    private Behavior<Command> failed(Throwable fault) {
        return ending(JobFailure.of(fault).orElseGet(() -> {
            context.getLog().warn("job {} failed", id(), fault);
            return new Job.Failure("internal_error", "the job failed for an internal reason; see the server's log");
        }));
    }

    // --- what holds until the end begins -----------------------------------------------------------------------------

    private BehaviorBuilder<Command> working() {
        return Behaviors.receive(Command.class)
                .onMessage(
                        Cancel.class,
                        cancel -> ending((store, claim) -> store.claims().cancelled(claim), "cancelled"))
                .onMessage(
                        Park.class,
                        park -> ending((store, claim) -> store.claims().putBack(claim), "parked"))
                .onMessage(Report.class, report -> report())
                .onMessage(Reported.class, reported -> {
                    reporting = false;
                    return switch (reported.go()) {
                        case ON -> Behaviors.same();
                        case CANCEL -> ending((store, claim) -> store.claims().cancelled(claim), "cancelled");
                        case LOST -> ending((store, claim) -> {}, "in other hands");
                    };
                });
    }

    private Behavior<Command> report() {
        if (!reporting) {
            reporting = true;
            Job.Progress now = progress.progress();
            context.pipeToSelf(
                    CompletableFuture.supplyAsync(
                            () -> setup.store().claims().progress(job.claim(), now), setup.blocking()),
                    // A log that is away now is asked again with the next report.
                    (go, fault) -> new Reported(fault == null ? go : JobClaims.Go.ON));
        }
        return Behaviors.same();
    }

    // --- the end -----------------------------------------------------------------------------------------------------

    private Behavior<Command> publishing() {
        JobOutput made = output.orElseThrow();
        then(files.publish(), Published::new);
        // A cancel comes too late now.
        return Behaviors.receive(Command.class)
                .onMessage(Published.class, published -> {
                    if (published.fault().isPresent()) {
                        return failed(published.fault().get());
                    }
                    JobOutcome outcome = outcome(made, published.files().orElseThrow());
                    return ending((store, claim) -> store.complete(claim, outcome), "completed");
                })
                .onAnyMessage(late -> Behaviors.same())
                .build();
    }

    private JobOutcome outcome(JobOutput made, List<ResultFile> files) {
        Map<String, Double> seconds = new TreeMap<>(progress.seconds());
        seconds.put("encode", made.encodeSeconds());
        PictureSize size = made.size().orElseThrow();
        return new JobOutcome(
                new Job.Shape(size.width(), size.height(), work.plans().get(0).fps(), (int) made.frames()),
                seconds,
                0,
                files);
    }

    private Behavior<Command> ending(Job.Failure failure) {
        return ending((store, claim) -> store.claims().fail(claim, failure), "failed: " + failure.message());
    }

    /** Waits until nobody writes any more, removes what was not published, then tells the log. */
    private Behavior<Command> ending(LastWord word, String how) {
        timers.cancel(Report.INSTANCE);
        hideLive();
        if (making.isPresent()) {
            making.get().tell(PlanRun.Stop.INSTANCE);
        } else {
            close();
        }
        return Behaviors.receive(Command.class)
                .onMessage(Making.class, made -> made.event() instanceof PlanRun.Ended, over -> {
                    close();
                    return Behaviors.same();
                })
                .onMessage(Closed.class, closed -> {
                    closed.fault().ifPresent(why -> context.getLog().warn("job {} leaves files behind", id(), why));
                    context.getLog().info("job {} {}", id(), how);
                    return logging(word);
                })
                .onAnyMessage(late -> Behaviors.same())
                .build();
    }

    private void close() {
        then(files.close(), (done, fault) -> new Closed(fault));
    }

    private Behavior<Command> logging(LastWord word) {
        then(
                CompletableFuture.runAsync(() -> word.say(setup.store(), job.claim()), setup.blocking()),
                (done, fault) -> new Logged(fault));
        return Behaviors.receive(Command.class)
                .onMessage(Logged.class, logged -> {
                    if (logged.fault().isEmpty()) {
                        return Behaviors.stopped();
                    }
                    context.getLog()
                            .warn(
                                    "job {}: the log does not answer: {}",
                                    id(),
                                    logged.fault().toString());
                    timers.startSingleTimer(LogAgain.INSTANCE, BETWEEN_ATTEMPTS);
                    return Behaviors.same();
                })
                .onMessage(LogAgain.class, again -> logging(word))
                .onAnyMessage(late -> Behaviors.same())
                .build();
    }
}
