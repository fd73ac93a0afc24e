package io.github.tachyscope.rtc.dtls;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.bouncycastle.tls.DatagramTransport;
import org.jspecify.annotations.Nullable;

/**
 * The library's view of the network: a bounded queue in, a consumer out.
 *
 * <p>During the handshake reading waits; afterwards it never does, it throws {@link Empty} instead.
 */
final class DatagramQueue implements DatagramTransport {
    /** Datagrams that wait for the handshake thread; protects memory. More are dropped: the other side repeats them. */
    static final int CAPACITY = 64;

    /** An Ethernet frame less the headers of IPv4 and UDP. */
    private static final int RECEIVE_LIMIT = 1472;

    /** Fits the smallest path that WebRTC plans for. */
    private static final int SEND_LIMIT = 1200;

    /** The library says 0 for "no limit"; it asks again when nothing came. */
    private static final int WITHOUT_LIMIT_MILLIS = 1000;

    /** Wakes a reader that waits when the queue is closed. */
    private static final byte[] CLOSING = {};

    /** Nothing is queued. The library passes this kind of exception on and keeps the connection. */
    static final class Empty extends InterruptedIOException {
        private static final long serialVersionUID = 1;

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }

    private final ArrayBlockingQueue<byte[]> incoming = new ArrayBlockingQueue<>(CAPACITY);
    private volatile Consumer<byte[]> outgoing;
    private volatile boolean waits = true;
    private volatile boolean closed;

    DatagramQueue(Consumer<byte[]> outgoing) {
        this.outgoing = outgoing;
    }

    void offer(byte[] datagram) {
        if (!closed) {
            incoming.offer(datagram);
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** From now on reading never waits, and datagrams out go to {@code newOutgoing}. */
    void handOver(Consumer<byte[]> newOutgoing) {
        outgoing = newOutgoing;
        waits = false;
    }

    @Override
    public int getReceiveLimit() {
        return RECEIVE_LIMIT;
    }

    @Override
    public int getSendLimit() {
        return SEND_LIMIT;
    }

    @Override
    public int receive(byte[] buffer, int offset, int length, int waitMillis) throws IOException {
        byte[] datagram = next(waitMillis);
        if (closed) {
            throw new IOException("closed");
        }
        if (datagram == null) {
            return -1;
        }
        int size = Math.min(length, datagram.length);
        System.arraycopy(datagram, 0, buffer, offset, size);
        return size;
    }

    private byte @Nullable [] next(int waitMillis) throws IOException {
        if (!waits) {
            byte[] datagram = incoming.poll();
            if (datagram == null) {
                throw new Empty();
            }
            return datagram;
        }
        try {
            return incoming.poll(waitMillis > 0 ? waitMillis : WITHOUT_LIMIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stopped);
        }
    }

    @Override
    public void send(byte[] buffer, int offset, int length) throws IOException {
        if (closed) {
            throw new IOException("closed");
        }
        outgoing.accept(Arrays.copyOfRange(buffer, offset, offset + length));
    }

    @Override
    public void close() {
        closed = true;
        incoming.clear();
        incoming.offer(CLOSING);
    }
}
