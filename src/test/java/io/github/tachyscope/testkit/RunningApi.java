package io.github.tachyscope.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.github.tachyscope.api.ApiParts;
import io.github.tachyscope.api.BuildInfo;
import io.github.tachyscope.api.Face;
import io.github.tachyscope.api.HostInfo;
import io.github.tachyscope.api.HttpApi;
import io.github.tachyscope.api.HttpServer;
import io.github.tachyscope.api.RecentLog;
import io.github.tachyscope.api.comfy.ComfyFace;
import io.github.tachyscope.api.comfy.ComfyParts;
import io.github.tachyscope.api.jobs.JobsFace;
import io.github.tachyscope.api.scope.ScopeFace;
import io.github.tachyscope.api.scope.ScopeParts;
import io.github.tachyscope.api.video.RemoteInputs;
import io.github.tachyscope.api.video.VideoFace;
import io.github.tachyscope.api.video.VideoParts;
import io.github.tachyscope.api.video.stream.StreamFace;
import io.github.tachyscope.api.video.stream.StreamParts;
import io.github.tachyscope.config.Settings;
import io.github.tachyscope.diffusion.Capability;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.Plugins;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.download.DownloadParts;
import io.github.tachyscope.download.ModelDownloads;
import io.github.tachyscope.download.ModelShelf;
import io.github.tachyscope.download.Requests;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.metrics.Metrics;
import io.github.tachyscope.metrics.StreamMeters;
import io.github.tachyscope.schedule.CostModel;
import io.github.tachyscope.schedule.Scheduler;
import io.github.tachyscope.schedule.StepSpan;
import io.github.tachyscope.schedule.Timeline;
import io.github.tachyscope.session.PipelineRegistry;
import io.github.tachyscope.session.Problem;
import io.github.tachyscope.session.SessionFigures;
import io.github.tachyscope.session.Sessions;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.session.job.JobParts;
import io.github.tachyscope.session.job.Jobs;
import io.github.tachyscope.store.AssetStore;
import io.github.tachyscope.store.JobStore;
import io.github.tachyscope.store.KeyStore;
import io.github.tachyscope.store.LoraStore;
import io.github.tachyscope.store.ModelStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * The real HTTP server on a port of its own, over scripted actors and a directory for its files.
 *
 * <p>Offers with the SDP {@code full}, {@code bad}, {@code wrong} and {@code silent} are refused as busy, as a bad
 * request, as invalid, and not answered; the one session is called {@code s1}.
 */
public final class RunningApi implements AutoCloseable {
    public static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    public final BlockingQueue<Sessions.Command> sessionCommands = new LinkedBlockingQueue<>();
    public final BlockingQueue<PipelineRegistry.Load> loads = new LinkedBlockingQueue<>();
    public final CountDownLatch restarted = new CountDownLatch(1);
    public final AssetStore assets;
    public final Timeline timeline = new Timeline(4096);
    public volatile List<CostModel.Measured> costs =
            List.of(new CostModel.Measured("synthetic", StepKind.DENOISE, "64x64", 2, 2_500, 2_400, 3_000, 12));
    public final ApiParts parts;
    public final List<Face> faces;
    public volatile List<String> notReady = List.of();
    public volatile PipelineRegistry.Status status = new PipelineRegistry.Status(
            PipelineRegistry.State.NOT_LOADED, List.of(), Optional.empty(), Optional.empty(), Optional.empty());

    private final ActorSystem<Void> system;
    private final HttpServer server;
    private final JobStore jobs;
    private final HttpClient client;
    private final RecentLog log = RecentLog.install();

    public RunningApi(Path directory, String... settings) throws Exception {
        this(HttpClient.newHttpClient(), directory, settings);
    }

