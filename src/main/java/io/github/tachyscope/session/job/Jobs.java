package io.github.tachyscope.session.job;

import io.github.tachyscope.store.ClaimedJob;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.SourceQueueWithComplete;
import org.apache.pekko.util.ByteString;

/**
 * Runs the jobs of the log on this server, some at a time, and tells those who watch.
 *
 * <pre>
 * waiting --Begin--> claiming --Drain--> draining --no worker left--> drained
 * </pre>
 */
public final class Jobs {

    public sealed interface Command {}

    /** The pipelines are there: jobs may be claimed from now on. */
    public enum Begin implements Command {
        INSTANCE
    }

    /** Claims no more; running jobs may end within the drain time-out, the others wait for the next start. */
    public record Drain(ActorRef<Drained> replyTo) implements Command {}

    public enum Drained {
        INSTANCE
    }

    /** A job was added. */
    enum Added implements Command {
        INSTANCE
    }

    /** The log was told to cancel that job; here it may run. */
    record CancelRunning(String id) implements Command {}

    /** Tells that queue about a job from now on. */
    record Watch(String id, SourceQueueWithComplete<JobNews> to) implements Command {}

    /** Nobody takes from that queue any more. */
    record Unwatch(String id, SourceQueueWithComplete<JobNews> to) implements Command {}

    /** Tells that listener of the jobs of a face from now on. */
    record Follow(String face, ActorRef<Heard> listener) implements Command {}

    /** What happened to a job, for those who follow its face; as to {@link JobDesk#watch}, without {@code Waiting}. */
    public record Heard(String id, JobNews news) {}

    /** Asks for the bytes of a running job. */
    record Live(String id, ActorRef<LiveReply> replyTo) implements Command {}

    record LiveReply(Optional<Source<ByteString, NotUsed>> bytes) {}

    /** What a worker has to tell. */
    record News(String id, JobNews news) implements Command {}

    /** What can be read of a running job from now on. */
    record Growing(String id, Optional<GrowingFile> file) implements Command {}

    private record Claimed(Optional<ClaimedJob> job) implements Command {}

    private record WorkerGone(String id) implements Command {}

    /** How a watched job stands that does not run here. */
    private record Looked(String id, Optional<Job> job, OptionalInt before) implements Command {}

    private enum Poll implements Command {
        INSTANCE
    }

    private enum KeepLeases implements Command {
        INSTANCE
    }

    private enum Sweep implements Command {
        INSTANCE
    }

    private enum ParkAll implements Command {
        INSTANCE
    }

    private enum Nothing implements Command {
        INSTANCE
    }

    /** A job that runs here, and what those learn who begin to watch it. */
    private static final class Running {
        final ActorRef<JobWorker.Command> worker;
        final String face;
        Optional<GrowingFile> growing = Optional.empty();
        Optional<JobNews> started = Optional.empty();
        Optional<JobNews> stepped = Optional.empty();

        Running(ActorRef<JobWorker.Command> worker, String face) {
            this.worker = worker;
            this.face = face;
        }
    }

    /** Most who watch at a time, over all jobs; protects memory. More learn nothing. */
    private static final int MAX_WATCHERS = 1000;

    private static final Duration SWEEPS = Duration.ofSeconds(30);
    private static final Duration LEAST_BETWEEN_SWEEPS = Duration.ofMillis(100);

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final JobParts parts;
    private final JobStore store;
    private final Executor blocking;
    private final String incarnation;
    // Tables of this actor alone.
    private final Map<String, Running> running = new HashMap<>();
    private final Map<String, List<SourceQueueWithComplete<JobNews>>> watchers = new HashMap<>();
    private final Map<String, ActorRef<Heard>> followers = new HashMap<>();
    private boolean claiming;
    private boolean claimUnderWay;
    private Optional<ActorRef<Drained>> draining = Optional.empty();

    private Jobs(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            JobParts parts,
            JobStore store,
            Executor blocking,
            String incarnation) {
        this.context = context;
        this.timers = timers;
        this.parts = parts;
        this.store = store;
        this.blocking = blocking;
        this.incarnation = incarnation;
        timers.startTimerWithFixedDelay(
                Poll.INSTANCE, parts.settings().workers().poll());
        timers.startTimerWithFixedDelay(
                KeepLeases.INSTANCE, parts.settings().jobs().lease().dividedBy(3));
        timers.startTimerWithFixedDelay(
                Sweep.INSTANCE, sweeps(parts.settings().jobs().ttl()));
    }

