package io.github.tachyscope.schedule;

import io.github.tachyscope.config.LoadSettings;
import io.github.tachyscope.diffusion.Economy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What live sessions on a device get at present.
 *
 * @param level 0 is everything they ask for; grows with what they do without
 * @param mostFps frames per second that each may make
 * @param economies how chunks are made cheaper, where the pipeline can
 */
public record Quality(int level, double mostFps, Set<Economy> economies) {
    /** Everything. */
    public static final Quality FULL = new Quality(0, Double.POSITIVE_INFINITY, Set.of());

    /** Steps in which the rate goes down, as shares of the target. */
    private static final List<Double> RATES = List.of(1.0, 0.75, 0.5);

    public Quality {
        economies = Collections.unmodifiableSet(
                economies.isEmpty() ? EnumSet.noneOf(Economy.class) : EnumSet.copyOf(economies));
    }

    /** All levels in order, {@link #FULL} first. */
    static List<Quality> ladder(LoadSettings settings) {
        List<Quality> levels = new ArrayList<>(List.of(FULL));
        for (LoadSettings.Measure measure : settings.measures()) {
            Quality last = levels.get(levels.size() - 1);
            switch (measure) {
                case LOWER_RATE ->
                    RATES.stream()
                            .map(share -> Math.max(settings.leastFps(), share * settings.targetFps()))
                            .distinct()
                            .forEach(fps -> levels.add(new Quality(levels.size(), fps, last.economies())));
                case FEWER_STEPS -> levels.add(last.with(Economy.FEWER_STEPS));
                case SMALLER_PICTURES -> levels.add(last.with(Economy.SMALLER_PICTURES));
            }
        }
        return List.copyOf(levels);
    }

    private Quality with(Economy economy) {
        Set<Economy> more = EnumSet.of(economy);
        more.addAll(economies);
        return new Quality(level + 1, mostFps, more);
    }
}
