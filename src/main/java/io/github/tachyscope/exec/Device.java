package io.github.tachyscope.exec;

import io.github.tachyscope.config.EngineSettings;
import io.github.tachyscope.tensor.Devices;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.TorchDevice;
import java.util.List;
import java.util.Locale;

/**
 * Something that runs steps.
 *
 * @param placement where models put their tensors, and in which precision if they have no reason for another
 * @param memoryBytes what weights and sessions may take together
 * @param laneThreads how many threads the operations of one lane may use
 */
public record Device(Placement placement, long memoryBytes, int laneThreads) {
    /** Unique on this machine, such as {@code cpu} or {@code cuda:0}. */
    public String name() {
        return placement.device();
    }

    /** The processor, exact and with one thread for each lane: the same results on every machine. */
    public static Device cpu() {
        return new Device(Placement.CPU, Devices.cpu().totalBytes(), 1);
    }

    /** The devices of this machine, the best first. */
    public static List<Device> discover(EngineSettings settings) {
        return Devices.discover().stream().map(found -> of(found, settings)).toList();
    }

    /** {@code found} as the settings want it used. */
    public static Device of(TorchDevice found, EngineSettings settings) {
        Precision precision = settings.precision().equals(EngineSettings.AUTO)
                ? found.bestPrecision()
                : Precision.valueOf(settings.precision().toUpperCase(Locale.ROOT));
        int processors = Runtime.getRuntime().availableProcessors();
        int threads = settings.laneThreads() > 0 ? settings.laneThreads() : Math.max(1, processors / settings.lanes());
        return new Device(new Placement(found.name(), precision), found.totalBytes(), threads);
    }
}