    public RunningApi(HttpClient client, Path directory, String... overrides) throws Exception {
        this.client = client;
        Config config = ConfigFactory.parseString(String.join("\n", overrides))
                .withFallback(
                        ConfigFactory.parseString(
                                "tachyscope.server.port = 0\ntachyscope.jobs.dir = \"" + directory.resolve("jobs")
                                        + "\"\ntachyscope.storage.media-dir = \"" + directory.resolve("media")
                                        + "\"\ntachyscope.credentials.civitai = secret\ntachyscope.session.ask-timeout = 300 ms\npekko.loglevel = WARNING"))
                .withFallback(ConfigFactory.load());
        Settings settings = Settings.from(config);
        system = ActorSystem.create(Behaviors.empty(), "api", config);
        assets = new AssetStore(
                directory.resolve("assets"),
                settings.storage().maxUploadBytes(),
                settings.storage().maxAssetsBytes());
        BuildInfo build = new BuildInfo("1.2.3", "abcdef", NOW);
        HostInfo host = new HostInfo(
                "http://127.0.0.1",
                List.of(
                        new HostInfo.Device("cpu", "Processor", "cpu", Optional.empty(), 1 << 30, List.of("fp32")),
                        new HostInfo.Device(
                                "cuda:0",
                                "Card",
                                "cuda",
                                Optional.of(new HostInfo.Memory(1 << 20, 2 << 20, 8L << 30)),
                                8L << 30,
                                List.of("fp16", "fp32"))),
                new HostInfo.TensorLibrary("LibTorch", "2.10.0", false, 1, "fp16"));
        timeline.add(new StepSpan(
                0, "s1", new RunId(1), "synthetic", StepKind.DENOISE, Lane.DENOISE, "cpu", 1, 2, 0, 5, 10, 20, true));
        parts = new ApiParts(
                system,
                settings,
                build,
                () -> notReady,
                () -> "tachyscope_up 1\n",
                timeline,
                () -> CompletableFuture.completedFuture(new Scheduler.Costs(costs)),
                () -> 1_000_000,
                () -> host);
        LoraStore loras = new LoraStore(directory.resolve("lora"), Optional.of(directory.resolve("shared")));
        KeyStore keys = new KeyStore(directory.resolve("keys.json"));
        DownloadParts downloads =
                DownloadParts.of(settings, keys, new ModelStore(directory.resolve("models"), 0), loras);
        ActorRef<PipelineRegistry.Command> registry = system.systemActorOf(registry(), "registry", Props.empty());
        jobs = JobStore.open(settings.jobs(), settings.storage().mediaDir(), Clock.systemUTC());
        JobDesk desk = desk(settings, registry);
        ScopeParts scope = new ScopeParts(
                settings,
                build,
                system.systemActorOf(sessions(), "sessions", Props.empty()),
                registry,
                desk,
                List.of(spec("synthetic"), spec("mirror")),
                new Plugins(
                        List.of(new Plugins.Plugin(
                                "mirror",
                                "2.0",
                                Optional.empty(),
                                Optional.of("Mirrors"),
                                "mirror.jar",
                                List.of("mirror"))),
                        List.of(new Plugins.Failure(
                                "broken.jar", "broken.jar", Plugins.Reason.UNREADABLE_JAR, "It cannot be read."))),
                () -> host,
                restarted::countDown,
                assets,
                loras,
                keys,
                new ModelShelf(settings.models().catalogue(), downloads.models(), Map.of()),
                new Requests(downloads.hub()),
                system.systemActorOf(
                        ModelDownloads.create(downloads, settings.models().maxDownloads(), true),
                        "downloads",
                        Props.empty()),
                log,
                Clock.fixed(NOW, ZoneOffset.UTC));
        VideoParts video = new VideoParts(settings.video(), settings.session().retryAfter(), desk, RemoteInputs.none());
        StreamParts stream = new StreamParts(
                video,
                settings.media(),
                MediaClock.system(),
                new StreamMeters(Metrics.unread(MediaClock.system()::micros)));
        faces = List.of(
                new ScopeFace(scope),
                new StreamFace(stream),
                new VideoFace(video),
                new JobsFace(desk, Clock.systemUTC()),
                new ComfyFace(new ComfyParts(
                        system,
                        settings,
                        desk,
                        jobs.folders(),
                        loras,
                        List.of(spec("synthetic"), spec("mirror")),
                        registry,
                        () -> host,
                        Clock.systemUTC())));
        server = HttpServer.bind(system, settings.server(), HttpApi.create(parts, faces))
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    /** With a log of its own, and nobody who works on the jobs. */
    private JobDesk desk(Settings settings, ActorRef<PipelineRegistry.Command> registry) {
        JobParts parts = new JobParts(
                settings,
                () -> 1_000_000,
                system.systemActorOf(Behaviors.ignore(), "scheduler", Props.empty()),
                registry,
                Metrics.unread(() -> 1_000_000),
                new AtomicLong());
        Executor blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
        return new JobDesk(
                system,
                parts,
                jobs,
                system.systemActorOf(Jobs.create(parts, jobs, blocking, "test"), "jobs", Props.empty()),
                blocking,
                "test");
    }

    public static PipelineSpec spec(String id) {
        ModeDefaults video = new ModeDefaults(
                512, 512, ChunkGeometry.FRAME_WISE, List.of(750, 250), Optional.of(0.7), Optional.empty());
        return new PipelineSpec(
                id,
                "Synthetic",
                "Makes pictures without a model",
                "1",
                Map.of(InputMode.VIDEO, video),
                InputMode.VIDEO,
                Set.of(Capability.PROMPTS),
                new ParameterSchema(List.of()),
                4,
                0,
                0,
                Optional.empty(),
                false,
                8,
                64,
                2048);
    }

    private Behavior<Sessions.Command> sessions() {
        return Behaviors.receiveMessage(message -> {
            sessionCommands.add(message);
            if (message instanceof Sessions.Offer offer) {
                answer(offer);
            } else if (message instanceof Sessions.Trickle trickle) {
                tell(trickle.sessionId().equals("s1"), trickle.replyTo());
            } else if (message instanceof Sessions.HangUp hangUp) {
                tell(hangUp.sessionId().equals("s1"), hangUp.replyTo());
            } else if (message instanceof Sessions.Watch watch) {
                watch.replyTo().tell(new Sessions.WatchReply(Optional.empty()));
            } else if (message instanceof Sessions.Snapshot snapshot) {
                snapshot.replyTo().tell(new Sessions.SnapshotReply(Optional.empty()));
            } else if (message instanceof Sessions.Patch patch) {
                tell(patch.sessionId().orElse("s1").equals("s1"), patch.replyTo());
            } else if (message instanceof Sessions.Describe describe) {
                SessionFigures figures = new SessionFigures(
                        "streaming", List.of("synthetic"), 10, 9, 1, 2.5, 30, 29, 60, Double.NaN, 4_000_000, 9, 0, 0);
                describe.replyTo().tell(new Sessions.Description(Map.of("s1", figures), 16, false));
            }
            return Behaviors.same();
        });
    }

    private static void tell(boolean found, ActorRef<Sessions.Found> replyTo) {
        replyTo.tell(found ? Sessions.Found.YES : Sessions.Found.NO);
    }

    private static void answer(Sessions.Offer offer) {
        switch (offer.sdp()) {
            case "full" -> offer.replyTo().tell(new Sessions.Rejected(Problem.busy("full", Duration.ofSeconds(7))));
            case "bad" -> offer.replyTo().tell(new Sessions.Rejected(Problem.badRequest("load a pipeline first")));
            case "wrong" ->
                offer.replyTo()
                        .tell(new Sessions.Rejected(Problem.invalid(
                                "wrong",
                                List.of(new Problem.Field(
                                        List.of("initialParameters", "noise_scale"),
                                        "too large",
                                        "less_than_equal")))));
            case "silent" -> {}
            default -> offer.replyTo().tell(new Sessions.Answered("s1", "the answer"));
        }
    }

    private Behavior<PipelineRegistry.Command> registry() {
        return Behaviors.receiveMessage(message -> {
            if (message instanceof PipelineRegistry.Load load) {
                loads.add(load);
                boolean refused = load.chain().get(0).pipelineId().equals("refused");
                load.replyTo()
                        .tell(
                                refused
                                        ? new PipelineRegistry.LoadRejected(Problem.badRequest("not now"))
                                        : PipelineRegistry.LoadAccepted.INSTANCE);
            } else if (message instanceof PipelineRegistry.DescribeStatus describe) {
                describe.replyTo().tell(status);
            } else if (message instanceof PipelineRegistry.Resolve resolve) {
                resolve.replyTo().tell(new PipelineRegistry.Unresolved(Problem.badRequest("no pipeline is loaded")));
            }
            return Behaviors.same();
        });
    }

    public int port() {
        return server.address().getPort();
    }

    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server.url() + path)).timeout(Duration.ofSeconds(20));
    }

    public HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path));
    }

    public HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
        return send(request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
    }

    public HttpClient client() {
        return client;
    }

    public static JsonNode json(HttpResponse<String> response) throws IOException {
        return MAPPER.readTree(response.body());
    }

    @Override
    public void close() {
        server.terminate(Duration.ofSeconds(1))
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
        system.terminate();
        system.getWhenTerminated()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
        jobs.close();
        log.stop();
    }
}
