package io.github.tachyscope.session.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.testkit.CountedFrames;
import io.github.tachyscope.testkit.ManualClock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameGlanceTest {
    private final ManualClock clock = new ManualClock();
    private final CountedFrames frames = new CountedFrames();
    private final List<VideoFrame> seen = new ArrayList<>();
    private final FrameGlance glance = new FrameGlance(clock, seen::add);

    private Chunk chunk(int size) {
        List<VideoFrame> made = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            made.add(frames.take());
        }
        return new Chunk(0, made, 1, 0);
    }

    @Test
    void takesTheNewestFrameAndHoldsIt() {
        Chunk chunk = chunk(3);
        glance.accept(chunk);
        chunk.frames().forEach(VideoFrame::release);
        assertEquals(1, seen.size());
        assertSame(chunk.frames().get(2), seen.get(0));
        assertEquals(1, frames.out());
        seen.get(0).release();
        assertEquals(0, frames.out());
    }

    @Test
    void looksNowAndThenOnly() {
        for (int i = 0; i < 100; i++) {
            clock.set(i * 10_000L);
            glance.accept(chunk(1));
        }
        assertEquals(5, seen.size(), "in a second");
    }
}
