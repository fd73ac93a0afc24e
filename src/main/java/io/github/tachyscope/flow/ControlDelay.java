package io.github.tachyscope.flow;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongConsumer;

/**
 * From the arrival of a parameter message to the first picture that was surely made with it: the first one of a chunk
 * that was asked for after the message had gone to the scheduler. A chunk under way may show the change earlier.
 *
 * <pre>
 * told --next chunk asked for--> under way --finished--> queued behind n frames --n frames later--> shown
 *                                    +---- lost: told again
 * </pre>
 *
 * <p>Told by the session's actor, the rest on the stream's thread. One at a time is followed: while it is on its way, further
 * messages wait for it, so that a slider that is dragged costs nothing.
 */
public final class ControlDelay {
    /** No message. */
    static final long NONE = Long.MIN_VALUE;

    private static final class Queued {
        final long sinceMicros;
        int framesBefore;

        Queued(long sinceMicros, int framesBefore) {
            this.sinceMicros = sinceMicros;
            this.framesBefore = framesBefore;
        }
    }

    private final LongConsumer listener;
    private final Deque<Queued> queued = new ArrayDeque<>();
    private long waitingSince = NONE;
    private boolean onItsWay;
    private boolean followed;

    /** @param listener told each delay in microseconds, on the stream's thread */
    ControlDelay(LongConsumer listener) {
        this.listener = listener;
    }

    /**
     * A new flow; what the old one had is forgotten.
     *
     * @param alone whether it has one pipeline: what a later one of a chain asks for says nothing of the first
     */
    synchronized void begin(boolean alone) {
        followed = alone;
        queued.clear();
        onItsWay = false;
        waitingSince = NONE;
    }

    /** A message that arrived at {@code sinceMicros} has gone to the scheduler. */
    public synchronized void told(long sinceMicros) {
        if (followed && !onItsWay && waitingSince == NONE) {
            waitingSince = sinceMicros;
        }
    }

    /** A chunk is asked for; the message that it is the first with, or {@link #NONE}. */
    synchronized long asked() {
        long since = waitingSince;
        waitingSince = NONE;
        onItsWay |= since != NONE;
        return since;
    }

    /** The chunk that was asked for is lost: the next one will be the first. */
    synchronized void lost(long sinceMicros) {
        if (sinceMicros != NONE) {
            waitingSince = sinceMicros;
            onItsWay = false;
        }
    }

    /** The chunk waits to be shown, behind so many frames. */
    synchronized void queued(long sinceMicros, int framesBefore) {
        if (sinceMicros != NONE) {
            queued.addLast(new Queued(sinceMicros, framesBefore));
        }
    }

    /** One frame is shown. */
    void shown(long nowMicros) {
        long since = NONE;
        synchronized (this) {
            Queued first = queued.peekFirst();
            if (first != null && first.framesBefore-- == 0) {
                queued.removeFirst();
                since = first.sinceMicros;
                onItsWay = false;
            }
        }
        if (since != NONE) {
            listener.accept(nowMicros - since);
        }
    }

    /** What waited to be shown is dropped: whatever comes next was made with the message too. */
    synchronized void flushed() {
        queued.forEach(each -> each.framesBefore = 0);
    }
}
