package io.github.tachyscope.app;

import io.github.tachyscope.app.CommandLine.UsageProblem;
import io.github.tachyscope.config.Settings;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.PipelineCatalog;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.exec.Device;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** How many live sessions and jobs share one device, under our policy and under simpler ones. */
final class InterleaveBench {
    private static final List<String> COLOURS = List.of("#0b6e99", "#d9730d", "#6b6f76", "#0f7b6c", "#ad1a72");

    /** Sessions of the comparison of batches with turns. */
    private static final int TOGETHER = 4;

    /** Goal for the share of time in which a thread of the device waits although there is work. */
    private static final double OVERHEAD_GOAL = 0.02;

    private record Place(int sessions, int jobs, BenchPolicy policy) {}

    private final Settings settings;
    private final InterleaveOptions options;
    private final PrintStream out;

    InterleaveBench(Settings settings, InterleaveOptions options, PrintStream out) {
        this.settings = settings;
        this.options = options;
        this.out = out;
    }

    ExitCode run() throws Exception {
        Device device = Device.discover(settings.engine()).get(0);
        PipelineCatalog catalog = PipelineCatalog.discover(settings.pipelines());
        List<PipelineProvider> providers = new ArrayList<>();
        for (String id : options.pipelines()) {
            providers.add(catalog.provider(id)
                    .filter(found -> found.spec().modes().containsKey(InputMode.VIDEO))
                    .orElseThrow(() -> new UsageProblem("--pipelines: there is no \"" + id + "\" that takes video")));
        }
        SvgChart chart = new SvgChart("Live sessions sharing one device", "live sessions", 3);
        for (PipelineProvider provider : providers) {
            Map<Place, InterleaveFigures> measured = table(provider, device);
            panels(chart, provider.spec().id(), measured);
        }
        for (PipelineProvider provider : providers) {
            together(provider, device);
        }
        if (options.plot().isPresent()) {
            Path file = options.plot().get().resolve("interleave.svg");
            Files.createDirectories(options.plot().get());
            Files.writeString(file, chart.svg());
            out.printf("%nplot     %s%n", file);
        }
        return ExitCode.OK;
    }

    private Map<Place, InterleaveFigures> table(PipelineProvider provider, Device device) throws Exception {
        out.printf(
                "%n%s, %dx%d, %s, %d lanes of %d threads, %d frames/s wanted by each session%n",
                provider.spec().id(),
                options.size(),
                options.size(),
                device.placement().precision().name().toLowerCase(Locale.ROOT),
                options.lanes(),
                device.laneThreads(),
                options.fps());
        out.printf(
                "%-8s %5s  %-20s | %8s %7s %7s | %7s %7s | %8s | %9s | %5s | %s%n",
                "sessions",
                "jobs",
                "policy",
                "frames/s",
                "min",
                "max",
                "p50 ms",
                "p95 ms",
                "on time",
                "job steps",
                "batch",
                "overhead");
        Map<Place, InterleaveFigures> measured = new LinkedHashMap<>();
        for (int jobs : options.jobs()) {
            for (int sessions : options.sessions()) {
                for (BenchPolicy policy : BenchPolicy.values()) {
                    Place place = new Place(sessions, jobs, policy);
                    InterleaveFigures figures = cell(provider, device, place, options.fps());
                    measured.put(place, figures);
                    print(place, figures);
                }
            }
        }
        return measured;
    }

    private InterleaveFigures cell(PipelineProvider provider, Device device, Place place, int fps) throws Exception {
        return new InterleaveCell(
                        provider,
                        device,
                        options.lanes(),
                        options.size(),
                        place.policy(),
                        place.sessions(),
                        place.jobs(),
                        fps,
                        Duration.ofSeconds(options.seconds()))
                .measure();
    }

    private void print(Place place, InterleaveFigures figures) {
        out.printf(
                Locale.ROOT,
                "%-8d %5d  %-20s | %8.1f %7.1f %7.1f | %7.1f %7.1f | %7.1f%% | %9.1f | %5.2f | %s%n",
                place.sessions(),
                place.jobs(),
                place.policy().label(),
                figures.framesPerSecond(),
                figures.slowest(),
                figures.fastest(),
                figures.p50Millis(),
                figures.p95Millis(),
                100 * figures.onTime(),
                figures.jobSteps(),
                figures.meanBatch(),
                percent(figures.overhead()));
    }

    private static String percent(List<Double> shares) {
        return shares.stream()
                .map(share -> String.format(Locale.ROOT, "%.1f%%", 100 * share))
                .collect(Collectors.joining(" "));
    }

    /** Four sessions that want all they can get, in batches and in turns. */
    private void together(PipelineProvider provider, Device device) throws Exception {
        out.printf(
                "%n%s, %d sessions that want all they can get%n",
                provider.spec().id(), TOGETHER);
        Map<BenchPolicy, InterleaveFigures> measured = new LinkedHashMap<>();
        for (BenchPolicy policy : BenchPolicy.values()) {
            Place place = new Place(TOGETHER, 0, policy);
            InterleaveFigures figures = cell(provider, device, place, 0);
            measured.put(policy, figures);
            out.printf(
                    Locale.ROOT,
                    "%-20s %8.1f frames/s, mean batch %.2f, overhead %s%n",
                    policy.label(),
                    figures.framesPerSecond(),
                    figures.meanBatch(),
                    percent(figures.overhead()));
        }
        InterleaveFigures ours = measured.get(BenchPolicy.OURS);
        measured.forEach((policy, figures) -> {
            if (policy != BenchPolicy.OURS) {
                out.printf(
                        Locale.ROOT,
                        "%-20s %8.2f times the frames of \"%s\"%n",
                        BenchPolicy.OURS.label(),
                        ours.framesPerSecond() / figures.framesPerSecond(),
                        policy.label());
            }
        });
        // The first thread is the denoiser's; the others mostly wait for it.
        double overhead = ours.overhead().get(0);
        out.printf(
                Locale.ROOT,
                "interleaving overhead of the denoising thread %.1f%%, goal %.1f%%: %s%n",
                100 * overhead,
                100 * OVERHEAD_GOAL,
                overhead <= OVERHEAD_GOAL ? "met" : "missed");
    }

    private void panels(SvgChart chart, String pipeline, Map<Place, InterleaveFigures> measured) {
        List<String> places = options.sessions().stream().map(String::valueOf).toList();
        chart.panel(pipeline + ": frames/s, all sessions", places, lines(measured, InterleaveFigures::framesPerSecond));
        chart.panel(pipeline + ": chunks on time, %", places, lines(measured, figures -> 100 * figures.onTime()));
        chart.panel(pipeline + ": chunk latency p95, ms", places, lines(measured, InterleaveFigures::p95Millis));
    }

    private interface Column {
        double of(InterleaveFigures figures);
    }

    private List<SvgChart.Line> lines(Map<Place, InterleaveFigures> measured, Column column) {
        List<SvgChart.Line> lines = new ArrayList<>();
        for (BenchPolicy policy : BenchPolicy.values()) {
            for (int jobs : options.jobs()) {
                lines.add(new SvgChart.Line(
                        policy.label() + (jobs == 0 ? "" : " + " + jobs + " jobs"),
                        COLOURS.get(policy.ordinal() % COLOURS.size()),
                        jobs > 0,
                        options.sessions().stream()
                                .map(sessions -> column.of(measured.get(new Place(sessions, jobs, policy))))
                                .toList()));
            }
        }
        return lines;
    }
}
