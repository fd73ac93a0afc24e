package io.github.tachyscope.app;

import io.github.tachyscope.app.BenchOptions.Size;
import io.github.tachyscope.config.Configuration;
import io.github.tachyscope.frame.MediaClock;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Measures live sessions: a whole server, and a client that reaches it over HTTP and WebRTC on the loopback interface.
 *
 * <p>Per size: some short sessions for the time to the first picture, then one long session, measured after a warm-up.
 */
final class LiveBench {
    /** Short sessions whose median is told. */
    private static final int SHORT_SESSIONS = 5;

    private static final int FIRST_FRAME_SECONDS = 15;

    /** The server's median is that of about so long. */
    private static final int SERVER_WINDOW_SECONDS = 4;

    /** The compiler needs this long to see what is hot; short benchmarks warm up for as long as they measure. */
    private static final int MAX_WARM_UP_SECONDS = 10;

    private final Configuration configuration;
    private final BenchOptions options;
    private final PrintStream out;
    private final MediaClock clock = MediaClock.system();

    LiveBench(Configuration configuration, BenchOptions options, PrintStream out) {
        this.configuration = configuration;
        this.options = options;
        this.out = out;
    }

    ExitCode run() throws Exception {
        try (Server server = Server.start(configuration)) {
            BenchApi api = new BenchApi(server.url());
            boolean first = true;
            for (Size size : options.sizes()) {
                api.load(options.pipeline(), size);
                BenchCamera camera = new BenchCamera(size);
                OptionalDouble cold = first ? OptionalDouble.of(firstFrame(api, camera)) : OptionalDouble.empty();
                first = false;
                LiveFigures figures = measure(api, camera, size, cold);
                out.println();
                out.print(figures.table(options.codec().name().toLowerCase(Locale.ROOT) + " " + options.pipeline()));
                if (options.threads()) {
                    out.print(ThreadBill.list(figures.cost().kinds()));
                }
            }
        }
        return ExitCode.OK;
    }

    private LiveFigures measure(BenchApi api, BenchCamera camera, Size size, OptionalDouble cold)
            throws IOException, InterruptedException {
        List<Double> firstFrames = new ArrayList<>();
        for (int i = 0; i < SHORT_SESSIONS; i++) {
            firstFrames.add(firstFrame(api, camera));
        }
        firstFrames.sort(null);
        try (BenchClient client = client(camera)) {
            BenchApi.Answer answer = connect(api, client);
            Thread.sleep(1000L * Math.min(options.seconds(), MAX_WARM_UP_SECONDS));
            client.beginMeasuring();
            ThreadBill before = ThreadBill.now();
            long start = clock.micros();
            double inside = insideWhile(api, answer.sessionId(), options.seconds());
            ThreadBill after = ThreadBill.now();
            BenchClient.Received received = client.endMeasuring();
            double seconds = (clock.micros() - start) / 1e6;
            if (client.ended().isPresent()) {
                throw new IOException(
                        "the session ended early: " + client.ended().get());
            }
            api.hangUp(answer.sessionId());
            return new LiveFigures(
                    size,
                    cold,
                    firstFrames.get(firstFrames.size() / 2),
                    received.latenciesMicros().stream()
                            .sorted()
                            .map(micros -> micros / 1000.0)
                            .toList(),
                    inside,
                    received.delivered() / seconds,
                    received.sentBytes() * 8 / 1e6 / seconds,
                    received.receivedBytes() * 8 / 1e6 / seconds,
                    after.since(before));
        }
    }

    /** Median of what the server says of its last pictures, asked again and again for so long. */
    private static double insideWhile(BenchApi api, String sessionId, int seconds)
            throws IOException, InterruptedException {
        List<Double> samples = new ArrayList<>();
        for (int left = seconds; left > 0; left -= SERVER_WINDOW_SECONDS) {
            Thread.sleep(1000L * Math.min(left, SERVER_WINDOW_SECONDS));
            samples.add(api.insideMillis(sessionId));
        }
        samples.sort(null);
        return samples.get(samples.size() / 2);
    }

    /** One short session; milliseconds from the offer to the first decoded picture. */
    private double firstFrame(BenchApi api, BenchCamera camera) throws IOException, InterruptedException {
        try (BenchClient client = client(camera)) {
            BenchApi.Answer answer = api.offer(client.offer());
            client.answer(answer.sdp());
            double millis = awaitFirstFrame(client);
            api.hangUp(answer.sessionId());
            return millis;
        }
    }

    private BenchApi.Answer connect(BenchApi api, BenchClient client) throws IOException, InterruptedException {
        BenchApi.Answer answer = api.offer(client.offer());
        client.answer(answer.sdp());
        awaitFirstFrame(client);
        return answer;
    }

    private static double awaitFirstFrame(BenchClient client) throws IOException, InterruptedException {
        return client.awaitFirstFrame(FIRST_FRAME_SECONDS)
                        .orElseThrow(() -> new IOException("no picture came back within " + FIRST_FRAME_SECONDS + " s "
                                + client.ended().orElse("")))
                / 1000.0;
    }

    private BenchClient client(BenchCamera camera) {
        return new BenchClient(camera, options.codec(), configuration.settings(), clock);
    }
}
