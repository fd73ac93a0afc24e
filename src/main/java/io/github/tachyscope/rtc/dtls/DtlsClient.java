package io.github.tachyscope.rtc.dtls;

import io.github.tachyscope.rtc.sdp.Fingerprint;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** The client's end of one connection: for benchmarks and checks, which have to talk to the server as browsers do. */
public final class DtlsClient {
    private final DtlsIdentity identity = DtlsIdentity.generate();

    /** Of the client's certificate, for its offer. */
    public Fingerprint fingerprint() {
        return identity.fingerprint();
    }

    /**
     * Sends the first flight.
     *
     * @param trusted the certificates that the answer names; any other fails
     * @param thread blocked until the handshake has ended
     * @param outgoing takes datagrams, on that thread
     * @param listener is told the one end of it, on the same thread
     */
    public DtlsHandshake begin(
            List<Fingerprint> trusted,
            Duration timeout,
            Executor thread,
            Consumer<byte[]> outgoing,
            Consumer<DtlsEvent> listener) {
        DtlsHandshake handshake =
                new DtlsHandshake(new ClientSide(identity, List.copyOf(trusted), timeout), outgoing, listener);
        handshake.startOn(thread);
        return handshake;
    }
}
