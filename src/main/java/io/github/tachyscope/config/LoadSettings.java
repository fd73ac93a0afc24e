package io.github.tachyscope.config;

import java.time.Duration;
import java.util.List;

/**
 * How much is taken on, and what gives way under pressure; see {@code tachyscope.load} in {@code reference.conf}.
 *
 * @param leastFps frames per second that every live session must be able to get, else no further one is taken on
 * @param targetFps frames per second that live sessions should get before anything gives way
 * @param upper predicted utilisation of a device above which something is refused or gives way
 * @param lower utilisation below which that ends
 * @param measures what gives way, in this order
 * @param dwell least time between two changes
 */
public record LoadSettings(
        double leastFps, double targetFps, double upper, double lower, List<Measure> measures, Duration dwell) {
    /** Something that live sessions do without under pressure. */
    public enum Measure {
        /** Fewer frames per second. */
        LOWER_RATE,
        /** Fewer denoising steps per frame, where the pipeline can. */
        FEWER_STEPS,
        /** Smaller pictures, where the pipeline can. */
        SMALLER_PICTURES;

        String key() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    private static final int MOST_FPS = 1_000;
    private static final int MOST_PERCENT = 1_000;

    public LoadSettings {
        measures = List.copyOf(measures);
    }

    /** Everything is taken on and nothing gives way: for measuring and testing. */
    public static LoadSettings unlimited() {
        return new LoadSettings(1, 1, Double.MAX_VALUE, Double.MAX_VALUE, List.of(), Duration.ofSeconds(1));
    }

    static LoadSettings from(Section section) {
        double least = section.whole("least-fps", 1, MOST_FPS);
        double target = section.whole("target-fps", 1, MOST_FPS);
        double upper = section.whole("upper-percent", 1, MOST_PERCENT) / 100.0;
        double lower = section.whole("lower-percent", 1, MOST_PERCENT) / 100.0;
        if (target < least) {
            section.reject("target-fps", "must be at least least-fps");
        }
        if (lower >= upper) {
            section.reject("lower-percent", "must be below upper-percent");
        }
        return new LoadSettings(least, target, upper, lower, measures(section), section.duration("dwell"));
    }

    private static List<Measure> measures(Section section) {
        List<String> keys = List.of(Measure.values()).stream().map(Measure::key).toList();
        List<String> named = section.texts("measures");
        if (!keys.containsAll(named) || named.stream().distinct().count() < named.size()) {
            section.reject("measures", "must be some of " + keys + ", each once");
            return List.of();
        }
        return named.stream().map(name -> Measure.values()[keys.indexOf(name)]).toList();
    }
}
