package io.github.tachyscope.rtc.srtp;

import io.github.tachyscope.rtc.srtp.SrtpRejected.Reason;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jitsi.srtp.SrtcpCryptoContext;
import org.jitsi.srtp.SrtpContextFactory;
import org.jitsi.srtp.SrtpCryptoContext;
import org.jitsi.srtp.SrtpErrorStatus;

/**
 * Protects and unprotects the packets of one peer: a context per source and direction, RTP and RTCP apart.
 *
 * <p>A context of a remote source is kept only once a packet of it was authentic, so strangers cannot fill the table.
 * Not thread-safe.
 */
public final class SrtpSession {
    /** Most sources per direction and kind; protects memory (about 4 kB each). Packets of further ones are refused. */
    public static final int MAX_SOURCES = 64;

    /** What protection adds at most to an RTCP packet: tag and index. */
    private static final int RTCP_OVERHEAD = 16 + 4;

    private static final int RTP_HEADER = 12;
    private static final int RTCP_HEADER = 8;

    private record RemoteSource(SrtpCryptoContext context, ReplayWindow replay) {}

    private final SrtpProfile profile;
    private final SrtpContextFactory sending;
    private final SrtpContextFactory receiving;
    private final Map<Integer, SrtpCryptoContext> rtpOut = new HashMap<>();
    private final Map<Integer, SrtcpCryptoContext> rtcpOut = new HashMap<>();
    private final Map<Integer, RemoteSource> rtpIn = new HashMap<>();
    private final Map<Integer, SrtcpCryptoContext> rtcpIn = new HashMap<>();
    private final PacketBuffer buffer = new PacketBuffer();

    public SrtpSession(SrtpKeys keys) {
        profile = keys.profile();
        sending = new SrtpContextFactory(
                true,
                keys.localKey(),
                keys.localSalt(),
                profile.rtpPolicy(),
                profile.rtcpPolicy(),
                QuietLogger.INSTANCE);
        receiving = new SrtpContextFactory(
                false,
                keys.remoteKey(),
                keys.remoteSalt(),
                profile.rtpPolicy(),
                profile.rtcpPolicy(),
                QuietLogger.INSTANCE);
    }

    /**
     * Does the library's first-use work, an AES benchmark of a second or more, before a call depends on it: protects
     * one dummy packet with every profile.
     */
    public static void warmUp() {
        for (SrtpProfile profile : SrtpProfile.values()) {
            byte[] key = new byte[SrtpProfile.KEY_BYTES];
            byte[] salt = new byte[profile.saltBytes()];
            SrtpSession session = new SrtpSession(new SrtpKeys(profile, key, salt, key, salt));
            byte[] rtp = new byte[RTP_HEADER + 8 + profile.tagBytes()];
            rtp[0] = (byte) 0x80;
            session.protectRtp(rtp, RTP_HEADER + 8);
            session.protectRtcp(new byte[] {(byte) 0x80, (byte) 201, 0, 1, 0, 0, 0, 1});
            try {
                session.unprotectRtp(rtp);
            } catch (SrtpRejected impossible) {
                throw new IllegalStateException("SRTP does not understand its own packet", impossible);
            }
        }
    }

    /** What {@link #protectRtp} appends. */
    public int rtpOverhead() {
        return profile.tagBytes();
    }

