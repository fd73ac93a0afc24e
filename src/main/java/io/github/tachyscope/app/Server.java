package io.github.tachyscope.app;

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
import io.github.tachyscope.config.Configuration;
import io.github.tachyscope.config.ServerSettings;
import io.github.tachyscope.config.Settings;
import io.github.tachyscope.config.StorageSettings;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineCatalog;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.download.DownloadParts;
import io.github.tachyscope.download.Requests;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.media.Codecs;
import io.github.tachyscope.metrics.Metrics;
import io.github.tachyscope.metrics.StreamMeters;
import io.github.tachyscope.rtc.RtcEndpoint;
import io.github.tachyscope.schedule.CostFile;
import io.github.tachyscope.schedule.CostKeeper;
import io.github.tachyscope.schedule.DeadlinePolicy;
import io.github.tachyscope.schedule.Scheduler;
import io.github.tachyscope.schedule.Timeline;
import io.github.tachyscope.session.PipelineRegistry;
import io.github.tachyscope.session.Sessions;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.session.job.Jobs;
import io.github.tachyscope.store.AssetStore;
import io.github.tachyscope.store.JobStore;
import io.github.tachyscope.tensor.LaunchCheck;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.http.javadsl.server.Route;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running server: everything wired together, from the UDP port to the pages.
 *
 * <p>Starts from the bottom up. Stops from the top down: no new sessions, the running ones told and drained, then the
 * ports, then the actors.
 */
