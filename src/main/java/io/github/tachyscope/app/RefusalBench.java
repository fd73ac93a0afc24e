package io.github.tachyscope.app;

import com.sun.management.UnixOperatingSystemMXBean;
import io.github.tachyscope.config.Configuration;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.tensor.Devices;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Offers to a server that has as much to do as it can: how long a refusal takes, and what it leaves behind. One live session
 * keeps the device busy to more than a half, so that another one would be too much.
 */
final class RefusalBench {
    private static final BenchOptions.Size SIZE = new BenchOptions.Size(128, 128);

    /** Four of them make a chunk of twelve frames: 1.6 s of the 3 s that a session may take at four frames a second. */
    private static final int STEP_MILLIS = 400;

    private static final int FIRST_FRAME_SECONDS = 60;
    private static final int WARM_UP = 20;
    private static final double MIB = 1 << 20;

    /** What the process has. */
    private record Holdings(int threads, long files, long nativeBytes) {
        static Holdings now() {
            return new Holdings(
                    ManagementFactory.getThreadMXBean().getThreadCount(),
                    ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                            ? unix.getOpenFileDescriptorCount()
                            : 0,
                    Devices.nativeBytes());
        }
    }

    private final Configuration configuration;
    private final RefusalOptions options;
    private final PrintStream out;
    private final MediaClock clock = MediaClock.system();

    RefusalBench(Configuration configuration, RefusalOptions options, PrintStream out) {
        this.configuration = configuration;
        this.options = options;
        this.out = out;
    }

    ExitCode run() throws Exception {
        try (Server server = Server.start(configuration);
                BenchClient client =
                        new BenchClient(new BenchCamera(SIZE), VideoCodec.VP8, configuration.settings(), clock)) {
            BenchApi api = new BenchApi(server.url());
            api.load("synthetic", Map.of("width", SIZE.width(), "height", SIZE.height(), "step_cost_ms", STEP_MILLIS));
            String offer = client.offer();
            client.answer(api.offer(offer).sdp());
            if (client.awaitFirstFrame(FIRST_FRAME_SECONDS).isEmpty()) {
                throw new IOException("no picture came back within " + FIRST_FRAME_SECONDS + " s "
                        + client.ended().orElse(""));
            }
            return measure(api, offer);
        }
    }

    private ExitCode measure(BenchApi api, String offer) throws IOException, InterruptedException {
        for (int i = 0; i < WARM_UP; i++) {
            api.refused(offer);
        }
        Holdings before = Holdings.now();
        long[] micros = new long[options.offers()];
        int refused = 0;
        for (int i = 0; i < micros.length; i++) {
            long begin = clock.micros();
            refused += api.refused(offer) ? 1 : 0;
            micros[i] = clock.micros() - begin;
        }
        Holdings after = Holdings.now();
        long[] sorted = LongStream.of(micros).sorted().toArray();
        row("offers", options.offers());
        row("refused with 503 and Retry-After", refused);
        row("refusal p50, ms", sorted[sorted.length / 2] / 1e3);
        row("refusal p95, ms", sorted[(int) (0.95 * (sorted.length - 1))] / 1e3);
        row("refusal max, ms", sorted[sorted.length - 1] / 1e3);
        row("more threads", after.threads() - before.threads());
        row("more open files and ports", after.files() - before.files());
        row("more native memory, MiB", (after.nativeBytes() - before.nativeBytes()) / MIB);
        return refused == options.offers() ? ExitCode.OK : ExitCode.FAILURE;
    }

    private void row(String name, double value) {
        out.printf(Locale.ROOT, "%-38s %8.2f%n", name, value);
    }
}
