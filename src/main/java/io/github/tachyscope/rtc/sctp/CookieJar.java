package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes and checks state cookies (RFC 9260 section 5.1.3): until one comes back, an INIT costs us no memory.
 *
 * <pre>
 *   made at (64) | our tag (32) | tag (32) | window (32) | inbound streams (16) | features (16) | initial TSN (32) | HMAC-SHA256
 * </pre>
 */
final class CookieJar {
    /** How long a cookie is good; an older one is refused and the peer starts again. */
    static final long LIFETIME_MICROS = 60_000_000;

    private static final int CONTENT_BYTES = 28;
    private static final int MAC_BYTES = 32;
    private static final String ALGORITHM = "HmacSHA256";

    /** A cookie that is ours. */
    record Cookie(long madeAtMicros, int localTag, PeerInit peer) {
        long staleMicros(long nowMicros) {
            return nowMicros - madeAtMicros - LIFETIME_MICROS;
        }
    }

    private final SecretKeySpec key;

    CookieJar(byte[] secret) {
        key = new SecretKeySpec(secret, ALGORITHM);
    }

    byte[] bake(Cookie cookie) {
        PeerInit peer = cookie.peer();
        byte[] content = new ByteWriter(CONTENT_BYTES + MAC_BYTES)
                .i64(cookie.madeAtMicros())
                .u32(cookie.localTag())
                .u32(peer.tag())
                .u32(peer.receiveWindow())
                .u16(peer.inboundStreams())
                .u16((peer.forwardTsn() ? 1 : 0) | (peer.reconfig() ? 2 : 0))
                .u32(peer.initialTsn())
                .toBytes();
        return new ByteWriter(CONTENT_BYTES + MAC_BYTES)
                .bytes(content)
                .bytes(mac(content))
                .toBytes();
    }

    /** The content of a cookie that we made, or nothing. */
    Optional<Cookie> open(byte[] bytes) {
        if (bytes.length != CONTENT_BYTES + MAC_BYTES) {
            return Optional.empty();
        }
        byte[] content = Arrays.copyOf(bytes, CONTENT_BYTES);
        byte[] mac = Arrays.copyOfRange(bytes, CONTENT_BYTES, bytes.length);
        if (!MessageDigest.isEqual(mac, mac(content))) {
            return Optional.empty();
        }
        ByteReader in = new ByteReader(content);
        long madeAtMicros = in.i64();
        int localTag = in.i32();
        int tag = in.i32();
        long window = in.u32();
        int inboundStreams = in.u16();
        int features = in.u16();
        PeerInit peer = new PeerInit(tag, window, inboundStreams, in.i32(), (features & 1) != 0, (features & 2) != 0);
        return Optional.of(new Cookie(madeAtMicros, localTag, peer));
    }

    private byte[] mac(byte[] content) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(content);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, impossible);
        }
    }
}