    /** So often that no job outlives its time by much. */
    private static Duration sweeps(Optional<Duration> ttl) {
        Duration often = ttl.map(time -> time.dividedBy(4))
                .filter(time -> time.compareTo(SWEEPS) < 0)
                .orElse(SWEEPS);
        return often.compareTo(LEAST_BETWEEN_SWEEPS) < 0 ? LEAST_BETWEEN_SWEEPS : often;
    }

    /**
     * Claims nothing before {@link Begin}.
     *
     * @param blocking for calls of the store
     * @param incarnation of this process: attached jobs of another one have lost their client
     */
    public static Behavior<Command> create(JobParts parts, JobStore store, Executor blocking, String incarnation) {
        return Behaviors.setup(context -> Behaviors.withTimers(
                timers -> new Jobs(context, timers, parts, store, blocking, incarnation).serving()));
    }

    private Behavior<Command> serving() {
        return Behaviors.receive(Command.class)
                .onMessage(Begin.class, begin -> {
                    claiming = true;
                    return claim();
                })
                .onMessage(Added.class, added -> claim())
                .onMessage(Poll.class, poll -> {
                    lookAtWatched();
                    return claim();
                })
                .onMessage(Claimed.class, claimed -> claimed(claimed.job()))
                .onMessage(WorkerGone.class, gone -> workerGone(gone.id()))
                .onMessage(CancelRunning.class, cancel -> {
                    Optional.ofNullable(running.get(cancel.id()))
                            .ifPresent(job -> job.worker.tell(JobWorker.Cancel.INSTANCE));
                    return Behaviors.same();
                })
                .onMessage(News.class, news -> news(news.id(), news.news()))
                .onMessage(Growing.class, growing -> {
                    Optional.ofNullable(running.get(growing.id())).ifPresent(job -> job.growing = growing.file());
                    return Behaviors.same();
                })
                .onMessage(Live.class, live -> {
                    live.replyTo()
                            .tell(new LiveReply(Optional.ofNullable(running.get(live.id()))
                                    .flatMap(job -> job.growing)
                                    .filter(GrowingFile::hasRoom)
                                    .map(GrowingFile::read)));
                    return Behaviors.same();
                })
                .onMessage(Follow.class, follow -> {
                    followers.put(follow.face(), follow.listener());
                    return Behaviors.same();
                })
                .onMessage(Watch.class, watch -> watch(watch.id(), watch.to()))
                .onMessage(Unwatch.class, unwatch -> {
                    watchers.computeIfPresent(unwatch.id(), (id, queues) -> {
                        queues.remove(unwatch.to());
                        return queues.isEmpty() ? null : queues;
                    });
                    return Behaviors.same();
                })
                .onMessage(Looked.class, this::looked)
                .onMessage(KeepLeases.class, keep -> {
                    aside(() -> store.claims().renew(parts.settings().jobs().node()));
                    return Behaviors.same();
                })
                .onMessage(Sweep.class, sweep -> {
                    aside(() -> store.claims().recoverExpired());
                    aside(this::removeExpired);
                    return Behaviors.same();
                })
                .onMessage(Drain.class, this::drain)
                .onMessage(ParkAll.class, park -> {
                    running.values().forEach(job -> job.worker.tell(JobWorker.Park.INSTANCE));
                    return Behaviors.same();
                })
                .onMessage(Nothing.class, nothing -> Behaviors.same())
                .build();
    }

    // --- work --------------------------------------------------------------------------------------------------------

    private Behavior<Command> claim() {
        boolean room = running.size() < parts.settings().workers().parallel();
        if (claiming && room && !claimUnderWay && draining.isEmpty()) {
            claimUnderWay = true;
            context.pipeToSelf(
                    CompletableFuture.supplyAsync(
                            () -> store.claims().claim(parts.settings().jobs().node()), blocking),
                    (job, fault) -> {
                        if (fault != null) {
                            context.getLog().warn("the log of jobs does not answer: {}", fault.toString());
                            return new Claimed(Optional.empty());
                        }
                        return new Claimed(job);
                    });
        }
        return Behaviors.same();
    }

    private Behavior<Command> claimed(Optional<ClaimedJob> job) {
        if (job.isPresent() && draining.isPresent()) {
            // Not drained before the log knows that it waits again.
            context.pipeToSelf(
                    CompletableFuture.runAsync(
                            () -> store.claims().putBack(job.get().claim()), blocking),
                    (done, fault) -> {
                        if (fault != null) {
                            context.getLog().warn("the log of jobs does not answer: {}", fault.toString());
                        }
                        return new Claimed(Optional.empty());
                    });
            return Behaviors.same();
        }
        claimUnderWay = false;
        if (job.isEmpty()) {
            tellIfDrained();
            return Behaviors.same();
        }
        begin(job.get());
        return claim();
    }

