package io.github.tachyscope.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.tachyscope.config.RestartSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RestartsTest {
    private static final long SECOND = 1_000_000;

    private static Restarts restarts(int limit) {
        return new Restarts(
                new RestartSettings(
                        Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(5), limit, Duration.ofSeconds(100), 0),
                0);
    }

    @Test
    void waitsLongerEachTimeUpToTheLongestAndGivesUpAtTheLimit() {
        Restarts restarts = restarts(5);
        List<Optional<Long>> waits = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            restarts.works(i * SECOND);
            waits.add(restarts.failed(i * SECOND + 1).map(Duration::toSeconds));
        }
        assertEquals(
                List.of(
                        Optional.of(1L),
                        Optional.of(2L),
                        Optional.of(4L),
                        Optional.of(5L),
                        Optional.of(5L),
                        Optional.empty()),
                waits);
    }

    @Test
    void countsAnewAfterACalmTime() {
        Restarts restarts = restarts(1);
        assertEquals(Optional.of(Duration.ofSeconds(1)), restarts.failed(SECOND));
        restarts.works(2 * SECOND);
        assertEquals(Optional.of(Duration.ofSeconds(1)), restarts.failed(102 * SECOND));
        restarts.works(103 * SECOND);
        assertEquals(Optional.empty(), restarts.failed(202 * SECOND));
    }

    @Test
    void timeThatADeviceWasDownIsNotCalm() {
        Restarts restarts = restarts(1);
        restarts.failed(SECOND);
        assertEquals(Optional.empty(), restarts.failed(500 * SECOND));
    }

    @Test
    void withoutRestartsTheFirstFailureIsTheLast() {
        assertEquals(Optional.empty(), new Restarts(RestartSettings.NEVER, 0).failed(1));
    }
}
