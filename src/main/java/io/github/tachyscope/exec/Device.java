package io.github.tachyscope.exec;

import io.github.tachyscope.config.EngineSettings;
import io.github.tachyscope.config.ExecutorSettings;
import io.github.tachyscope.tensor.Devices;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.TorchDevice;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Something that runs steps.
 *
 * @param name unique on this machine, such as {@code cpu}, {@code cpu:1} or {@code cuda:0}
 * @param placement where models put their tensors, and in which precision if they have no reason for another
 * @param memoryBytes what weights and sessions may take together
 * @param laneThreads how many threads the operations of one lane may use
 */
public record Device(String name, Placement placement, long memoryBytes, int laneThreads) {
    /** A device that is called as its tensors' place. */
    public Device(Placement placement, long memoryBytes, int laneThreads) {
        this(placement.device(), placement, memoryBytes, laneThreads);
    }

    /** The processor, exact and with one thread for each lane: the same results on every machine. */
    public static Device cpu() {
        return new Device(Placement.CPU, Devices.cpu().totalBytes(), 1);
    }

    /** The devices of this machine, the best first. */
    public static List<Device> discover(EngineSettings settings) {
        return Devices.discover().stream().map(found -> of(found, settings)).toList();
    }

    /** The devices that the server uses: all GPUs; where there is none, the processor, in as many parts as wanted. */
    public static List<Device> used(EngineSettings engine, ExecutorSettings executors) {
        return used(Devices.discover(), engine, executors);
    }

    /** As {@link #used(EngineSettings, ExecutorSettings)}, of those that were found before. */
    public static List<Device> used(List<TorchDevice> found, EngineSettings engine, ExecutorSettings executors) {
        List<TorchDevice> gpus = found.stream()
                .filter(device -> device.kind() != TorchDevice.Kind.CPU)
                .toList();
        // A session on the processor beside a GPU would only be late, and the weights would be there twice.
        return gpus.isEmpty()
                ? found.stream()
                        .flatMap(cpu -> of(cpu, engine).parts(executors.cpuExecutors(), engine).stream())
                        .toList()
                : gpus.stream().map(gpu -> of(gpu, engine)).toList();
    }

    /** {@code found} as the settings want it used. */
    public static Device of(TorchDevice found, EngineSettings settings) {
        Precision precision = settings.precision().equals(EngineSettings.AUTO)
                ? found.bestPrecision()
                : Precision.valueOf(settings.precision().toUpperCase(Locale.ROOT));
        return new Device(new Placement(found.name(), precision), found.totalBytes(), threads(settings, 1));
    }

    private List<Device> parts(int count, EngineSettings settings) {
        return count == 1
                ? List.of(this)
                : IntStream.range(0, count)
                        .mapToObj(part ->
                                new Device(name + ":" + part, placement, memoryBytes / count, threads(settings, count)))
                        .toList();
    }

    private static int threads(EngineSettings settings, int parts) {
        int processors = Runtime.getRuntime().availableProcessors();
        return settings.laneThreads() > 0
                ? settings.laneThreads()
                : Math.max(1, processors / (settings.lanes() * parts));
    }
}
