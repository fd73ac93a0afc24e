package io.github.tachyscope.rtc.sctp;

/**
 * How one association and its data channels are set up.
 *
 * @param dtlsClient whether we are the DTLS client: clients open even stream ids, servers odd ones (RFC 8832 section 6)
 * @param maxMessageSize largest message we take, as announced in the SDP; a larger one closes its channel
 * @param peerMaxMessageSize largest message the peer takes, from its SDP; zero for no limit
 * @param localPort our SCTP port
 * @param remotePort the peer's SCTP port
 * @param maxPacket largest packet that we send, so that it fits one DTLS record on one datagram
 * @param receiveWindow bytes that we hold for messages which are incomplete, out of order or not fetched yet
 * @param sendBuffer bytes that wait for sending or acknowledgement; a message on top of it is refused
 * @param maxChannels open channels; one more is refused
 */
public record SctpSettings(
        boolean dtlsClient,
        int maxMessageSize,
        int peerMaxMessageSize,
        int localPort,
        int remotePort,
        int maxPacket,
        int receiveWindow,
        int sendBuffer,
        int maxChannels) {

    /** Payloads must stay useful, and a packet must fit an Ethernet frame after DTLS. */
    private static final int MIN_PACKET = 500;

    private static final int MAX_PACKET = 1400;

    /** What one peer may cost; also keeps the accounting within an int. */
    private static final int MAX_BYTES = 64 << 20;

    /** Half of the streams that the reset and ordering tables keep state for. */
    private static final int MAX_CHANNELS = 1024;

    public SctpSettings {
        if (maxMessageSize < 1 || peerMaxMessageSize < 0) {
            throw new IllegalArgumentException("maximum message sizes are positive");
        }
        if (localPort < 1 || localPort > 65_535 || remotePort < 1 || remotePort > 65_535) {
            throw new IllegalArgumentException("ports are 1 to 65535");
        }
        if (maxPacket < MIN_PACKET || maxPacket > MAX_PACKET || maxPacket % 4 != 0) {
            throw new IllegalArgumentException("maxPacket is a multiple of 4 from " + MIN_PACKET + " to " + MAX_PACKET);
        }
        if (receiveWindow < maxMessageSize || receiveWindow > MAX_BYTES || sendBuffer < 1 || sendBuffer > MAX_BYTES) {
            throw new IllegalArgumentException("windows hold at least a message and at most " + MAX_BYTES + " bytes");
        }
        if (maxChannels < 1 || maxChannels > MAX_CHANNELS) {
            throw new IllegalArgumentException("maxChannels is 1 to " + MAX_CHANNELS);
        }
    }

    /** What WebRTC peers use by default: 256 kB messages, port 5000, packets of 1180 bytes. */
    public static SctpSettings webRtc(boolean dtlsClient) {
        return new SctpSettings(dtlsClient, 262_144, 262_144, 5000, 5000, 1180, 1 << 20, 4 << 20, 256);
    }

    /** The ports and the message limit that the peer's SDP names. */
    public SctpSettings withPeer(int port, int maxMessage) {
        return new SctpSettings(
                dtlsClient,
                maxMessageSize,
                maxMessage,
                localPort,
                port,
                maxPacket,
                receiveWindow,
                sendBuffer,
                maxChannels);
    }

    /** The message limit that our SDP names. */
    public SctpSettings withMaxMessageSize(int bytes) {
        return new SctpSettings(
                dtlsClient,
                bytes,
                peerMaxMessageSize,
                localPort,
                remotePort,
                maxPacket,
                Math.max(receiveWindow, bytes),
                sendBuffer,
                maxChannels);
    }
}
