package io.github.tachyscope.testkit;

import java.util.List;
import java.util.OptionalLong;

/** A sans-IO protocol engine as the {@link NetworkEmulator} sees it. */
public interface Endpoint {
    void receive(byte[] datagram, long nowMicros);

    void tick(long nowMicros);

    /** When {@link #tick} wants to be called next; empty while it waits for the network only. */
    OptionalLong nextDeadlineMicros();

    /** The datagrams to send since the last call. */
    List<byte[]> drain();
}
