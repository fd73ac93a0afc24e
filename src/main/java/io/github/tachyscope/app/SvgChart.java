package io.github.tachyscope.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Line charts side by side in one picture, as SVG text: panels in rows, one legend for all of them.
 *
 * <p>The x axis has one place per value, evenly spaced; the y axis starts at 0.
 */
final class SvgChart {
    /** @param dashed to tell it from another line of the same colour */
    record Line(String name, String colour, boolean dashed, List<Double> values) {
        Line {
            values = List.copyOf(values);
        }
    }

    private record Panel(String title, List<String> places, List<Line> lines) {}

    private static final int WIDTH = 400;
    private static final int HEIGHT = 250;
    private static final int LEFT = 46;
    private static final int RIGHT = 14;
    private static final int TOP = 34;
    private static final int BOTTOM = 40;
    private static final int LEGEND = 44;
    private static final int TICKS = 4;

    private final String title;
    private final String xTitle;
    private final int columns;
    private final List<Panel> panels = new ArrayList<>();

    SvgChart(String title, String xTitle, int columns) {
        this.title = title;
        this.xTitle = xTitle;
        this.columns = columns;
    }

    void panel(String name, List<String> places, List<Line> lines) {
        panels.add(new Panel(name, List.copyOf(places), List.copyOf(lines)));
    }

    String svg() {
        int rows = (panels.size() + columns - 1) / columns;
        int width = columns * WIDTH;
        int height = LEGEND + rows * HEIGHT;
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
                        + "font-family=\"sans-serif\" font-size=\"12\">%n<title>%s</title>%n"
                        + "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>%n",
                width,
                height,
                width,
                height,
                escape(title)));
        legend(svg);
        for (int i = 0; i < panels.size(); i++) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<g transform=\"translate(%d %d)\">%n",
                    i % columns * WIDTH,
                    LEGEND + i / columns * HEIGHT));
            draw(svg, panels.get(i));
            svg.append("</g>\n");
        }
        return svg.append("</svg>\n").toString();
    }

    private void legend(StringBuilder svg) {
        double x = LEFT;
        for (Line line : panels.isEmpty() ? List.<Line>of() : panels.get(0).lines()) {
            svg.append(path(line, String.format(Locale.ROOT, "M%.1f 24H%.1f", x, x + 26)));
            svg.append(text(x + 32, 28, "start", line.name()));
            x += 50 + 6.6 * line.name().length();
        }
    }

    private void draw(StringBuilder svg, Panel panel) {
        double top = niceAbove(panel.lines().stream()
                .flatMap(line -> line.values().stream())
                .filter(value -> !value.isNaN())
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(1));
        svg.append(String.format(
                Locale.ROOT, "<text x=\"%d\" y=\"18\" font-weight=\"bold\">%s</text>%n", LEFT, escape(panel.title())));
        for (int tick = 0; tick <= TICKS; tick++) {
            double y = y(top * tick / TICKS, top);
            svg.append(
                    String.format(Locale.ROOT, "<path d=\"M%d %.1fH%d\" stroke=\"#ddd\"/>%n", LEFT, y, WIDTH - RIGHT));
            svg.append(text(LEFT - 6, y + 4, "end", number(top * tick / TICKS)));
        }
        for (int place = 0; place < panel.places().size(); place++) {
            svg.append(text(
                    x(place, panel.places().size()),
                    HEIGHT - BOTTOM + 16,
                    "middle",
                    panel.places().get(place)));
        }
        svg.append(text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 8, "middle", xTitle));
        for (Line line : panel.lines()) {
            draw(svg, line, panel.places().size(), top);
        }
    }

    private static void draw(StringBuilder svg, Line line, int places, double top) {
        StringBuilder way = new StringBuilder();
        StringBuilder points = new StringBuilder();
        for (int place = 0; place < line.values().size(); place++) {
            double value = line.values().get(place);
            if (!Double.isNaN(value)) {
                double x = x(place, places);
                double y = y(value, top);
                way.append(String.format(Locale.ROOT, "%s%.1f %.1f", way.isEmpty() ? "M" : "L", x, y));
                points.append(String.format(
                        Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n", x, y, line.colour()));
            }
        }
        if (!way.isEmpty()) {
            svg.append(path(line, way.toString())).append(points);
        }
    }

    private static String path(Line line, String way) {
        return String.format(
                Locale.ROOT,
                "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s/>%n",
                way,
                line.colour(),
                line.dashed() ? " stroke-dasharray=\"5 4\"" : "");
    }

    private static String text(double x, double y, String anchor, String words) {
        return String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"#333\">%s</text>%n",
                x,
                y,
                anchor,
                escape(words));
    }

    private static double x(int place, int places) {
        double room = WIDTH - LEFT - RIGHT;
        return LEFT + room * (place + 0.5) / Math.max(1, places);
    }

    private static double y(double value, double top) {
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * Math.min(1, value / top);
    }

    /** The least of 1, 2, 4, 5, 8, 10, 20, ... that is not below. */
    static double niceAbove(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(Math.max(value, 1e-6))));
        for (double factor : new double[] {1, 2, 4, 5, 8}) {
            if (value <= factor * power) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    private static String number(double value) {
        return value == Math.rint(value)
                ? Long.toString(Math.round(value))
                : String.format(Locale.ROOT, value < 1 ? "%.2f" : "%.1f", value);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
