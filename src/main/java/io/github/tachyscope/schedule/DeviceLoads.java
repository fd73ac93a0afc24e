package io.github.tachyscope.schedule;

import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.exec.Chunk;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How much the devices have to do and how much room they have, for {@link DeviceChoice}.
 *
 * <p>The load of a device is the device time that one frame of each of its runs takes, times the rate of a live stream:
 * what the runs would need to be in time, whether or not they get it.
 */
final class DeviceLoads {
    /** Frames that a viewer sees in a second. Devices are compared only, so that it is the same for all matters more. */
    private static final double FRAMES_PER_SECOND = 30;

    private static final double WEIGHT_OF_NEWEST = 0.2;

    private record Key(String device, String pipeline) {}

    /** Most pairs of device and pipeline remembered; the least recently used is forgotten. Every load makes new ones. */
    private static final int MAX_ENTRIES = 1_024;

    /** Seconds of device time per frame. */
    private final Map<Key, Double> perFrame = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Double> eldest) {
            return size() > MAX_ENTRIES;
        }
    };

    /** A run of the pipeline has finished a chunk on the device. */
    void finished(String device, String pipelineKey, Chunk chunk) {
        double seconds = chunk.runMicros() / 1e6 / Math.max(1, chunk.frames().size());
        perFrame.merge(
                new Key(device, pipelineKey), seconds, (mean, newest) -> mean + WEIGHT_OF_NEWEST * (newest - mean));
    }

    /** What each device that has the pipeline offers to a new run. */
    List<DeviceChoice.Offer> offers(
            String pipelineKey, Collection<ScheduledDevice> devices, Collection<ScheduledRun> runs) {
        return devices.stream()
                .filter(device -> device.pipelines.containsKey(pipelineKey))
                .map(device -> offer(
                        pipelineKey,
                        device,
                        runs.stream()
                                .filter(run -> run.executor.equals(device.executor))
                                .toList()))
                .toList();
    }

    private DeviceChoice.Offer offer(String pipelineKey, ScheduledDevice device, List<ScheduledRun> runs) {
        String name = device.device.name();
        long used = runs.stream().mapToLong(run -> run.spec.sessionBytes()).sum()
                + device.pipelines.values().stream()
                        .mapToLong(PipelineSpec::weightsBytes)
                        .sum();
        Optional<Double> load = Optional.ofNullable(perFrame.get(new Key(name, pipelineKey)));
        for (ScheduledRun run : runs) {
            Double more = perFrame.get(new Key(name, run.request.pipelineKey()));
            load = load.filter(known -> more != null).map(known -> known + more);
        }
        return new DeviceChoice.Offer(
                name,
                device.trouble(),
                device.device.memoryBytes() - used,
                runs.size(),
                load.map(perFrameOfAll -> perFrameOfAll * FRAMES_PER_SECOND));
    }
}
