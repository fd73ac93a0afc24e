package io.github.tachyscope.app;

import io.github.tachyscope.diffusion.sd.ParityCheck;
import io.github.tachyscope.tensor.Devices;
import io.github.tachyscope.tensor.LaunchCheck;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.SelfTest;
import io.github.tachyscope.tensor.Torch;
import io.github.tachyscope.tensor.TorchDevice;
import io.github.tachyscope.tensor.TorchUnavailable;
import io.github.tachyscope.tensor.WeightsRejected;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Tests one device thoroughly: {@code tachyscope check --device cuda}. */
final class DeviceCheck {
    private final PrintStream out;

    DeviceCheck(PrintStream out) {
        this.out = out;
    }

    /**
     * Prints what it finds; whether the device can be used.
     *
     * @param fixtures folders with networks and their expected outputs, to be computed too
     */
    boolean run(String name, Optional<Path> fixtures) {
        try {
            Torch.require();
        } catch (TorchUnavailable missing) {
            print("PROBLEM", "device " + name + ": " + missing.getCause().getMessage());
            return false;
        }
        Optional<TorchDevice> found = Devices.discover().stream()
                .filter(device -> device.name().equals(name) || device.name().startsWith(name + ":"))
                .findFirst();
        if (found.isEmpty()) {
            print("PROBLEM", "device " + name + ": " + whyNot());
            return false;
        }
        return test(found.get())
                && fixtures.map(folder -> parity(found.get(), folder)).orElse(true);
    }

    private boolean parity(TorchDevice device, Path fixtures) {
        boolean good = true;
        try {
            for (Precision precision : Precision.values()) {
                for (SelfTest.Finding finding : ParityCheck.run(fixtures, new Placement(device.name(), precision))) {
                    good &= print(finding);
                }
            }
        } catch (WeightsRejected rejected) {
            print("PROBLEM", rejected.getMessage());
            good = false;
        }
        return good;
    }

    private boolean print(SelfTest.Finding finding) {
        print(finding.passed() ? "passed" : "PROBLEM", finding.name() + ": " + finding.detail());
        return finding.passed();
    }

    /** Why a GPU is not to be seen. */
    private static String whyNot() {
        List<String> cards = Devices.nvidiaNames();
        if (!Devices.cudaBuild()) {
            return (cards.isEmpty() ? "" : "there is " + String.join(", ", cards) + ", but ")
                    + "this build has LibTorch for the processor only; build with -Pgpu";
        }
        return cards.isEmpty()
                ? "the system shows no NVIDIA GPU"
                : "there is " + String.join(", ", cards) + ", but LibTorch cannot use it: CUDA 13, cuDNN 9 and a driver"
                        + " for them are needed";
    }

    private boolean test(TorchDevice device) {
        print("testing", device.summary());
        List<SelfTest.Finding> findings = SelfTest.run(device);
        boolean good = true;
        for (SelfTest.Finding finding : findings) {
            good &= print(finding);
        }
        if (good) {
            device.fastFormats().forEach(precision -> print("speed", SelfTest.bench(device, precision)));
        }
        if (device.kind() == TorchDevice.Kind.CPU) {
            attention();
        }
        return good;
    }

    private void attention() {
        Duration took = LaunchCheck.attention();
        print("speed", String.format(Locale.ROOT, "attention on all processors %.1f ms", took.toNanos() / 1e6));
        LaunchCheck.trap(took).ifPresent(problem -> print("WARNING", problem));
    }

    private void print(String name, String value) {
        out.printf("%-9s %s%n", name, value);
    }
}
