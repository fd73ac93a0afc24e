package io.github.tachyscope.rtc.srtp;

import org.jitsi.srtp.SrtpPolicy;

/** The protection profiles that we offer in DTLS, by their IANA numbers (RFC 5764 section 4.1.2, RFC 7714). */
public enum SrtpProfile {
    AEAD_AES_128_GCM(7, 12, 16),
    AES128_CM_HMAC_SHA1_80(1, 14, 10);

    /** Length of the master key of every profile. */
    public static final int KEY_BYTES = 16;

    private static final int HMAC_KEY_BYTES = 20;

    private final int number;
    private final int saltBytes;
    private final int tagBytes;

    SrtpProfile(int number, int saltBytes, int tagBytes) {
        this.number = number;
        this.saltBytes = saltBytes;
        this.tagBytes = tagBytes;
    }

    /** Number in the {@code use_srtp} extension. */
    public int number() {
        return number;
    }

    public int saltBytes() {
        return saltBytes;
    }

    /** What protection adds to an RTP packet. */
    public int tagBytes() {
        return tagBytes;
    }

    /** Replay protection of RTP is ours, because the library's window of 64 packets is shorter than a NACK round. */
    SrtpPolicy rtpPolicy() {
        SrtpPolicy policy = policy();
        policy.setReceiveReplayEnabled(false);
        return policy;
    }

    SrtpPolicy rtcpPolicy() {
        return policy();
    }

    private SrtpPolicy policy() {
        SrtpPolicy policy = this == AEAD_AES_128_GCM
                ? new SrtpPolicy(
                        SrtpPolicy.AESGCM_ENCRYPTION, KEY_BYTES, SrtpPolicy.NULL_AUTHENTICATION, 0, tagBytes, saltBytes)
                : new SrtpPolicy(
                        SrtpPolicy.AESCM_ENCRYPTION,
                        KEY_BYTES,
                        SrtpPolicy.HMACSHA1_AUTHENTICATION,
                        HMAC_KEY_BYTES,
                        tagBytes,
                        saltBytes);
        // Our sequence numbers only ever grow: looking at them again would cost and find nothing.
        policy.setSendReplayEnabled(false);
        return policy;
    }
}
