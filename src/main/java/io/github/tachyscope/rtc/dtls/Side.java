package io.github.tachyscope.rtc.dtls;

import java.io.IOException;
import java.util.Optional;
import org.bouncycastle.tls.DTLSTransport;

/** Which end of a handshake we are, and what we ask of the other. */
interface Side {
    /** Runs the handshake on the calling thread until it is complete. */
    DTLSTransport shake(DatagramQueue network) throws IOException;

    /** Present once the handshake is complete. */
    Optional<SrtpExport> keys();
}
