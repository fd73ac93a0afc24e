package io.github.tachyscope.schedule;

import io.github.tachyscope.config.LoadSettings;
import io.github.tachyscope.diffusion.PipelineSpec;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** What each device offers to a newcomer, and what the sessions on it do without meanwhile. */
final class Admission {
    private final LoadSettings settings;
    private final Utilisation utilisation = new Utilisation();

    Admission(LoadSettings settings) {
        this.settings = settings;
    }

    /** Remembers what the chunks of a run take on a device. */
    void learn(ScheduledDevice host, ScheduledRun run) {
        utilisation.learn(host, run);
    }

    /** What the devices that have the pipeline offer. Asked before anything is allocated for the newcomer. */
    List<DeviceChoice.Offer> offers(
            Scheduler.OpenRun newcomer, Collection<ScheduledDevice> devices, Collection<ScheduledRun> runs) {
        return devices.stream()
                .filter(host -> host.pipelines.containsKey(newcomer.pipelineKey()))
                .map(host -> offer(
                        newcomer,
                        host,
                        runs.stream()
                                .filter(run -> run.executor == host.executor)
                                .toList()))
                .toList();
    }

    private DeviceChoice.Offer offer(Scheduler.OpenRun newcomer, ScheduledDevice host, List<ScheduledRun> runs) {
        long used = runs.stream().mapToLong(ScheduledRun::sessionBytes).sum()
                + host.pipelines.values().stream()
                        .mapToLong(PipelineSpec::weightsBytes)
                        .sum();
        return new DeviceChoice.Offer(
                host.device.name(),
                host.trouble(),
                busy(newcomer, host, runs),
                host.device.memoryBytes() - used,
                runs.size(),
                utilisation.of(host, runs, newcomer, Quality.FULL, settings.targetFps()));
    }

    /** Why a live session would leave too little for all; jobs have no deadlines and wait for their turn. */
    private Optional<String> busy(Scheduler.OpenRun newcomer, ScheduledDevice host, List<ScheduledRun> runs) {
        if (newcomer.urgency() == Scheduler.Urgency.BATCH) {
            return Optional.empty();
        }
        double with = utilisation.of(host, runs, newcomer, host.pressure.least(), settings.leastFps());
        if (!host.pressure.refuses(with)) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                Locale.ROOT,
                "%s is busy: with one more than the %d live sessions it has, %.0f %% of its time would be taken at %.0f"
                        + " frames per second each (tachyscope.load); try again later",
                host.device.name(),
                runs.stream().filter(ScheduledRun::live).count(),
                100 * with,
                settings.leastFps()));
    }

    /** Predicted share of a device's time that its live sessions take as they are served now. */
    double utilisation(ScheduledDevice host, List<ScheduledRun> runs) {
        return at(host, runs).applyAsDouble(host.pressure.quality());
    }

    /** Lets the sessions of a device do without more, or less, where that is due; whether it did. */
    boolean adjust(ScheduledDevice host, List<ScheduledRun> runs, long nowMicros) {
        int live = (int) runs.stream()
                .filter(run -> run.live() && run.opened && !run.suspended)
                .count();
        return host.pressure.adjust(live, at(host, runs), nowMicros);
    }

    private ToDoubleFunction<Quality> at(ScheduledDevice host, List<ScheduledRun> runs) {
        return quality -> utilisation.of(host, runs, null, quality, Math.min(quality.mostFps(), settings.targetFps()));
    }
}
