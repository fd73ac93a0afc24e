package io.github.tachyscope.rtc;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams between the reader thread and the actor: bounded, unlike a mailbox, and with one wake-up for many.
 *
 * <p>When full, the newest is dropped and counted: losing it looks like loss in the network, which media survives.
 */
final class Inbox {
    /** About a second of video at the highest rate; protects memory while the actor is away. */
    static final int CAPACITY = 1024;

    private final ArrayBlockingQueue<byte[]> datagrams = new ArrayBlockingQueue<>(CAPACITY);
    private final AtomicBoolean awake = new AtomicBoolean();
    private final AtomicLong dropped = new AtomicLong();

    /** Keeps a datagram; true if the actor has to be woken up. */
    boolean offer(byte[] datagram) {
        if (!datagrams.offer(datagram)) {
            dropped.incrementAndGet();
        }
        return awake.compareAndSet(false, true);
    }

    /** To be called by the actor when it wakes up, before it takes anything. */
    void wokenUp() {
        awake.set(false);
    }

    /** True if the actor has to wake itself up again, because it leaves datagrams behind. */
    boolean leaves() {
        return !datagrams.isEmpty() && awake.compareAndSet(false, true);
    }

    byte @Nullable [] take() {
        return datagrams.poll();
    }

    long dropped() {
        return dropped.get();
    }
}
