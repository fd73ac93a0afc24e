package io.github.tachyscope.schedule;

import io.github.tachyscope.config.LoadSettings;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Whether a device takes on more, and what its live sessions do without meanwhile. Decides from predicted utilisation:
 * the share of its busiest thread's time that all live sessions take when each gets a given rate.
 *
 * <pre>
 *   taking on --a newcomer would exceed upper--> refusing --below lower--> taking on
 *   level n   --above upper at level n--> n + 1 ... --below lower at level n - 1--> n
 * </pre>
 *
 * <p>Pure: fed with utilisations and times.
 */
final class Pressure {
    /** One session alone runs as fast as it can; there is nobody whom it could make room for. */
    private static final int FEWEST_COMPETING = 2;

    private final LoadSettings settings;
    private final List<Quality> ladder;
    private int level;
    private long changedMicros = Long.MIN_VALUE / 2;
    private boolean refusing;

    Pressure(LoadSettings settings) {
        this.settings = settings;
        this.ladder = Quality.ladder(settings);
    }

    Quality quality() {
        return ladder.get(level);
    }

    /** The level at which sessions get least. */
    Quality least() {
        return ladder.get(ladder.size() - 1);
    }

    /**
     * Whether there is no room for another live session.
     *
     * @param utilisation with the newcomer, every session at the least rate and the last level
     */
    boolean refuses(double utilisation) {
        refusing = utilisation > (refusing ? settings.lower() : settings.upper());
        return refusing;
    }

    /**
     * Goes one level up or down where that is due; whether it did.
     *
     * @param live sessions on the device
     * @param utilisation that live sessions cause at a level
     */
    boolean adjust(int live, ToDoubleFunction<Quality> utilisation, long nowMicros) {
        if (live < FEWEST_COMPETING) {
            return change(0, nowMicros);
        }
        if (nowMicros - changedMicros < settings.dwell().toNanos() / 1_000) {
            return false;
        }
        if (level + 1 < ladder.size() && utilisation.applyAsDouble(quality()) > settings.upper()) {
            return change(level + 1, nowMicros);
        }
        boolean room = level > 0 && utilisation.applyAsDouble(ladder.get(level - 1)) < settings.lower();
        return room && change(level - 1, nowMicros);
    }

    private boolean change(int to, long nowMicros) {
        if (to == level) {
            return false;
        }
        level = to;
        changedMicros = nowMicros;
        return true;
    }
}
