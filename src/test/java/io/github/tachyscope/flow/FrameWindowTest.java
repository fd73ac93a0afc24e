package io.github.tachyscope.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameWindowTest {
    private final FrameWindow window = new FrameWindow();

    @Test
    void aChunkOfOneIsTheNewestFrame() {
        assertEquals(0, window.add(frame(1), 1));
        assertEquals(1, window.add(frame(2), 1));
        assertEquals(1, window.add(frame(3), 1));
        assertEquals(List.of(3L), times(window.take(1)));
        assertFalse(window.has(1));
    }

    @Test
    void aChunkSamplesTheWholeWindowEvenlyAndEmptiesIt() {
        for (int i = 1; i <= 12; i++) {
            window.add(frame(i), 4);
        }
        assertEquals(List.of(3L, 6L, 9L, 12L), times(window.take(4)));
        assertEquals(0, window.size());
    }

    @Test
    void exactlyEnoughFramesAreAllTaken() {
        for (int i = 1; i <= 9; i++) {
            assertEquals(i >= 9, addAndAsk(i, 9));
        }
        assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L), times(window.take(9)));
    }

    @Test
    void overflowDropsTheOldest() {
        int dropped = 0;
        for (int i = 1; i <= 100; i++) {
            dropped += window.add(frame(i), 12);
        }
        assertEquals(70, dropped);
        assertEquals(FrameWindow.MIN_CAPACITY, window.size());
        List<Long> chunk = times(window.take(12));
        assertEquals(100L, chunk.get(11));
        assertTrue(chunk.get(0) > 70, chunk.toString());
    }

    private boolean addAndAsk(int time, int size) {
        window.add(frame(time), size);
        return window.has(size);
    }

    private static List<Long> times(List<VideoFrame> frames) {
        return frames.stream().map(VideoFrame::ptsMicros).toList();
    }

    private static VideoFrame frame(long pts) {
        return VideoFrame.of(PixelFormat.I420, 2, 2, new byte[6], pts);
    }
}
