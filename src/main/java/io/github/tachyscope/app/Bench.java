package io.github.tachyscope.app;

import io.github.tachyscope.api.BuildInfo;
import io.github.tachyscope.config.Configuration;
import io.github.tachyscope.diffusion.tiny.TinyProvider;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Measures. The numbers are of this machine at this moment; the load that was there before is told with them. */
final class Bench implements Command {
    /** A benchmark's server keeps out of a real one's way and everybody's reach, and loads only what is measured. */
    static Map<String, String> settings() throws IOException {
        Map<String, String> settings = new HashMap<>(Map.of(
                "tachyscope.server.host", "127.0.0.1",
                "tachyscope.server.port", "0",
                "tachyscope.server.access-token", "",
                "tachyscope.server.tls.certificate", "",
                "tachyscope.server.tls.private-key", "",
                "tachyscope.rtc.port", "0",
                "tachyscope.rtc.public-address", "",
                "tachyscope.pipelines.preload", ""));
        settings.put("tachyscope.jobs.url", "");
        Path files = Files.createTempDirectory("tachyscope-bench");
        settings.put("tachyscope.jobs.dir", files.toString());
        settings.put("tachyscope.storage.media-dir", files.resolve("media").toString());
        return settings;
    }

    private static final String LIVE_METHOD = """
            client   in this process; HTTP for the offer, then ICE, DTLS, SRTP and SCTP over UDP on 127.0.0.1; 30 fps
            latency  from handing a raw picture to the client's encoder until it came back, was decoded and read:
                     2 x encode, 2 x decode, network and server
            inside   from a picture's presentation time at the server until it is encoded again, as the server tells;
                     a picture later than its time stamp says counts that delay too
            cpu      % of one core; the client's threads (it encodes, decodes, sends, receives) are told apart
            heap     allocated by all Java threads but the client's
            """;

    private static final String TINY_METHOD = """
            stages   median milliseconds of a step for all sessions of the batch, one after the other on one thread;
                     the camera's pictures are 640x480; frame is the sum
            engine   the same frames through scheduler and executor, with frames under way on two lanes at a time:
                     milliseconds from one frame to the next over all sessions, frames per second of all sessions
                     together, and median milliseconds from asking for a frame to having it
            """;

    private static final String FLOOR_METHOD = """
            floor    median milliseconds of a denoising step with the same operations on almost no numbers: calls from
                     Java into the library and the library's own preparation of each; share is floor / denoise, an
                     upper bound of what a program without Java could save (goal: below 3 % where a step is real work)
            """;

    private static final String INTERLEAVE_METHOD = """
            clients  live sessions that want a steady rate of frames, out of step with each other, and jobs that want all
                     that is left; scheduler and executor, no network, no codecs
            on time  share of the live chunks that were there when those under way before would have been shown: asked +
                     chunks under way x frames of a chunk / frames/s wanted
            latency  from asking for a chunk to having it
            batch    mean runs per batch of steps
            overhead of each thread of the device, the denoiser's first: share of the time in which a step could have run
                     on it and none did; the way from the end of a step to the scheduler and back counts
            """;

    private static final String SD_METHOD = """
            model    denoiser in its real size (sd15, lcm4, turbo: 860 million weights; sdxl-turbo: 2.6 billion) and the
                     tiny autoencoder, RANDOM WEIGHTS: the time is that of the real model, pictures would be noise
            stages   median milliseconds for the whole batch; prompt and timestep are prepared before, as in a live stream;
                     rows are those of the denoiser, four a frame for lcm4; frame is the sum, frames/s that of all
                     sessions together
            """;

    private static final String STREAM_METHOD = """
            client   in this process; the same requests in turns to /v1/videos/sync (stored, returned when finished) and
                     /v1/realtime/video (streamed), milliseconds from the request on, medians
            change   a prompt sent after the first chunk of a longer video as a hard cut, until the first byte that shows it
            """;

    private static final String REFUSAL_METHOD = """
            device   busy with one live session of which two would be too many; refused by prediction
            offers   the same WebRTC offer by HTTP, one after the other over one connection, until the answer is there
            more     what the process has after all of them and did not have before the first; the live session goes on
            """;

    private static final String SOAK_METHOD = """
            clients  in this process, over UDP on 127.0.0.1, each with a camera of 30 fps and a prompt of its own
            heap     used after a collection; process: all memory of the process, tensors and codecs included
            """;

    private final PrintStream out;

    Bench(PrintStream out) {
        this.out = out;
    }

    @Override
    public ExitCode run(Configuration configuration, List<String> arguments) throws Exception {
        String name = arguments.isEmpty() ? "" : arguments.get(0);
        List<String> rest = arguments.isEmpty() ? List.of() : arguments.subList(1, arguments.size());
        if (name.equals("--help") || name.equals("-h") || rest.contains("--help")) {
            out.print(BenchOptions.USAGE);
            out.print(TinyBenchOptions.USAGE);
            out.print(SdBenchOptions.USAGE);
            out.print(InterleaveOptions.USAGE);
            out.print(SoakOptions.USAGE);
            out.print(StreamOptions.USAGE);
            out.print(RefusalOptions.USAGE);
            return ExitCode.OK;
        }
        return switch (name) {
            case "live" -> {
                BenchOptions options = BenchOptions.parse(rest);
                head("live");
                out.print(LIVE_METHOD);
                yield new LiveBench(configuration, options, out).run();
            }
            case "engine" -> {
                head("engine");
                yield new EngineBench(out).run();
            }
            case "tiny" -> {
                TinyBenchOptions options = TinyBenchOptions.parse(rest);
                head("tiny");
                out.print(TINY_METHOD);
                out.print(FLOOR_METHOD);
                yield new TinyBench(
                                new TinyProvider()
                                        .configured(configuration.settings().pipelines()),
                                options,
                                out)
                        .run();
            }
            case "interleave" -> {
                InterleaveOptions options = InterleaveOptions.parse(rest);
                head("interleave");
                out.print(INTERLEAVE_METHOD);
                yield new InterleaveBench(configuration.settings(), options, out).run();
            }
            case "sd" -> {
                SdBenchOptions options = SdBenchOptions.parse(rest);
                head("sd");
                out.print(SD_METHOD);
                out.print(FLOOR_METHOD);
                yield new SdBench(options, out).run();
            }
            case "soak" -> {
                SoakOptions options = SoakOptions.parse(rest);
                head("soak");
                out.print(SOAK_METHOD);
                yield new SoakBench(configuration, options, out).run();
            }
            case "stream" -> {
                StreamOptions options = StreamOptions.parse(rest);
                head("stream");
                out.print(STREAM_METHOD);
                yield new StreamBench(configuration, options, out).run();
            }
            case "refusals" -> {
                RefusalOptions options = RefusalOptions.parse(rest);
                head("refusals");
                out.print(REFUSAL_METHOD);
                yield new RefusalBench(configuration, options, out).run();
            }
            default ->
                throw new CommandLine.UsageProblem("bench: \"" + name
                        + "\" is none of live, engine, interleave, tiny, sd, soak, stream and refusals");
        };
    }

    private void head(String name) {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        out.printf("tachyscope %s bench %s%n", BuildInfo.load(Instant.now()).version(), name);
        out.printf(
                Locale.ROOT,
                "machine  %s; java %s; load average %.2f at the start%n",
                Host.devices().get(0),
                Runtime.version(),
                load);
    }
}
