package io.github.tachyscope.api.video.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.tachyscope.api.video.Pace;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class PacerTest {
    private static final long SECOND = 1_000_000;

    @Test
    void withoutPacingEverythingLeavesAtOnce() {
        Pacer pacer = new Pacer(new Pace(false, 0, OptionalDouble.of(5)), 10);
        pacer.released(100, 0);
        assertEquals(3, pacer.due(3));
    }

    @Test
    void theFirstChunkIsNeverHeldAndTheOthersFollowTheMediaTime() {
        Pacer pacer = new Pacer(new Pace(true, 0.5, OptionalDouble.of(5)), 10);
        assertEquals(7 * SECOND, pacer.due(7 * SECOND));
        pacer.released(10, 7 * SECOND);
        assertEquals(7 * SECOND + SECOND / 2, pacer.due(7 * SECOND));
        pacer.released(20, 8 * SECOND);
        assertEquals(9 * SECOND + SECOND / 2, pacer.due(8 * SECOND));
    }

    @Test
    void aChunkThatIsVeryLateMovesTheTimeLine() {
        Pacer pacer = new Pacer(new Pace(true, 0, OptionalDouble.of(2)), 10);
        pacer.released(10, 0);
        pacer.released(10, 2 * SECOND);
        assertEquals(2 * SECOND, pacer.due(2 * SECOND), "one second late is within the lag");
        pacer.released(10, 10 * SECOND);
        assertEquals(11 * SECOND, pacer.due(10 * SECOND), "the eight seconds are forgotten");
    }

    @Test
    void withoutALargestLagTheTimeLineStays() {
        Pacer pacer = new Pacer(new Pace(true, 0, OptionalDouble.empty()), 10);
        pacer.released(10, 0);
        pacer.released(10, 100 * SECOND);
        assertEquals(2 * SECOND, pacer.due(100 * SECOND));
    }
}
