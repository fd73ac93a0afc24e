package io.github.tachyscope.rtc.dtls;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.tls.DTLSTransport;

/**
 * An established connection that carries application data (SCTP, RFC 8261). Not thread-safe, never waits.
 *
 * <p>Datagrams to send collect inside until they are drained: those of {@link #send}, and repeats of our last flight
 * when the client shows that it missed it.
 */
public final class DtlsChannel {
    /** Largest plaintext of one record (RFC 6347 section 4.1). */
    private static final int MAX_RECORD = 1 << 14;

    private final DTLSTransport transport;
    private final DatagramQueue queue;
    private final List<byte[]> outgoing = new ArrayList<>();
    private final byte[] record = new byte[MAX_RECORD];
    private boolean failed;

    DtlsChannel(DTLSTransport transport, DatagramQueue queue) {
        this.transport = transport;
        this.queue = queue;
        queue.handOver(outgoing::add);
    }

    /** Takes a datagram and returns the messages in it; forged and repeated ones give nothing. */
    public List<byte[]> receive(byte[] datagram) {
        queue.offer(datagram);
        return receive();
    }

    /** Messages in datagrams that came while the handshake ended. */
    public List<byte[]> receive() {
        List<byte[]> messages = new ArrayList<>();
        while (!isClosed()) {
            try {
                int length = transport.receive(record, 0, record.length, 1);
                if (length > 0) {
                    messages.add(Arrays.copyOf(record, length));
                }
            } catch (DatagramQueue.Empty done) {
                break;
            } catch (IOException | RuntimeException broken) {
                failed = true;
            }
        }
        return messages;
    }

    /** Protects a message; the datagram is drained with {@link #drainDatagrams}. */
    public void send(byte[] message) {
        if (isClosed()) {
            return;
        }
        try {
            transport.send(message, 0, message.length);
        } catch (IOException | RuntimeException broken) {
            failed = true;
        }
    }

    /** What is to be sent since the last call. */
    public List<byte[]> drainDatagrams() {
        List<byte[]> drained = List.copyOf(outgoing);
        outgoing.clear();
        return drained;
    }

    /** Whether the other side has said goodbye, or broke the protocol. */
    public boolean isClosed() {
        return failed || queue.isClosed();
    }

    /** Says goodbye; the datagram for that is drained as ever. */
    public void close() {
        try {
            transport.close();
        } catch (IOException | RuntimeException alreadyGone) {
            failed = true;
        }
    }
}
