package io.github.tachyscope.rtc.rtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MediaTimelineTest {
    private final MediaTimeline timeline = new MediaTimeline();

    @Test
    void spacesPicturesByTheirTimestampsAcrossTheWrap() {
        long first = timeline.micros(0xFFFF_FFFFL - 1_000, 5_000_000);
        assertEquals(5_000_000, first);
        for (int i = 1; i <= 10; i++) {
            long late = 5_000_000 + i * 33_333 + i % 3 * 7_000;
            assertEquals(
                    first + i * 100_000L / 3,
                    timeline.micros(0xFFFF_FFFFL - 1_000 + i * 3_000 & 0xFFFF_FFFFL, late),
                    1);
        }
    }

    @Test
    void anchorsAnewWhenTimestampsJumpEitherWayAndNeverGoesBack() {
        timeline.micros(1_000_000, 5_000_000);
        assertEquals(5_033_333, timeline.micros(1_003_000, 5_040_000), 1);
        assertEquals(5_070_000, timeline.micros(2_000, 5_070_000));
        assertEquals(5_103_333, timeline.micros(5_000, 5_104_000), 1);
        assertEquals(5_140_000, timeline.micros(900_005_000, 5_140_000));
        assertTrue(timeline.micros(900_005_000, 5_140_000) > 5_140_000);
    }

    @Test
    void keepsItsAnchorOverAPause() {
        timeline.micros(0, 0);
        assertEquals(3_000_000, timeline.micros(270_000, 3_020_000));
    }

    @Test
    void followsAClockThatDrifts() {
        long previous = -1;
        long micros = 0;
        for (int i = 0; i < 100_000; i++) {
            long now = (long) (i * 33_333L * 1.0003);
            micros = timeline.micros(i * 3_000L & 0xFFFF_FFFFL, now);
            assertTrue(micros > previous);
            assertTrue(Math.abs(now - micros) < 120_000, (now - micros) + " us off at picture " + i);
            previous = micros;
        }
    }
}