    private void tellIfDrained() {
        draining.filter(replyTo -> running.isEmpty() && !claimUnderWay)
                .ifPresent(replyTo -> replyTo.tell(Drained.INSTANCE));
    }

    private void begin(ClaimedJob job) {
        String id = job.job().id();
        String text = job.request().json();
        if (JobDesk.attachedElsewhere(text, incarnation)) {
            aside(() -> store.claims()
                    .fail(job.claim(), new Job.Failure("client_gone", "the client went with the server's last run")));
        } else {
            try {
                JobWork work = JobWork.parse(text);
                ActorRef<JobWorker.Command> worker = context.spawnAnonymous(
                        JobWorker.create(new JobWorker.Setup(parts, store, blocking, context.getSelf()), job, work));
                context.watchWith(worker, new WorkerGone(id));
                running.put(id, new Running(worker, job.job().face()));
            } catch (IllegalArgumentException unreadable) {
                aside(() -> store.claims()
                        .fail(job.claim(), new Job.Failure("request_refused", "the stored request cannot be read")));
            }
        }
    }

    private Behavior<Command> workerGone(String id) {
        Running gone = running.remove(id);
        look(id, gone != null && followers.containsKey(gone.face));
        tellIfDrained();
        return claim();
    }

    private Behavior<Command> drain(Drain drain) {
        draining = Optional.of(drain.replyTo());
        tellIfDrained();
        if (!running.isEmpty()) {
            timers.startSingleTimer(ParkAll.INSTANCE, parts.settings().workers().drainTimeout());
        }
        return Behaviors.same();
    }

    private int removeExpired() {
        try {
            return store.removeExpired().size();
        } catch (IOException failure) {
            throw new UncheckedIOException("expired jobs are not removed", failure);
        }
    }

    /** A call of the store whose answer nobody needs; a failed one is tried again by its timer or the next start. */
    private void aside(Supplier<?> work) {
        context.pipeToSelf(CompletableFuture.supplyAsync(work, blocking), (done, fault) -> {
            if (fault != null) {
                context.getLog().warn("the store of jobs: {}", fault.toString());
            }
            return Nothing.INSTANCE;
        });
    }

    // --- those who watch ---------------------------------------------------------------------------------------------

    private Behavior<Command> watch(String id, SourceQueueWithComplete<JobNews> to) {
        if (watchers.values().stream().mapToInt(List::size).sum() >= MAX_WATCHERS) {
            to.complete();
            return Behaviors.same();
        }
        watchers.computeIfAbsent(id, first -> new ArrayList<>()).add(to);
        Running job = running.get(id);
        if (job == null) {
            look(id);
        } else {
            job.started.ifPresent(to::offer);
            job.stepped.ifPresent(to::offer);
        }
        return Behaviors.same();
    }

    private Behavior<Command> news(String id, JobNews news) {
        Running job = running.get(id);
        if (job != null && news instanceof JobNews.Started) {
            job.started = Optional.of(news);
            job.stepped = Optional.empty();
        } else if (job != null && news instanceof JobNews.Stepped) {
            job.stepped = Optional.of(news);
        }
        watchers.getOrDefault(id, List.of()).forEach(to -> to.offer(news));
        if (job != null) {
            tellFollower(job.face, id, news);
        }
        return Behaviors.same();
    }

    private void tellFollower(String face, String id, JobNews news) {
        Optional.ofNullable(followers.get(face)).ifPresent(to -> to.tell(new Heard(id, news)));
    }

    private void lookAtWatched() {
        watchers.keySet().stream().filter(id -> !running.containsKey(id)).forEach(this::look);
    }

    private void look(String id) {
        look(id, false);
    }

    private void look(String id, boolean followed) {
        if (followed || watchers.containsKey(id)) {
            context.pipeToSelf(
                    CompletableFuture.supplyAsync(
                            () -> new Looked(
                                    id, store.log().find(id), store.log().position(id)),
                            blocking),
                    (looked, fault) -> fault == null ? looked : Nothing.INSTANCE);
        }
    }

    private Behavior<Command> looked(Looked looked) {
        List<SourceQueueWithComplete<JobNews>> queues = watchers.getOrDefault(looked.id(), List.of());
        looked.before().ifPresent(before -> queues.forEach(to -> to.offer(new JobNews.Waiting(before))));
        boolean ended = looked.job().filter(job -> !job.state().ended()).isEmpty();
        if (ended) {
            looked.job().ifPresent(job -> {
                queues.forEach(to -> to.offer(new JobNews.Ended(job)));
                tellFollower(job.face(), job.id(), new JobNews.Ended(job));
            });
            queues.forEach(SourceQueueWithComplete::complete);
            watchers.remove(looked.id());
        }
        return Behaviors.same();
    }
}
