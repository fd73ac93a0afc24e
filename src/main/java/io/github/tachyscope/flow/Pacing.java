package io.github.tachyscope.flow;

import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;

/**
 * When each finished frame is shown. Pure: fed with chunks and times, asked for due frames.
 *
 * <p>Frames of a camera carry its presentation times; they are shown at those times plus one common lag, which grows
 * when a chunk comes late and shrinks by at most a tenth of playing speed while chunks keep coming early. Frames made
 * from text have no times; they are shown at the rate at which the device makes them. A camera chunk of a single frame
 * is shown at once: its pace is the camera's.
 */
final class Pacing {
    /** Chunks over which the rate of production and the spare time are measured. */
    private static final int MEASURED_CHUNKS = 10;

    /** The rate shown is a little below the rate made, so that small variations do not run the buffer dry. */
    private static final double RATE_MARGIN = 0.98;

    private static final double MIN_FPS = 1;

    /** Frames per second until the first chunk has been measured. */
    private static final double INITIAL_FPS = 30;

    /** A larger step of the presentation times than this, and than eight frame times, starts a new timeline. */
    private static final long DISCONTINUITY_MICROS = 250_000;

    /** Time that camera chunks are kept ready before they are due, so that one that takes a little longer is not late. */
    private static final long MAX_CUSHION_MICROS = 50_000;

    /** The same as a share of a chunk's playing time, for short chunks. */
    private static final double CUSHION_SHARE = 0.10;

    /** What the first chunk may take; nothing plays yet, so nothing can run dry. */
    private static final long FIRST_CHUNK_MICROS = 500_000;

    /** Playing speed rises by at most this share to work off a lag that is not needed. */
    private static final double MAX_SPEED_UP = 0.10;

    private record Due(VideoFrame frame, long dueMicros) {}

    private record Measured(int frames, long activeMicros, long spareMicros) {}

    private final boolean sourceTimed;
    private final double maxFps;
    private final Deque<Due> queue = new ArrayDeque<>();
    private final Deque<Measured> measured = new ArrayDeque<>();

    /** Media time of the newest frame queued and its due time; meaningless before the first. */
    private long lastMedia;

    private long lastDue;
    private long lag;
    private int lastChunkFrames;
    private boolean started;
    private long stalls;

    /**
     * @param sourceTimed whether frames carry the presentation times of a live source
     * @param maxFps most frames per second of a text-made stream
     */
    Pacing(boolean sourceTimed, double maxFps) {
        this.sourceTimed = sourceTimed;
        this.maxFps = maxFps;
    }

    /**
     * Queues a finished chunk.
     *
     * @param demandedMicros when the chunk was asked for; the time since then is what the device needs for one
     */
    void add(List<VideoFrame> frames, long demandedMicros, long nowMicros) {
        if (frames.isEmpty()) {
            return;
        }
        if (sourceTimed) {
            addSourceTimed(frames, nowMicros);
        } else {
            addUntimed(frames, demandedMicros, nowMicros);
        }
        started = true;
        lastChunkFrames = frames.size();
    }

    private void addSourceTimed(List<VideoFrame> frames, long now) {
        long first = frames.get(0).ptsMicros();
        if (frames.size() == 1) {
            enqueue(frames.get(0), first, now);
            return;
        }
        long last = frames.get(frames.size() - 1).ptsMicros();
        long frameTime = Math.max(1, (last - first) / (frames.size() - 1));
        long step = first - lastMedia;
        boolean continues = started && step >= 0 && step <= Math.max(DISCONTINUITY_MICROS, 8 * frameTime);
        long spare = first + lag - now;
        long chunkTime = frameTime * frames.size();
        long cushion = Math.min(MAX_CUSHION_MICROS, (long) (chunkTime * CUSHION_SHARE));
        if (!continues || spare < 0) {
            if (continues) {
                stalls++;
            }
            lag = now - first + cushion;
            measured.clear();
        } else {
            remember(new Measured(frames.size(), 0, spare));
            long unneeded = Math.max(0, leastSpare() - cushion);
            lag -= Math.min(unneeded / 2, (long) (chunkTime * MAX_SPEED_UP));
        }
        for (VideoFrame frame : frames) {
            enqueue(frame, frame.ptsMicros(), frame.ptsMicros() + lag);
        }
    }

    private void addUntimed(List<VideoFrame> frames, long demandedMicros, long now) {
        remember(new Measured(frames.size(), Math.max(1, now - demandedMicros), 0));
        long interval = Math.round(1e6 / rate());
        long due = started ? lastDue + interval : now;
        if (due < now) {
            if (started && queue.isEmpty()) {
                stalls++;
            }
            due = now;
        }
        long media = started ? lastMedia + interval + Math.max(0, due - lastDue - interval) : now;
        for (VideoFrame frame : frames) {
            enqueue(frame.at(media), media, due);
            media += interval;
            due += interval;
        }
    }

    /** Frames per second at which a text-made stream is shown. */
    double rate() {
        long frames = 0;
        long active = 0;
        for (Measured chunk : measured) {
            frames += chunk.frames();
            active += chunk.activeMicros();
        }
        double made = active == 0 ? INITIAL_FPS : frames * 1e6 / active;
        return Math.max(MIN_FPS, Math.min(maxFps, made * RATE_MARGIN));
    }

    private long leastSpare() {
        return measured.stream().mapToLong(Measured::spareMicros).min().orElse(0);
    }

    private void remember(Measured chunk) {
        measured.addLast(chunk);
        if (measured.size() > MEASURED_CHUNKS) {
            measured.removeFirst();
        }
    }

    private void enqueue(VideoFrame frame, long media, long due) {
        queue.addLast(new Due(frame, due));
        lastMedia = media;
        lastDue = due;
    }

    /** When the next frame is due; empty if none is queued. */
    OptionalLong nextDueMicros() {
        Due next = queue.peekFirst();
        return next == null ? OptionalLong.empty() : OptionalLong.of(next.dueMicros());
    }

    /** The next frame; only to be called when there is one. */
    VideoFrame take() {
        return queue.removeFirst().frame();
    }

    /** Whether the newest chunk has begun to play (or all is shown): the time to ask for another. */
    boolean playsLastChunk() {
        return queue.isEmpty() || queue.size() < lastChunkFrames;
    }

    int queued() {
        return queue.size();
    }

    /** When the last queued frame has been shown for its time: the deadline of the next chunk. */
    long runsDryMicros(long nowMicros) {
        if (!started) {
            return nowMicros + FIRST_CHUNK_MICROS;
        }
        long interval = Math.round(1e6 / (sourceTimed ? INITIAL_FPS : rate()));
        return Math.max(nowMicros, lastDue + interval);
    }

    /** Drops what is queued and begins a new timeline with the next chunk. Returns how many frames were dropped. */
    int flush() {
        int dropped = queue.size();
        queue.forEach(due -> due.frame().release());
        queue.clear();
        started = sourceTimed ? false : started;
        return dropped;
    }

    /** Shifts everything queued by the length of a pause. */
    void resumeAfter(long pausedMicros) {
        Deque<Due> shifted = new ArrayDeque<>();
        queue.forEach(due -> shifted.addLast(new Due(due.frame(), due.dueMicros() + pausedMicros)));
        queue.clear();
        queue.addAll(shifted);
        lastDue += pausedMicros;
        lag += pausedMicros;
    }

    /** How often the viewer ran out of frames. */
    long stalls() {
        return stalls;
    }
}
