package io.github.tachyscope.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** Delivery of frames in virtual time, against the numbers that clients of chunk-wise models were measured with. */
class PacingTest {
    private static final long SECOND = 1_000_000;

    /** A tenth of twelve frames at 30 fps. */
    private static final long CUSHION = 39_999;

    /** What a viewer measures: spread of the intervals, share of stalls, and rate. */
    private record Delivery(double jitter, double stallShare, double fps) {}

    @Test
    void twelveFramesEveryHalfSecondPlayEvenly() {
        Delivery seen = playText(12, chunk -> SECOND / 2, 60);
        assertTrue(seen.jitter() < 0.10, seen.toString());
        assertTrue(seen.stallShare() < 0.01, seen.toString());
        assertEquals(24, seen.fps(), 24 * 0.05, seen.toString());
    }

    @Test
    void fourFramesPerChunkPlayEvenly() {
        Delivery seen = playText(4, chunk -> SECOND / 6, 60);
        assertTrue(seen.jitter() < 0.15, seen.toString());
        assertTrue(seen.stallShare() < 0.02, seen.toString());
        assertEquals(24, seen.fps(), 24 * 0.10, seen.toString());
    }

    @Test
    void singleFramesPlayEvenly() {
        Delivery seen = playText(1, chunk -> SECOND / 20, 60);
        assertTrue(seen.jitter() < 0.15, seen.toString());
        assertTrue(seen.stallShare() < 0.02, seen.toString());
        assertEquals(20, seen.fps(), 20 * 0.10, seen.toString());
    }

    @Test
    void aFastModelIsHeldToTheHighestRate() {
        Delivery seen = playText(12, chunk -> SECOND / 50, 30);
        assertEquals(30, seen.fps(), 0.5, seen.toString());
        assertTrue(seen.stallShare() == 0, seen.toString());
    }

    @Test
    void aModelThatSlowsDownKeepsPlayingAtItsNewPace() {
        Delivery seen = playText(12, chunk -> chunk < 40 ? SECOND / 4 : SECOND, 60);
        assertTrue(seen.stallShare() < 0.05, seen.toString());
    }

    @Test
    void cameraChunksKeepTheCamerasTimes() {
        Delivery seen = playCamera(12, 33_333, new Random(7), 30_000);
        assertTrue(seen.jitter() < 0.10, seen.toString());
        assertTrue(seen.stallShare() < 0.01, seen.toString());
        assertEquals(30, seen.fps(), 1, seen.toString());
    }

    @Test
    void singleCameraFramesLeaveAtOnce() {
        Pacing pacing = new Pacing(true, 30);
        pacing.add(List.of(frame(1000)), 900, 5000);
        assertEquals(5000, pacing.nextDueMicros().orElseThrow());
        pacing.take();
        pacing.add(List.of(frame(34_333)), 6000, 36_000);
        assertEquals(36_000, pacing.nextDueMicros().orElseThrow());
    }

    @Test
    void aJumpOfTheSourceTimesStartsANewTimeline() {
        Pacing pacing = new Pacing(true, 30);
        pacing.add(camera(0, 12, 33_333), 0, 500_000);
        drain(pacing);
        pacing.add(camera(60 * SECOND, 12, 33_333), 0, 900_000);
        assertEquals(900_000 + CUSHION, pacing.nextDueMicros().orElseThrow());
        drain(pacing);
        pacing.add(camera(10 * SECOND, 12, 33_333), 0, 1_500_000);
        assertEquals(1_500_000 + CUSHION, pacing.nextDueMicros().orElseThrow());
        assertEquals(0, pacing.stalls());
    }

    @Test
    void aLagThatIsNotNeededIsWorkedOffSlowly() {
        Pacing pacing = new Pacing(true, 30);
        long interval = 33_333;
        long chunkTime = 12 * interval;
        long firstLag = 0;
        long lastLag = 0;
        for (int chunk = 0; chunk < 40; chunk++) {
            long media = chunk * chunkTime;
            // One hiccup of a second at the start, then chunks come 20 ms after their last frame.
            long now = media + chunkTime + (chunk == 1 ? SECOND : 20_000);
            if (chunk == 2) {
                now += SECOND;
            }
            pacing.add(camera(media, 12, interval), 0, now);
            long lag = pacing.nextDueMicros().orElseThrow() - media;
            if (chunk == 2) {
                firstLag = lag;
            }
            lastLag = lag;
            drain(pacing);
        }
        assertTrue(firstLag > SECOND, "lag after the hiccup " + firstLag);
        assertTrue(lastLag < chunkTime + 200_000, "lag at the end " + lastLag);
    }

