package io.github.tachyscope.app;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The machine that we run on. */
final class Host {
    private Host() {}

    /** For example {@code cpu: AMD EPYC 7763, 2 processors, 7 GiB memory}. */
    static String cpu() {
        long gib =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize() >> 30;
        return "cpu: " + model() + ", " + Runtime.getRuntime().availableProcessors() + " processors, " + gib
                + " GiB memory";
    }

    private static String model() {
        String architecture = System.getProperty("os.arch");
        // Linux only, and absent on some of its architectures; the name is for people, so the fallback is good enough.
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(architecture);
        } catch (IOException e) {
            return architecture;
        }
    }
}
