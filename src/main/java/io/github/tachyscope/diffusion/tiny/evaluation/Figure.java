package io.github.tachyscope.diffusion.tiny.evaluation;

import java.util.Locale;
import java.util.Optional;

/**
 * One measured number and what is asked of it.
 *
 * @param name what was measured
 * @param value in the unit that the name says
 * @param required bound to be reached, if there is one
 * @param floor what the first version of the model reached, if it was measured
 * @param higherIsBetter which side of the bound is the good one
 */
public record Figure(
        String name, double value, Optional<Double> required, Optional<Double> floor, boolean higherIsBetter) {
    static Figure atLeast(String name, double value, double required, double floor) {
        return new Figure(name, value, Optional.of(required), Optional.of(floor), true);
    }

    static Figure atMost(String name, double value, double required, double floor) {
        return new Figure(name, value, Optional.of(required), Optional.of(floor), false);
    }

    static Figure told(String name, double value) {
        return new Figure(name, value, Optional.empty(), Optional.empty(), true);
    }

    /** Whether {@code bound} is reached; true without one. */
    private boolean reaches(Optional<Double> bound) {
        return bound.map(limit -> higherIsBetter ? value >= limit : value <= limit)
                .orElse(true);
    }

    public boolean good() {
        return reaches(required);
    }

    @Override
    public String toString() {
        String verdict = required.isEmpty() ? "" : good() ? "reached" : reaches(floor) ? "above the floor" : "BELOW";
        return String.format(
                Locale.ROOT, "%-52s %8.3f  %10s  %10s  %s", name, value, text(required), text(floor), verdict);
    }

    private String text(Optional<Double> bound) {
        return bound.map(limit -> String.format(Locale.ROOT, "%s %.2f", higherIsBetter ? ">=" : "<=", limit))
                .orElse("");
    }
}
