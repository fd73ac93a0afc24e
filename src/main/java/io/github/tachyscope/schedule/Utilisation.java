package io.github.tachyscope.schedule;

import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.frame.PictureSize;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Predicts how busy a device is with live sessions at a given rate. What the chunks of a session take is learned from its
 * own, before it has any from those of others with the same pipeline, mode and size, on the same device if there are any.
 */
final class Utilisation {
    /** Most devices, pipelines, modes and sizes remembered; the least recently used is forgotten. */
    private static final int MOST_KINDS = 256;

    private static final double MICROS = 1e6;

    private record Kind(String device, String pipelineKey, InputMode mode, Optional<PictureSize> size) {
        boolean elsewhere(Kind other) {
            return pipelineKey.equals(other.pipelineKey) && mode == other.mode && size.equals(other.size);
        }
    }

    private final Map<Kind, RunNeeds> typical = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Kind, RunNeeds> eldest) {
            return size() > MOST_KINDS;
        }
    };

    /** Remembers what the chunks of a run took, for those that come after it. */
    void learn(ScheduledDevice host, ScheduledRun run) {
        typical.put(kind(host, run.request), run.needs());
    }

    /**
     * Time that live sessions take of the busiest thread of a device, per second: above 1 they cannot all have the rate.
     *
     * @param runs of this device
     * @param newcomer is counted too
     */
    double of(
            ScheduledDevice host,
            Iterable<ScheduledRun> runs,
            Scheduler.@Nullable OpenRun newcomer,
            Quality quality,
            double fps) {
        double[] busy = new double[host.slots()];
        for (ScheduledRun run : runs) {
            if (run.live() && !run.suspended) {
                RunNeeds needs = run.needs().known() ? run.needs() : typical(host, run.request, run.spec);
                add(busy, host, needs, run.framesPerChunk(), quality, fps);
            }
        }
        PipelineSpec spec = newcomer == null ? null : host.pipelines.get(newcomer.pipelineKey());
        if (newcomer != null && spec != null) {
            int frames = ScheduledRun.framesPerChunk(spec, newcomer.request().mode());
            add(busy, host, typical(host, newcomer, spec), frames, quality, fps);
        }
        double most = 0;
        for (double slot : busy) {
            most = Math.max(most, slot);
        }
        return most / MICROS;
    }

    private RunNeeds typical(ScheduledDevice host, Scheduler.OpenRun request, PipelineSpec spec) {
        Kind kind = kind(host, request);
        RunNeeds seen = typical.get(kind);
        if (seen != null) {
            return seen;
        }
        // A device that was never tried must look neither idle nor busy beside one that was.
        return typical.entrySet().stream()
                .filter(entry -> entry.getKey().elsewhere(kind))
                .findFirst()
                .map(Map.Entry::getValue)
                .orElseGet(() -> new RunNeeds(spec, request.request().size()));
    }

    private static void add(
            double[] busy, ScheduledDevice host, RunNeeds needs, int framesPerChunk, Quality quality, double fps) {
        for (Lane lane : Lane.values()) {
            busy[host.slotOf(lane)] += needs.micros(lane, quality.economies()) * fps / framesPerChunk;
        }
    }

    private static Kind kind(ScheduledDevice host, Scheduler.OpenRun request) {
        return new Kind(
                host.device.name(),
                request.pipelineKey(),
                request.request().mode(),
                request.request().size());
    }
}
