package io.github.tachyscope.rtc.rtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LossRecoveryTest {
    @Test
    void asksAtOnceAndEveryFortyMillisecondsAndGivesUpAtAHundredAndFifty() {
        LossRecovery loss = new LossRecovery(true);
        assertTrue(loss.hole(70_000, 70_002, 0));
        List<Long> askedAt = new ArrayList<>();
        long gaveUpAt = -1;
        while (gaveUpAt < 0) {
            long now = loss.nextDeadlineMicros();
            if (!loss.givenUp(now).isEmpty()) {
                gaveUpAt = now;
            }
            List<Integer> due = loss.due(now);
            if (!due.isEmpty()) {
                assertEquals(List.of(70_000 - 65_536, 70_001 - 65_536), due);
                askedAt.add(now);
            }
        }
        assertEquals(List.of(0L, 40_000L, 80_000L, 120_000L), askedAt);
        assertEquals(150_000, gaveUpAt);
        assertEquals(Long.MAX_VALUE, loss.nextDeadlineMicros());
    }

    @Test
    void stopsAskingForWhatArrived() {
        LossRecovery loss = new LossRecovery(true);
        loss.hole(10, 12, 0);
        assertTrue(loss.arrived(10));
        assertFalse(loss.arrived(10));
        assertEquals(List.of(11), loss.due(0));
    }

    @Test
    void waitsOnlyForOvertakenPacketsWithoutNack() {
        LossRecovery loss = new LossRecovery(false);
        loss.hole(10, 11, 0);
        assertEquals(List.of(), loss.due(0));
        assertEquals(LossRecovery.REORDER_MICROS, loss.nextDeadlineMicros());
        assertEquals(List.of(10L), loss.givenUp(LossRecovery.REORDER_MICROS));
    }

    @Test
    void doesNotChaseAnOutage() {
        LossRecovery loss = new LossRecovery(true);
        assertFalse(loss.hole(0, LossRecovery.MAX_MISSING + 1, 0));
        assertEquals(Long.MAX_VALUE, loss.nextDeadlineMicros());
    }
}