    /**
     * Protects an RTP packet in place.
     *
     * @param packet the packet, with room for {@link #rtpOverhead()} bytes behind {@code length}
     * @return the new length
     */
    public int protectRtp(byte[] packet, int length) {
        if (packet.length < length + profile.tagBytes() || length < RTP_HEADER) {
            throw new IllegalArgumentException("packet of " + length + " bytes in a buffer of " + packet.length);
        }
        int ssrc = i32(packet, 8);
        try {
            SrtpCryptoContext context = rtpOut.get(ssrc);
            if (context == null) {
                context = sending.deriveContext(ssrc, 0);
                remember(rtpOut, ssrc, context);
            }
            check(context.transformPacket(buffer.over(packet, length)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot protect RTP", e);
        }
        return buffer.getLength();
    }

    /** The protected form of an RTCP compound. */
    public byte[] protectRtcp(byte[] compound) {
        int ssrc = i32(compound, 4);
        try {
            SrtcpCryptoContext context = rtcpOut.get(ssrc);
            if (context == null) {
                context = sending.deriveControlContext(ssrc);
                remember(rtcpOut, ssrc, context);
            }
            byte[] room = Arrays.copyOf(compound, compound.length + RTCP_OVERHEAD);
            check(context.transformPacket(buffer.over(room, compound.length)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot protect RTCP", e);
        }
        return Arrays.copyOf(buffer.getBuffer(), buffer.getLength());
    }

    /**
     * Unprotects an SRTP packet in place.
     *
     * @return the length of the plain packet
     */
    public int unprotectRtp(byte[] packet) throws SrtpRejected {
        if (packet.length < RTP_HEADER + profile.tagBytes()) {
            throw new SrtpRejected(Reason.MALFORMED);
        }
        int ssrc = i32(packet, 8);
        int sequence = (packet[2] & 0xFF) << 8 | packet[3] & 0xFF;
        RemoteSource known = rtpIn.get(ssrc);
        if (known == null && rtpIn.size() >= MAX_SOURCES) {
            throw new SrtpRejected(Reason.TOO_MANY_SOURCES);
        }
        try {
            RemoteSource source =
                    known == null ? new RemoteSource(receiving.deriveContext(ssrc, 0), new ReplayWindow()) : known;
            accept(source.context().reverseTransformPacket(buffer.over(packet, packet.length), false));
            if (known == null) {
                rtpIn.put(ssrc, source);
            }
            if (!source.replay().admit(sequence)) {
                throw new SrtpRejected(Reason.REPLAYED);
            }
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new SrtpRejected(Reason.AUTHENTICATION);
        }
        return buffer.getLength();
    }

    /**
     * Unprotects an SRTCP packet in place.
     *
     * @return the length of the plain compound
     */
    public int unprotectRtcp(byte[] packet) throws SrtpRejected {
        if (packet.length < RTCP_HEADER + 4 + profile.tagBytes()) {
            throw new SrtpRejected(Reason.MALFORMED);
        }
        int ssrc = i32(packet, 4);
        SrtcpCryptoContext known = rtcpIn.get(ssrc);
        if (known == null && rtcpIn.size() >= MAX_SOURCES) {
            throw new SrtpRejected(Reason.TOO_MANY_SOURCES);
        }
        try {
            SrtcpCryptoContext context = known == null ? receiving.deriveControlContext(ssrc) : known;
            accept(context.reverseTransformPacket(buffer.over(packet, packet.length)));
            if (known == null) {
                rtcpIn.put(ssrc, context);
            }
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new SrtpRejected(Reason.AUTHENTICATION);
        }
        return buffer.getLength();
    }

    /** Contexts held, of all kinds. */
    public int sources() {
        return rtpIn.size() + rtcpIn.size() + rtpOut.size() + rtcpOut.size();
    }

    private static <T> void remember(Map<Integer, T> contexts, int ssrc, T context) {
        if (contexts.size() >= MAX_SOURCES) {
            throw new IllegalStateException("more than " + MAX_SOURCES + " local sources");
        }
        contexts.put(ssrc, context);
    }

    private static void check(SrtpErrorStatus status) {
        if (status != SrtpErrorStatus.OK) {
            throw new IllegalStateException("cannot protect: " + status);
        }
    }

    private static void accept(SrtpErrorStatus status) throws SrtpRejected {
        switch (status) {
            case OK -> {}
            case REPLAY_FAIL, REPLAY_OLD -> throw new SrtpRejected(Reason.REPLAYED);
            case INVALID_PACKET -> throw new SrtpRejected(Reason.MALFORMED);
            default -> throw new SrtpRejected(Reason.AUTHENTICATION);
        }
    }

    private static int i32(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 24
                | (bytes[at + 1] & 0xFF) << 16
                | (bytes[at + 2] & 0xFF) << 8
                | bytes[at + 3] & 0xFF;
    }
}
