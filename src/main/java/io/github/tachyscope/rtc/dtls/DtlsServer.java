package io.github.tachyscope.rtc.dtls;

import io.github.tachyscope.rtc.sdp.Fingerprint;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Our certificate, made once at start, and the threads for handshakes. */
public final class DtlsServer implements AutoCloseable {
    /** Handshakes at a time; each blocks a thread for some ten milliseconds, a hostile one until its timeout. */
    static final int MAX_HANDSHAKES = 32;
    /** Handshakes that wait for a thread; protects memory. Further ones fail at once. */
    private static final int MAX_WAITING = 256;

    private static final long IDLE_SECONDS = 5;

    private final DtlsIdentity identity;
    private final ThreadPoolExecutor threads;

    private DtlsServer(DtlsIdentity identity) {
        this.identity = identity;
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                MAX_HANDSHAKES,
                MAX_HANDSHAKES,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING),
                work -> {
                    Thread thread = new Thread(work, "dtls-handshake-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /** Makes the key and the certificate. */
    public static DtlsServer create() {
        return new DtlsServer(DtlsIdentity.generate());
    }

    /** Of our certificate, for the answer. */
    public Fingerprint fingerprint() {
        return identity.fingerprint();
    }

    /**
     * Begins to wait for a client's first flight.
     *
     * @param trusted the certificates that the offer names; any other fails
     * @param timeout for the whole handshake
     * @param outgoing takes datagrams, on a thread of the handshake
     * @param listener is told the one end of it, on the same thread
     */
    public DtlsHandshake begin(
            List<Fingerprint> trusted, Duration timeout, Consumer<byte[]> outgoing, Consumer<DtlsEvent> listener) {
        DtlsHandshake handshake =
                new DtlsHandshake(new ServerSide(identity, List.copyOf(trusted), timeout), outgoing, listener);
        handshake.startOn(threads);
        return handshake;
    }

    /** Threads that exist now. */
    public int threads() {
        return threads.getPoolSize();
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
