package io.github.tachyscope.app;

import com.sun.management.UnixOperatingSystemMXBean;
import io.github.tachyscope.config.Configuration;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.tensor.Devices;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Keeps live sessions going for as long as asked and watches what the process holds on to.
 *
 * <p>The clients live in the same process, so a leak in their half of the stack shows as well.
 */
final class SoakBench {
    private static final List<String> PROMPTS = List.of(
            "thermal camera",
            "night vision",
            "blueprint",
            "sepia photograph",
            "neon lights",
            "pencil sketch",
            "watercolor painting",
            "pixel art");

    private static final int FIRST_FRAME_SECONDS = 30;
    private static final double MIB = 1 << 20;

    private final Configuration configuration;
    private final SoakOptions options;
    private final PrintStream out;
    private final MediaClock clock = MediaClock.system();

    SoakBench(Configuration configuration, SoakOptions options, PrintStream out) {
        this.configuration = configuration;
        this.options = options;
        this.out = out;
    }

    ExitCode run() throws Exception {
        List<BenchClient> clients = new ArrayList<>();
        try (Server server = Server.start(configuration)) {
            try {
                BenchApi api = new BenchApi(server.url());
                api.load(options.pipeline(), options.size());
                for (int i = 0; i < options.sessions(); i++) {
                    clients.add(connect(api, PROMPTS.get(i % PROMPTS.size())));
                }
                return judge(watch(clients));
            } finally {
                clients.forEach(BenchClient::close);
            }
        }
    }

    private BenchClient connect(BenchApi api, String prompt) throws IOException, InterruptedException {
        BenchClient client =
                new BenchClient(new BenchCamera(options.size()), VideoCodec.VP8, configuration.settings(), clock);
        try {
            client.answer(api.offer(client.offer(), prompt).sdp());
            if (client.awaitFirstFrame(FIRST_FRAME_SECONDS).isEmpty()) {
                throw new IOException("no picture came back within " + FIRST_FRAME_SECONDS + " s "
                        + client.ended().orElse(""));
            }
            return client;
        } catch (IOException | InterruptedException | RuntimeException failed) {
            client.close();
            throw failed;
        }
    }

    private List<MemoryGrowth.Sample> watch(List<BenchClient> clients) throws IOException, InterruptedException {
        out.printf(
                "%n%8s %9s %11s %8s %6s  %s%n",
                "minute", "heap MiB", "process MiB", "threads", "files", "frames per second of each session");
        List<MemoryGrowth.Sample> samples = new ArrayList<>();
        int lines = 60 * options.minutes() / options.everySeconds();
        long begin = clock.micros();
        clients.forEach(BenchClient::beginMeasuring);
        for (int line = 1; line <= lines; line++) {
            long span = clock.micros();
            long due = begin + line * 1_000_000L * options.everySeconds();
            Thread.sleep(Math.max(0, due - span) / 1000);
            double seconds = (clock.micros() - span) / 1e6;
            List<Double> rates = new ArrayList<>();
            for (BenchClient client : clients) {
                if (client.ended().isPresent()) {
                    throw new IOException("a session ended: " + client.ended().get());
                }
                rates.add(client.endMeasuring().delivered() / seconds);
                client.beginMeasuring();
            }
            samples.add(sample((clock.micros() - begin) / 1e6));
            print(samples.get(samples.size() - 1), rates);
        }
        return samples;
    }

    private static MemoryGrowth.Sample sample(double seconds) {
        // What is left after a collection is what somebody holds on to.
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        return new MemoryGrowth.Sample(seconds, heap, Devices.processBytes());
    }

    private void print(MemoryGrowth.Sample sample, List<Double> rates) {
        out.printf(
                Locale.ROOT,
                "%8.2f %9.1f %11.1f %8d %6s  %s%n",
                sample.seconds() / 60,
                sample.heap() / MIB,
                sample.resident() / MIB,
                ManagementFactory.getThreadMXBean().getThreadCount(),
                openFiles(),
                rates.stream()
                        .map(rate -> String.format(Locale.ROOT, "%.1f", rate))
                        .collect(Collectors.joining(" ")));
    }

    private static String openFiles() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? String.valueOf(unix.getOpenFileDescriptorCount())
                : "-";
    }

    private ExitCode judge(List<MemoryGrowth.Sample> samples) {
        MemoryGrowth growth = MemoryGrowth.of(samples);
        out.printf(
                Locale.ROOT,
                "%ngrown after the warm-up: heap %.1f MiB, process %.1f MiB; allowed are %d MiB each%n",
                growth.heap() / MIB,
                growth.resident() / MIB,
                options.mostGrowth());
        out.printf(
                Locale.ROOT,
                "growth per hour: heap %.1f MiB, process %.1f MiB%n",
                growth.heapPerHour() / MIB,
                growth.residentPerHour() / MIB);
        return growth.beyond(options.mostGrowth() * MIB) ? ExitCode.FAILURE : ExitCode.OK;
    }
}