    @Test
    void chunksThatTakeALittleLongerNowAndThenAreNotLate() {
        Pacing pacing = new Pacing(true, 30);
        Random random = new Random(3);
        long chunkTime = 12 * 33_333;
        for (int chunk = 0; chunk < 300; chunk++) {
            long media = chunk * chunkTime;
            long now = media + chunkTime + 20_000 + random.nextInt(30_000);
            long dry = pacing.runsDryMicros(media + chunkTime);
            assertTrue(chunk < 5 || now <= dry, "seed 3, chunk " + chunk + " is late by " + (now - dry));
            pacing.add(camera(media, 12, 33_333), 0, now);
            drain(pacing);
        }
        assertTrue(pacing.stalls() <= 1, pacing.stalls() + " stalls");
    }

    @Test
    void aPauseShiftsEverythingByItsLength() {
        Pacing pacing = new Pacing(false, 30);
        pacing.add(camera(0, 12, 1), 0, 400_000);
        pacing.take();
        long due = pacing.nextDueMicros().orElseThrow();
        pacing.resumeAfter(3 * SECOND);
        assertEquals(due + 3 * SECOND, pacing.nextDueMicros().orElseThrow());
    }

    @Test
    void presentationTimesOfTextGrowStrictlyThroughStallsAndFlushes() {
        Pacing pacing = new Pacing(false, 30);
        Random random = new Random(11);
        long now = 0;
        long previous = Long.MIN_VALUE;
        for (int chunk = 0; chunk < 200; chunk++) {
            long demanded = now;
            now += random.nextInt(1_500_000);
            pacing.add(camera(0, 12, 1), demanded, now);
            if (random.nextInt(10) == 0) {
                pacing.flush();
            }
            while (pacing.nextDueMicros().isPresent()) {
                now = Math.max(now, pacing.nextDueMicros().getAsLong());
                long pts = pacing.take().ptsMicros();
                assertTrue(pts > previous, "seed 11, chunk " + chunk + ": " + pts + " after " + previous);
                previous = pts;
            }
        }
    }

    /** Plays text-made chunks as the stage does: the next is asked for when the current one begins to play. */
    private static Delivery playText(int frames, LongUnaryOperator chunkTime, double maxFps) {
        Pacing pacing = new Pacing(false, maxFps);
        List<Long> shown = new ArrayList<>();
        long now = 0;
        long demanded = 0;
        int made = 0;
        long ready = chunkTime.applyAsLong(0);
        boolean asked = true;
        while (made < 120) {
            long due = pacing.nextDueMicros().orElse(Long.MAX_VALUE);
            if (asked && ready <= due) {
                now = Math.max(now, ready);
                pacing.add(camera(0, frames, 1), demanded, now);
                made++;
                asked = false;
            } else {
                now = Math.max(now, due);
                pacing.take();
                shown.add(now);
            }
            if (!asked && pacing.playsLastChunk()) {
                asked = true;
                demanded = now;
                ready = now + chunkTime.applyAsLong(made);
            }
        }
        return measure(shown.subList(shown.size() / 4, shown.size()));
    }

    /** Camera chunks that are ready some time after their last frame was filmed. */
    private static Delivery playCamera(int frames, long interval, Random random, int spreadMicros) {
        Pacing pacing = new Pacing(true, 30);
        List<Long> shown = new ArrayList<>();
        for (int chunk = 0; chunk < 120; chunk++) {
            long media = chunk * frames * interval;
            long now = media + frames * interval + 50_000 + random.nextInt(spreadMicros);
            while (pacing.nextDueMicros().orElse(Long.MAX_VALUE) <= now) {
                shown.add(pacing.nextDueMicros().getAsLong());
                pacing.take();
            }
            pacing.add(camera(media, frames, interval), 0, now);
        }
        return measure(shown.subList(shown.size() / 4, shown.size()));
    }

    private static Delivery measure(List<Long> shown) {
        double mean = (double) (shown.get(shown.size() - 1) - shown.get(0)) / (shown.size() - 1);
        double squares = 0;
        int stalls = 0;
        for (int i = 1; i < shown.size(); i++) {
            double interval = shown.get(i) - shown.get(i - 1);
            squares += (interval - mean) * (interval - mean);
            if (interval > 2 * mean) {
                stalls++;
            }
        }
        return new Delivery(
                Math.sqrt(squares / (shown.size() - 1)) / mean, (double) stalls / (shown.size() - 1), 1e6 / mean);
    }

    private static void drain(Pacing pacing) {
        while (pacing.nextDueMicros().isPresent()) {
            pacing.take();
        }
    }

    private static List<VideoFrame> camera(long first, int frames, long interval) {
        List<VideoFrame> chunk = new ArrayList<>();
        for (int i = 0; i < frames; i++) {
            chunk.add(frame(first + i * interval));
        }
        return chunk;
    }

    private static VideoFrame frame(long pts) {
        return VideoFrame.of(PixelFormat.I420, 2, 2, new byte[6], pts);
    }
}
