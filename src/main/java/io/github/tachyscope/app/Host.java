package io.github.tachyscope.app;

import io.github.tachyscope.api.HostInfo;
import io.github.tachyscope.config.Settings;
import io.github.tachyscope.exec.Device;
import io.github.tachyscope.tensor.Devices;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.Torch;
import io.github.tachyscope.tensor.TorchDevice;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The machine that we run on. */
final class Host {
    private Host() {}

    /** One line for each device. */
    static List<String> devices() {
        return Devices.discover().stream().map(TorchDevice::summary).toList();
    }

    /** One line for each device in use, with all that changes the time of a step on it. */
    static List<String> engine(Settings settings) {
        Map<String, String> descriptions = Devices.discover().stream()
                .collect(Collectors.toMap(TorchDevice::name, TorchDevice::description, (one, other) -> one));
        return Device.used(settings.engine(), settings.executors()).stream()
                .map(used -> String.format(
                        Locale.ROOT,
                        "%s: %s; %s; %d lanes of %d threads",
                        used.name(),
                        descriptions.getOrDefault(used.placement().device(), ""),
                        used.placement().precision().wireName(),
                        settings.engine().lanes(),
                        used.laneThreads()))
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
    static HostInfo describe(String address, Settings settings) {
        List<TorchDevice> devices = Devices.discover();
        Device chosen =
                Device.used(devices, settings.engine(), settings.executors()).get(0);
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
