package io.github.tachyscope.rtc.dtls;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.bouncycastle.tls.DTLSTransport;

/**
 * A handshake under way.
 *
 * <pre>
 * waiting for a thread --> running --> Established or Failed, told once
 * any --close--> ended, nothing is told
 * </pre>
 */
public final class DtlsHandshake {
    private final Side side;
    private final DatagramQueue queue;
    private final Consumer<DtlsEvent> listener;
    private volatile boolean abandoned;

    DtlsHandshake(Side side, Consumer<byte[]> outgoing, Consumer<DtlsEvent> listener) {
        this.side = side;
        this.queue = new DatagramQueue(outgoing);
        this.listener = listener;
    }

    void startOn(Executor threads) {
        try {
            threads.execute(this::run);
        } catch (RejectedExecutionException full) {
            listener.accept(new DtlsEvent.Failed("too many handshakes at a time"));
        }
    }

    /** A datagram from the client; also right for those that come before {@link DtlsEvent.Established} is read. */
    public void receive(byte[] datagram) {
        queue.offer(datagram);
    }

    /** Gives up; the thread is free at once. After {@link DtlsEvent.Established} close the channel instead. */
    public void close() {
        abandoned = true;
        queue.close();
    }

    private void run() {
        DtlsEvent end;
        try {
            DTLSTransport transport = side.shake(queue);
            end = side.keys()
                    .<DtlsEvent>map(keys -> new DtlsEvent.Established(new DtlsChannel(transport, queue), keys))
                    .orElseGet(() -> new DtlsEvent.Failed("no keys"));
        } catch (IOException | RuntimeException failed) {
            queue.close();
            end = new DtlsEvent.Failed(String.valueOf(failed.getMessage()));
        }
        if (!abandoned) {
            listener.accept(end);
        }
    }
}
