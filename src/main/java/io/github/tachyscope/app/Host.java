package io.github.tachyscope.app;

import io.github.tachyscope.api.HostInfo;
import io.github.tachyscope.config.EngineSettings;
import io.github.tachyscope.exec.Device;
import io.github.tachyscope.tensor.Devices;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.Torch;
import io.github.tachyscope.tensor.TorchDevice;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The machine that we run on. */
final class Host {
    private Host() {}

    /** One line for each device. */
    static List<String> devices() {
        return Devices.discover().stream().map(TorchDevice::summary).toList();
    }

    /** One line for each device, with all that changes the time of a step on it. */
    static List<String> engine(EngineSettings settings) {
        return Devices.discover().stream()
                .map(found -> {
                    Device used = Device.of(found, settings);
                    return String.format(
                            Locale.ROOT,
                            "%s: %s; %s; %d lanes of %d threads",
                            found.name(),
                            found.description(),
                            used.placement().precision().wireName(),
                            settings.lanes(),
                            used.laneThreads());
                })
                .toList();
    }

    /** Loads LibTorch and tells what it is, in one line. */
    static String tensors() {
        Torch.require();
        return "LibTorch " + Torch.version().orElse("") + ", "
                + Torch.configuration()
                        .lines()
                        .map(line -> line.replaceFirst("^ *- *", "").strip())
                        .filter(line -> line.startsWith("CPU capability") || line.startsWith("CUDA Runtime"))
                        .collect(Collectors.joining(", "));
    }

    /** As it is now; loads no library that is not loaded already. */
    static HostInfo describe(String address, EngineSettings settings) {
        List<TorchDevice> devices = Devices.discover();
        Device chosen = Device.of(devices.get(0), settings);
        return new HostInfo(
                address,
                devices.stream().map(Host::describe).toList(),
                new HostInfo.TensorLibrary(
                        "LibTorch",
                        Torch.version().orElse(""),
                        Torch.loaded(),
                        chosen.laneThreads(),
                        chosen.placement().precision().wireName()));
    }

    private static HostInfo.Device describe(TorchDevice device) {
        long used = device.totalBytes() - device.freeBytes();
        return new HostInfo.Device(
                device.name(),
                device.description(),
                device.kind().name().toLowerCase(Locale.ROOT),
                device.kind() == TorchDevice.Kind.CUDA
                        ? Optional.of(new HostInfo.Memory(used, used, device.totalBytes()))
                        : Optional.empty(),
                device.totalBytes(),
                device.fastFormats().stream().map(Precision::wireName).toList());
    }
}
