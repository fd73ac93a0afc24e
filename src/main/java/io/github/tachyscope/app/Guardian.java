package io.github.tachyscope.app;

import io.github.tachyscope.config.Settings;
import io.github.tachyscope.diffusion.PipelineCatalog;
import io.github.tachyscope.download.DownloadParts;
import io.github.tachyscope.download.ModelDownloads;
import io.github.tachyscope.exec.Device;
import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.rtc.RtcEndpoint;
import io.github.tachyscope.schedule.CostFile;
import io.github.tachyscope.schedule.CostKeeper;
import io.github.tachyscope.schedule.Scheduler;
import io.github.tachyscope.schedule.WarmUp;
import io.github.tachyscope.session.PipelineRegistry;
import io.github.tachyscope.session.SessionParts;
import io.github.tachyscope.session.Sessions;
import io.github.tachyscope.session.job.JobParts;
import io.github.tachyscope.session.job.Jobs;
import io.github.tachyscope.store.JobStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * The root of the actors: executors, scheduler, pipelines, sessions, jobs, downloads.
 *
 * <p>None is restarted from here: executors see to the failures of their devices themselves and stay. Where one of the
 * others is gone, readiness turns red for whoever supervises the process.
 */
final class Guardian {
    /**
     * Who runs, once all are there.
     *
     * @param jobParts what jobs that the log does not know need too
     */
    record Actors(
            ActorRef<Scheduler.Command> scheduler,
            ActorRef<PipelineRegistry.Command> pipelines,
            ActorRef<Sessions.Command> sessions,
            ActorRef<Jobs.Command> jobs,
            JobParts jobParts,
            ActorRef<CostKeeper.Command> costs,
            ActorRef<ModelDownloads.Command> downloads) {}

    private Guardian() {}

    /**
     * Spawns everything.
     *
     * @param costFile keeps what steps cost
     * @param jobStore the log of jobs
     * @param incarnation of this process
     * @param ready gets the actors
     */
    static Behavior<Void> create(
            Settings settings,
            PipelineCatalog catalog,
            Scheduler.Setup scheduling,
            RtcEndpoint rtc,
            MediaClock clock,
            CostFile costFile,
            JobStore jobStore,
            String incarnation,
            DownloadParts downloadParts,
            CompletableFuture<Actors> ready) {
        return Behaviors.setup(context -> {
            List<ActorRef<Executor.Command>> executors = Device.used(settings.engine(), settings.executors()).stream()
                    .map(device -> executor(context, device, settings, clock))
                    .toList();
            ActorRef<Scheduler.Command> scheduler = context.spawn(Scheduler.create(scheduling, executors), "scheduler");
            ActorRef<CostKeeper.Command> costs = context.spawn(
                    CostKeeper.create(scheduler, costFile, settings.session().askTimeout()),
                    "costs",
                    CostKeeper.dispatcher());
            AtomicLong runNumbers = new AtomicLong();
            ActorRef<PipelineRegistry.Command> pipelines = context.spawn(
                    PipelineRegistry.create(new PipelineRegistry.Setup(
                            catalog,
                            executors,
                            settings.pipelines().loadTimeout(),
                            Optional.of(new WarmUp.Setup(
                                    scheduler,
                                    settings.engine().maxBatch(),
                                    settings.engine().warmUp(),
                                    runNumbers)),
                            settings.pipelines().maxBeside(),
                            settings.session().retryAfter())),
                    "pipelines");
            ActorRef<Sessions.Command> sessions = context.spawn(
                    Sessions.create(new SessionParts(
                            settings, clock, rtc, scheduler, pipelines, scheduling.metrics(), runNumbers)),
                    "sessions");
            JobParts jobParts = new JobParts(settings, clock, scheduler, pipelines, scheduling.metrics(), runNumbers);
            ActorRef<Jobs.Command> jobs = context.spawn(
                    Jobs.create(
                            jobParts,
                            jobStore,
                            context.getSystem().dispatchers().lookup(DispatcherSelector.blocking()),
                            incarnation),
                    "jobs");
            ActorRef<ModelDownloads.Command> downloads = context.spawn(
                    ModelDownloads.create(
                            downloadParts,
                            settings.models().maxDownloads(),
                            !settings.models().offline()),
                    "downloads",
                    ModelDownloads.dispatcher());
            ready.complete(new Actors(scheduler, pipelines, sessions, jobs, jobParts, costs, downloads));
            return Behaviors.empty();
        });
    }

    private static ActorRef<Executor.Command> executor(
            ActorContext<Void> context, Device device, Settings settings, MediaClock clock) {
        return context.spawn(
                Executor.create(
                        device,
                        settings.engine().lanes(),
                        settings.engine().watchdog(),
                        settings.executors().restart(),
                        clock),
                "executor-" + device.name().replace(':', '-'),
                Executor.dispatcher());
    }
}