public final class Server implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Server.class);

    /** Longest wait for something that is there at once unless it is broken. */
    private static final Duration PROMPT = Duration.ofSeconds(20);

    /** Longest wait for the clients of streams to take their last message. */
    private static final Duration DRAIN_STREAMS = Duration.ofSeconds(3);

    private final Settings settings;
    private final Clock calendar;
    private final BuildInfo build = BuildInfo.load(Instant.now());
    private final MediaClock clock = MediaClock.system();
    private final Timeline timeline;
    private final CountDownLatch stopAsked = new CountDownLatch(1);
    private final AtomicBoolean restartAsked = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** What to undo on the way down, newest first. */
    private final Deque<AutoCloseable> undo = new ArrayDeque<>();

    /** Of this process, among those that use the log of jobs. */
    private final String incarnation = UUID.randomUUID().toString();

    private PipelineCatalog catalog;
    private JobStore jobStore;
    private JobDesk desk;
    private RtcEndpoint rtc;
    private DownloadParts downloads;
    private ActorSystem<Void> system;
    private Guardian.Actors actors;
    private HttpServer http;
    private Optional<HttpServer> comfyHttp = Optional.empty();
    private StreamFace streams;

    private Server(Settings settings, Clock calendar) {
        this.settings = settings;
        this.calendar = calendar;
        this.timeline = new Timeline(settings.engine().timelineSpans());
    }

    /**
     * Starts a server; it serves when this returns, with the pipelines to preload loaded.
     *
     * @throws StartFailure if a port is taken, a native library is missing, or the configuration cannot be met
     */
    public static Server start(Configuration configuration) throws StartFailure {
        return start(configuration, Clock.systemDefaultZone());
    }

    /** @param calendar tells when jobs were made and expire, and the date in names of files */
    static Server start(Configuration configuration, Clock calendar) throws StartFailure {
        Server server = new Server(configuration.settings(), calendar);
        try {
            server.startParts(configuration);
            return server;
        } catch (StartFailure | RuntimeException failed) {
            server.close();
            throw failed;
        }
    }

    private void startParts(Configuration configuration) throws StartFailure {
        RecentLog recentLog = RecentLog.install();
        undo.push(recentLog::stop);
        catalog = discover();
        undo.push(catalog);
        warmUpCodecs();
        rtc = bindMedia();
        undo.push(rtc);

        Metrics metrics = new Metrics(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), clock::micros);
        Scheduler.Setup scheduling = new Scheduler.Setup(
                settings.engine(),
                settings.load(),
                new DeadlinePolicy(),
                settings.session().retryAfter(),
                clock,
                timeline,
                metrics);
        jobStore = openJobs();
        undo.push(jobStore);
        downloads = Downloads.parts(settings);
        CompletableFuture<Guardian.Actors> ready = new CompletableFuture<>();
        system = ActorSystem.create(
                Guardian.create(
                        settings, catalog, scheduling, rtc, clock, costFile(), jobStore, incarnation, downloads, ready),
                "tachyscope",
                configuration.all());
        undo.push(this::stopActors);
        actors = await(ready, PROMPT);
        desk = new JobDesk(
                system,
                actors.jobParts(),
                jobStore,
                actors.jobs(),
                system.dispatchers().lookup(DispatcherSelector.blocking()),
                incarnation);
        undo.push(this::keepCosts);

        Pulse pulse = Pulse.start(system, actors, clock, metrics);
        undo.push(pulse);
        http = bindHttp(recentLog, pulse, metrics);
        undo.push(() -> await(http.terminate(Duration.ofSeconds(2)), PROMPT));
        undo.push(() -> comfyHttp.ifPresent(second -> await(second.terminate(Duration.ofSeconds(2)), PROMPT)));
        undo.push(this::drainJobs);
        undo.push(() -> await(streams.drain(DRAIN_STREAMS), PROMPT));
        undo.push(this::drain);
        preload();
        actors.jobs().tell(Jobs.Begin.INSTANCE);
    }

    private JobStore openJobs() throws StartFailure {
        try {
            return JobStore.open(settings.jobs(), settings.storage().mediaDir(), calendar);
        } catch (IOException | RuntimeException unusable) {
            throw new StartFailure(
                    ExitCode.CONFIGURATION,
                    "cannot open the log of jobs (tachyscope.jobs.dir, tachyscope.jobs.url) or the folders for"
                            + " files (tachyscope.storage.media-dir): " + unusable.getMessage());
        }
    }

    private PipelineCatalog discover() throws StartFailure {
        try {
            return PipelineCatalog.discover(settings.pipelines());
        } catch (IllegalArgumentException wrongAlias) {
            throw new StartFailure(ExitCode.CONFIGURATION, wrongAlias.getMessage());
        }
    }

    private void warmUpCodecs() throws StartFailure {
        try {
            Codecs.warmUp(settings.media());
        } catch (LinkageError missing) {
            throw new StartFailure(
                    ExitCode.NO_DEVICE, "the FFmpeg libraries cannot be loaded here: " + missing.getMessage());
        }
    }

    private RtcEndpoint bindMedia() throws StartFailure {
        try {
            return RtcEndpoint.start(settings.rtc(), settings.server().host(), clock);
        } catch (UncheckedIOException taken) {
            throw new StartFailure(
                    ExitCode.CANNOT_BIND,
                    "cannot take media on UDP port " + settings.rtc().port() + " (tachyscope.rtc.port): "
                            + taken.getCause().getMessage());
        }
    }

    private HttpServer bindHttp(RecentLog recentLog, Pulse pulse, Metrics metrics) throws StartFailure {
        Supplier<HostInfo> host = this::host;
        ApiParts shared = new ApiParts(
                system, settings, build, pulse::notReady, metrics::scrape, timeline, this::costs, clock, host);
        ScopeParts scope = new ScopeParts(
                settings,
                build,
                actors.sessions(),
                actors.pipelines(),
                desk,
                catalog.specs(),
                catalog.plugins(),
                host,
                this::askForRestart,
                assets(),
                downloads.loras(),
                Downloads.keys(settings),
                Downloads.shelf(settings, downloads),
                new Requests(downloads.hub()),
                actors.downloads(),
                recentLog,
                Clock.systemUTC());
        VideoParts video = videoParts();
        streams = new StreamFace(new StreamParts(video, settings.media(), clock, new StreamMeters(metrics)));
        List<Face> faces = new ArrayList<>(
                List.of(new ScopeFace(scope), streams, new VideoFace(video), new JobsFace(desk, Clock.systemUTC())));
        if (settings.comfy().enabled()) {
            faces.add(comfy(host));
        }
        Route route = HttpApi.create(shared, faces);
        Optional<ServerSettings> second = settings.comfy()
                .listener()
                .filter(wanted -> settings.comfy().enabled())
                .map(wanted -> settings.server().at(wanted.host(), wanted.port()));
        if (second.isPresent()) {
            comfyHttp = Optional.of(bind(second.get(), route, "tachyscope.comfy.listener"));
        }
        return bind(settings.server(), route, "tachyscope.server");
    }

    private ComfyFace comfy(Supplier<HostInfo> host) {
        ComfyFace face = new ComfyFace(new ComfyParts(
                system,
                settings,
                desk,
                jobStore.folders(),
                downloads.loras(),
                catalog.specs(),
                actors.pipelines(),
                host,
                Clock.systemUTC()));
        undo.push(face);
        return face;
    }

    private HttpServer bind(ServerSettings where, Route route, String section) throws StartFailure {
        try {
            return await(
                    HttpServer.bind(
                            system, where, settings.video().syncTimeout().plus(PROMPT), route),
                    PROMPT);
        } catch (IllegalArgumentException certificate) {
            throw new StartFailure(ExitCode.CONFIGURATION, certificate.getMessage());
        } catch (Unavailable taken) {
            throw new StartFailure(
                    ExitCode.CANNOT_BIND,
                    "cannot listen on " + where.host() + " port " + where.port() + " (" + section + ".host, " + section
                            + ".port): " + taken.reason());
        }
    }

    private VideoParts videoParts() {
        return new VideoParts(
                settings.video(), settings.session().retryAfter(), desk, RemoteInputs.of(settings.video()));
    }

    private CompletionStage<Scheduler.Costs> costs() {
        return AskPattern.ask(
                actors.scheduler(),
                Scheduler.DescribeCosts::new,
                settings.session().askTimeout(),
                system.scheduler());
    }

    private AssetStore assets() throws StartFailure {
        StorageSettings storage = settings.storage();
        try {
            return new AssetStore(storage.assetsDir(), storage.maxUploadBytes(), storage.maxAssetsBytes());
        } catch (UncheckedIOException unusable) {
            throw new StartFailure(
                    ExitCode.CONFIGURATION,
                    storage.assetsDir() + " is not a directory that we can use (tachyscope.storage.assets-dir)");
        }
    }

    private HostInfo host() {
        String address = Optional.ofNullable(http).map(HttpServer::url).orElse("");
        return Host.describe(address, settings);
    }

    /** Loads the configured chain and waits for it, so that whoever finds the port open finds the pipelines too. */
    private void preload() {
        List<String> ids = settings.pipelines().preload();
        if (ids.isEmpty()) {
            return;
        }
        List<PipelineRegistry.Node> chain = ids.stream()
                .map(id -> new PipelineRegistry.Node(id, id, Parameters.none()))
                .toList();
        PipelineRegistry.LoadReply accepted = await(
                AskPattern.ask(
                        actors.pipelines(),
                        replyTo -> new PipelineRegistry.Load(chain, replyTo),
                        PROMPT,
                        system.scheduler()),
                PROMPT);
        if (accepted instanceof PipelineRegistry.LoadRejected rejected) {
            log.warn("cannot preload {}: {}", ids, rejected.problem().message());
            return;
        }
        PipelineRegistry.Status status = loading();
        while (status.state() == PipelineRegistry.State.LOADING) {
            try {
                TimeUnit.MILLISECONDS.sleep(50);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return;
            }
            status = loading();
        }
        status.error().ifPresent(error -> log.warn("cannot preload {}: {}", ids, error));
    }

    private PipelineRegistry.Status loading() {
        return await(
                AskPattern.ask(actors.pipelines(), PipelineRegistry.DescribeStatus::new, PROMPT, system.scheduler()),
                PROMPT);
    }

    /** Where the pages are, such as {@code http://127.0.0.1:8000}. */
    public String url() {
        return http.url();
    }

    /** Where clients of ComfyUI find it who know one port only, if that was asked for. */
    public Optional<String> comfyUrl() {
        return comfyHttp.map(HttpServer::url);
    }

    /** The UDP port that takes all media. */
    public int mediaPort() {
        return rtc.port();
    }

    /** What an operator wants to know, once everything runs. */
    StartupSummary summary() {
        return StartupSummary.of(
                build.version(),
                Stream.concat(Stream.of(url()), comfyUrl().stream()).toList(),
                List.of("UDP port " + rtc.port()),
                Host.devices(),
                catalog.specs().stream().map(PipelineSpec::id).toList(),
                catalog.plugins(),
                settings,
                LaunchCheck.warnings(System.getenv()));
    }

    private void askForRestart() {
        restartAsked.set(true);
        stopAsked.countDown();
    }

    /** Waits until a client asks for a restart or the server is closed. */
    ExitCode awaitStop() throws InterruptedException {
        stopAsked.await();
        return restartAsked.get() ? ExitCode.RESTART : ExitCode.OK;
    }

    private void drain() {
        await(
                AskPattern.ask(
                        actors.sessions(),
                        Sessions.Drain::new,
                        settings.session().drainTimeout().plus(PROMPT),
                        system.scheduler()),
                settings.session().drainTimeout().plus(PROMPT));
    }

    private void drainJobs() {
        Duration limit = settings.workers().drainTimeout().plus(PROMPT);
        await(desk.drain(limit), limit);
    }

    /** Beside the directory of the models, as the keys are. */
    private CostFile costFile() {
        return new CostFile(
                settings.storage().modelsDir().resolveSibling("costs.json"), build.version(), Host.engine(settings));
    }

    private void keepCosts() {
        await(AskPattern.ask(actors.costs(), CostKeeper.Save::new, PROMPT, system.scheduler()), PROMPT);
    }

    private void stopActors() {
        system.terminate();
        await(system.getWhenTerminated(), PROMPT);
    }

    /** Stops everything that was started; a second call does nothing. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        while (!undo.isEmpty()) {
            try {
                undo.pop().close();
            } catch (Exception failed) {
                log.warn("while stopping: {}", failed.toString());
            }
        }
        stopAsked.countDown();
    }

    /** Something did not come in time, or failed. */
    private static final class Unavailable extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unavailable(String message, Throwable cause) {
            super(message, cause);
        }

        /** What the first failure of all said, without what others wrapped around it. */
        String reason() {
            Throwable first = this;
            while (first.getCause() != null) {
                first = first.getCause();
            }
            return first.getMessage();
        }
    }

    private static <T> T await(CompletionStage<T> stage, Duration limit) {
        try {
            return stage.toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failed) {
            throw new Unavailable(failed.getCause().getMessage(), failed.getCause());
        } catch (TimeoutException late) {
            throw new Unavailable("no answer within " + limit.toSeconds() + " s", late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new Unavailable("interrupted", interrupted);
        }
    }
}
