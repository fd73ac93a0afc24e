package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks as a user starts them; whether the numbers are good is not asked here. */
class BenchIT {
    @TempDir
    Path directory;

    private String run(String... arguments) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        Map<String, String> properties = Map.of(
                "tachyscope.storage.models-dir", directory.resolve("models").toString(),
                "tachyscope.storage.assets-dir", directory.resolve("assets").toString(),
                "app.home", directory.toString());
        ExitCode code =
                new Main(out, out, Map.of(), properties, Map.of("bench", new Bench(out))).run(List.of(arguments));
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertEquals(ExitCode.OK, code, text);
        return text;
    }

    private static double value(String table, String row) {
        Matcher line =
                Pattern.compile("(?m)^" + Pattern.quote(row) + " +(\\S+)").matcher(table);
        assertTrue(line.find(), () -> "no row \"" + row + "\" in\n" + table);
        return Double.parseDouble(line.group(1));
    }

    private static void assertBetween(double least, double most, String table, String row) {
        double value = value(table, row);
        assertTrue(value >= least && value <= most, () -> row + " is " + value + " in\n" + table);
    }

    @Test
    void aLiveSessionIsMeasuredInEveryRow() {
        String table = run("bench", "live", "--seconds", "2", "--sizes", "256x256");
        assertTrue(table.contains("machine  cpu"), table);
        assertBetween(1, 15_000, table, "offer to first frame, cold, ms");
        assertBetween(1, 15_000, table, "offer to first frame, warm, ms");
        assertBetween(0.1, 5_000, table, "glass to glass p50, ms");
        assertBetween(value(table, "glass to glass p50, ms"), 5_000, table, "glass to glass p95, ms");
        assertBetween(0.1, 5_000, table, "inside the server p50, ms");
        assertBetween(5, 31, table, "frames delivered per second");
        assertBetween(0.01, 50, table, "pictures to the server, Mb/s");
        assertBetween(0.01, 50, table, "pictures from the server, Mb/s");
        assertBetween(0.1, 200, table, "cpu, threads of the server, %");
        assertBetween(0, 200, table, "cpu, collector and compiler, %");
        assertBetween(0.1, 200, table, "cpu, client of the benchmark, %");
        assertBetween(0.01, 1000, table, "heap allocation, server, MB/s");
    }

    @Test
    void aPipelineThatRepaintsThePictureIsMeasuredWithoutItsNumber() {
        String table = run(
                "bench", "live", "--seconds", "1", "--sizes", "256x256", "--pipeline", "synthetic", "--codec", "h264");
        assertTrue(table.contains("256x256 h264 synthetic"), table);
        assertBetween(1, 31, table, "frames delivered per second");
        assertBetween(0.1, 5_000, table, "inside the server p50, ms");
    }

    @Test
    void refusalsAreMeasuredAndLeaveNothingBehindEach() {
        String table = run("bench", "refusals", "--offers", "100");
        assertBetween(100, 100, table, "refused with 503 and Retry-After");
        assertBetween(0.01, 5_000, table, "refusal p50, ms");
        assertBetween(value(table, "refusal p50, ms"), 5_000, table, "refusal p95, ms");
        // Pools may still grow to their size, by less than one for each offer.
        assertBetween(-100, 20, table, "more threads");
        assertBetween(-100, 20, table, "more open files and ports");
    }

    @Test
    void sessionsAndJobsAreMeasuredUnderEachPolicy() throws Exception {
        Path plots = directory.resolve("plots");
        String table = run(
                "bench",
                "interleave",
                "--seconds",
                "1",
                "--pipelines",
                "synthetic",
                "--sessions",
                "3",
                "--jobs",
                "0,1",
                "--size",
                "64",
                "--plot",
                plots.toString());
        Matcher rows = Pattern.compile("(?m)^3 +[01]  [^|]*[|] +([\\d.]+) +[\\d.]+ +[\\d.]+ [|]")
                .matcher(table);
        int counted = 0;
        while (rows.find()) {
            counted++;
            double rate = Double.parseDouble(rows.group(1));
            assertTrue(rate > 0 && rate < 3 * 15 * 2, table);
        }
        assertEquals(2 * BenchPolicy.values().length, counted, table);
        assertTrue(table.contains("times the frames of"), table);
        assertTrue(Files.readString(plots.resolve("interleave.svg")).contains("</svg>"), table);
    }

    @Test
    void theEngineIsMeasured() {
        String table = run("bench", "engine");
        assertBetween(0.1, 100_000, table, "scheduling decision among 256 waiting steps, us");
        assertBetween(0.1, 100_000, table, "step of a pipeline that does nothing, there and back, us");
    }

    @Test
    void aStreamedVideoIsComparedWithAStoredOne() {
        String table = run(
                "bench", "stream", "--pipeline", "synthetic", "--frames", "129", "--rounds", "1", "--size", "128x128");
        assertBetween(11, 11, table, "chunks");
        assertBetween(0.1, 10, table, "streamed / stored");
        assertBetween(0.1, 10, table, "first media byte x chunks / streamed");
        assertBetween(0, 60_000, table, "changed prompt to its first byte, ms");
        assertTrue(table.matches("(?s).*pictures equal +yes.*"), table);
    }
}
