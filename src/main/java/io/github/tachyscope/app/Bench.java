package io.github.tachyscope.app;

import io.github.tachyscope.api.BuildInfo;
import io.github.tachyscope.config.Configuration;
import io.github.tachyscope.diffusion.tiny.TinyProvider;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Measures. The numbers are of this machine at this moment; the load that was there before is told with them. */
final class Bench implements Command {
    /** A benchmark's server keeps out of a real one's way and everybody's reach, and loads only what is measured. */
    static final Map<String, String> SETTINGS = Map.of(
            "tachyscope.server.host", "127.0.0.1",
            "tachyscope.server.port", "0",
            "tachyscope.server.access-token", "",
            "tachyscope.server.tls.certificate", "",
            "tachyscope.server.tls.private-key", "",
            "tachyscope.rtc.port", "0",
            "tachyscope.rtc.public-address", "",
            "tachyscope.pipelines.preload", "");

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
                yield new TinyBench(
                                new TinyProvider()
                                        .configured(configuration.settings().pipelines()),
                                options,
                                out)
                        .run();
            }
            default -> throw new CommandLine.UsageProblem("bench: \"" + name + "\" is none of live, engine and tiny");
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
