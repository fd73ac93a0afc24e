package io.github.tachyscope.app;

import io.github.tachyscope.app.BenchOptions.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What was measured for one size.
 *
 * @param coldFirstFrameMillis of the first session of the process; empty for later sizes
 * @param firstFrameMillis median of the further sessions
 * @param latenciesMillis glass to glass, sorted; empty if the pipeline leaves no number to read
 * @param insideMillis median within the server
 * @param megabitsIn per second of encoded pictures to the server
 * @param megabitsOut the same from the server
 */
record LiveFigures(
        Size size,
        OptionalDouble coldFirstFrameMillis,
        double firstFrameMillis,
        List<Double> latenciesMillis,
        double insideMillis,
        double fps,
        double megabitsIn,
        double megabitsOut,
        ThreadBill.Cost cost) {
    /** One line of the table; a NaN is shown as not measured. */
    private record Row(String name, double value, String budget) {}

    private List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        boolean small = size.width() * size.height() <= 512 * 512;
        rows.add(new Row("offer to first frame, cold, ms", coldFirstFrameMillis.orElse(Double.NaN), "<= 2000"));
        rows.add(new Row("offer to first frame, warm, ms", firstFrameMillis, "<= 600"));
        rows.add(new Row("glass to glass p50, ms", percentile(50), small ? "<= 25" : "<= 60"));
        rows.add(new Row("glass to glass p95, ms", percentile(95), ""));
        rows.add(new Row("inside the server p50, ms", insideMillis, small ? "<= 7" : ""));
        rows.add(new Row("frames delivered per second", fps, ""));
        rows.add(new Row("pictures to the server, Mb/s", megabitsIn, ""));
        rows.add(new Row("pictures from the server, Mb/s", megabitsOut, ""));
        rows.add(new Row("cpu, threads of the server, %", cost.serverPercent(), small ? "<= 20" : ""));
        rows.add(new Row("cpu, collector and compiler, %", cost.machinePercent(), ""));
        rows.add(new Row("cpu, client of the benchmark, %", cost.clientPercent(), ""));
        rows.add(new Row("heap allocation, server, MB/s", cost.serverBytes() / 1e6, small ? "<= 4" : ""));
        return rows;
    }

    double percentile(int percent) {
        return latenciesMillis.isEmpty()
                ? Double.NaN
                : latenciesMillis.get(Math.min(latenciesMillis.size() - 1, latenciesMillis.size() * percent / 100));
    }

    /** The table of one size. */
    String table(String title) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%-36s %12s   %s%n", size + " " + title, "measured", "budget"));
        for (Row row : rows()) {
            String value = Double.isNaN(row.value()) ? "-" : String.format(Locale.ROOT, "%.1f", row.value());
            text.append(String.format(Locale.ROOT, "%-36s %12s   %s%n", row.name(), value, row.budget())
                    .replaceAll(" +(\\R)$", "$1"));
        }
        return text.toString();
    }
}
