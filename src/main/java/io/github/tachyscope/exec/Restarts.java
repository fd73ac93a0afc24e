package io.github.tachyscope.exec;

import io.github.tachyscope.config.RestartSettings;
import java.time.Duration;
import java.util.Optional;

/** Counts the failures of a device: how long to wait before the next start, and when it is enough. */
final class Restarts {
    private final RestartSettings settings;
    private int inARow;
    private Optional<Long> worksSinceMicros;

    /** For a device that works since {@code nowMicros}. */
    Restarts(RestartSettings settings, long nowMicros) {
        this.settings = settings;
        this.worksSinceMicros = Optional.of(nowMicros);
    }

    /** The device works from now on. */
    void works(long nowMicros) {
        worksSinceMicros = Optional.of(nowMicros);
    }

    /** The device has failed; the wait before its next start, empty if there is none. */
    Optional<Duration> failed(long nowMicros) {
        long calm = settings.calmAfter().toNanos() / 1_000;
        if (worksSinceMicros.filter(since -> nowMicros - since >= calm).isPresent()) {
            inARow = 0;
        }
        worksSinceMicros = Optional.empty();
        inARow++;
        return inARow > settings.limit() ? Optional.empty() : Optional.of(pause());
    }

    private Duration pause() {
        Duration pause = settings.minBackoff();
        for (int i = 1; i < inARow && pause.compareTo(settings.maxBackoff()) < 0; i++) {
            pause = pause.multipliedBy(2);
        }
        return pause.compareTo(settings.maxBackoff()) > 0 ? settings.maxBackoff() : pause;
    }
}
