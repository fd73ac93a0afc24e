package io.github.tachyscope.session.job;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.IntNode;
import io.github.tachyscope.config.ConfigLoader;
import io.github.tachyscope.config.PipelineSettings;
import io.github.tachyscope.config.RestartSettings;
import io.github.tachyscope.config.Settings;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ParameterSchedule;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineCatalog;
import io.github.tachyscope.exec.Device;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.metrics.Metrics;
import io.github.tachyscope.schedule.Scheduler;
import io.github.tachyscope.schedule.Timeline;
import io.github.tachyscope.session.PipelineRegistry;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobStore;
import io.github.tachyscope.store.NewJob;
import io.github.tachyscope.store.ResultFile;
import io.github.tachyscope.tensor.Placement;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.DispatcherSelector;

/** An engine with a pipeline, a log of jobs in a directory, and a desk. */
final class JobHouse implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final RestartSettings QUICK = new RestartSettings(
            Duration.ofMillis(300), Duration.ofMillis(10), Duration.ofMillis(20), 20, Duration.ofMinutes(10), 1);
    static final Keep RAW = new Keep.Raw("", Optional.empty());
    static final Keep MP4 = new Keep.Mp4("", Optional.empty(), 16);
    private static final AtomicLong INCARNATIONS = new AtomicLong();

    final ActorTestKit kit = ActorTestKit.create();
    final Settings settings;
    final ActorRef<Scheduler.Command> scheduler;
    final JobParts parts;
    final JobStore store;
    final ActorRef<Jobs.Command> jobs;
    final JobDesk desk;
    private final TestProbe<Scheduler.Load> loads = kit.createTestProbe(Scheduler.Load.class);

    JobHouse(Path directory) throws Exception {
        this(directory, "synthetic", Map.of());
    }

    /** @param overrides settings by path */
    JobHouse(Path directory, String pipeline, Map<String, String> overrides) throws Exception {
        settings = settings(directory, overrides);
        MediaClock clock = MediaClock.system();
        Metrics metrics = Metrics.unread(clock::micros);
        ActorRef<Executor.Command> executor = kit.spawn(
                Executor.create(new Device("cpu", Placement.CPU, 1L << 30, 1), 3, PATIENCE, QUICK, clock),
                Executor.dispatcher());
        scheduler = kit.spawn(Scheduler.create(
                new Scheduler.Setup(
                        settings.engine(), settings.session().retryAfter(), clock, new Timeline(1024), metrics),
                List.of(executor)));
        PipelineSettings pipelines = settings.pipelines();
        ActorRef<PipelineRegistry.Command> registry =
                kit.spawn(PipelineRegistry.create(PipelineCatalog.discover(pipelines), executor, PATIENCE));
        parts = new JobParts(settings, clock, scheduler, registry, metrics, new AtomicLong());
        load(registry, pipeline);
        store = JobStore.open(settings.jobs(), settings.storage().mediaDir(), Clock.systemUTC());
        java.util.concurrent.Executor blocking = kit.system().dispatchers().lookup(DispatcherSelector.blocking());
        String incarnation = "run-" + INCARNATIONS.incrementAndGet();
        jobs = kit.spawn(Jobs.create(parts, store, blocking, incarnation));
        desk = new JobDesk(kit.system(), parts, store, jobs, blocking, incarnation);
    }

    static Settings settings(Path directory, Map<String, String> overrides) {
        Map<String, String> options = new HashMap<>(Map.of(
                "tachyscope.storage.models-dir", directory.resolve("models").toString(),
                "tachyscope.storage.assets-dir", directory.resolve("assets").toString(),
                "tachyscope.storage.media-dir", directory.resolve("media").toString(),
                "tachyscope.jobs.dir", directory.resolve("jobs").toString(),
                "tachyscope.jobs.poll", "100 ms",
                "tachyscope.jobs.drain-timeout", "0"));
        options.putAll(overrides);
        return ConfigLoader.load(new ConfigLoader.Sources(options, Optional.empty(), Map.of(), Map.of(), directory))
                .settings();
    }

    private void load(ActorRef<PipelineRegistry.Command> registry, String pipeline) {
        TestProbe<PipelineRegistry.LoadReply> reply = kit.createTestProbe(PipelineRegistry.LoadReply.class);
        TestProbe<PipelineRegistry.Status> status = kit.createTestProbe(PipelineRegistry.Status.class);
        registry.tell(new PipelineRegistry.Load(
                List.of(new PipelineRegistry.Node(
                        pipeline, pipeline, pipeline.equals("synthetic") ? small() : Parameters.none())),
                reply.getRef()));
        reply.expectMessage(PATIENCE, PipelineRegistry.LoadAccepted.INSTANCE);
        status.awaitAssert(PATIENCE, () -> {
            registry.tell(new PipelineRegistry.DescribeStatus(status.getRef()));
            PipelineRegistry.State state = status.receiveMessage(PATIENCE).state();
            if (state != PipelineRegistry.State.LOADED) {
                throw new AssertionError(state.toString());
            }
            return null;
        });
    }

    /** Little work, so that many frames are soon made. */
    private static Parameters small() {
        return Parameters.none().with("width", IntNode.valueOf(64)).with("height", IntNode.valueOf(64));
    }

    JobHouse begin() {
        jobs.tell(Jobs.Begin.INSTANCE);
        return this;
    }

    /** From text, of raw pictures. */
    static JobPlan text(long frames, String parameters) throws Exception {
        return plan(frames, parameters, RAW);
    }

    static JobPlan plan(long frames, String parameters, Keep keep) throws Exception {
        return new JobPlan(
                "synthetic",
                Optional.empty(),
                InputMode.TEXT,
                Optional.empty(),
                frames,
                16,
                ParameterSchedule.constant(parameters(parameters)),
                Optional.empty(),
                List.of(keep),
                Map.of(),
                Optional.empty());
    }

    static Parameters parameters(String json) throws Exception {
        return Parameters.of(new ObjectMapper().readTree(json));
    }

    static JobDesk.Order order(String id, JobPlan plan) {
        return order(id, JobWork.of(plan));
    }

    private static JobDesk.Order order(String id, JobWork work) {
        return new JobDesk.Order(
                id, "test", "synthetic", "a test", "", work, Optional.empty(), NewJob.Place.Back.INSTANCE, 1, false);
    }

    /** A job as it goes into the log without a desk. */
    static NewJob stored(String id, JobPlan plan) {
        return NewJob.of(id, "test", "synthetic", "a test", JobWork.of(plan).toJson());
    }

    Job submit(String id, JobPlan plan) throws Exception {
        return submit(id, JobWork.of(plan));
    }

    Job submit(String id, JobWork work) throws Exception {
        JobDesk.Answer answer = get(desk.submit(order(id, work)));
        return ((JobDesk.Accepted) answer).job();
    }

    Job await(String id, Predicate<Job> wanted) throws Exception {
        long until = System.nanoTime() + PATIENCE.toNanos();
        Job job = get(desk.find(id)).orElseThrow();
        while (!wanted.test(job)) {
            if (System.nanoTime() > until) {
                throw new AssertionError("still " + job);
            }
            TimeUnit.MILLISECONDS.sleep(5);
            job = get(desk.find(id)).orElseThrow();
        }
        return job;
    }

    Job ended(String id) throws Exception {
        return await(id, job -> job.state().ended());
    }

    Path file(Job job, ResultFile.Kind kind) throws Exception {
        return get(desk.file(job, job.file(kind).orElseThrow())).orElseThrow();
    }

    /** Waits until the scheduler has no run any more. */
    void awaitNoRuns() {
        loads.awaitAssert(PATIENCE, () -> {
            scheduler.tell(new Scheduler.DescribeLoad(loads.getRef()));
            int runs = loads.receiveMessage(PATIENCE).runs();
            if (runs > 0) {
                throw new AssertionError(runs + " runs");
            }
            return null;
        });
    }

    static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        kit.shutdownTestKit();
        store.close();
    }
}
