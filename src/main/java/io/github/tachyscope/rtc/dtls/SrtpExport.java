package io.github.tachyscope.rtc.dtls;

import java.util.Arrays;

/**
 * Keys for SRTP as DTLS exports them (RFC 5764 section 4.2), from our point of view.
 *
 * @param profile number of the protection profile in {@code use_srtp}
 * @param localKey protects what we send
 * @param remoteKey protects what we receive
 */
public record SrtpExport(int profile, byte[] localKey, byte[] localSalt, byte[] remoteKey, byte[] remoteSalt) {
    /** SRTP_AES128_CM_HMAC_SHA1_80, RFC 5764. */
    public static final int AES128_CM_SHA1_80 = 1;

    /** SRTP_AEAD_AES_128_GCM, RFC 7714. */
    public static final int AEAD_AES_128_GCM = 7;

    static final String LABEL = "EXTRACTOR-dtls_srtp";
    private static final int KEY_BYTES = 16;

    static int saltBytes(int profile) {
        return profile == AEAD_AES_128_GCM ? 12 : 14;
    }

    static int exportedBytes(int profile) {
        return 2 * (KEY_BYTES + saltBytes(profile));
    }

    /** Cuts client key, server key, client salt, server salt out of what was exported. */
    static SrtpExport ofServer(int profile, byte[] exported) {
        int salt = saltBytes(profile);
        int salts = 2 * KEY_BYTES;
        return new SrtpExport(
                profile,
                Arrays.copyOfRange(exported, KEY_BYTES, salts),
                Arrays.copyOfRange(exported, salts + salt, salts + 2 * salt),
                Arrays.copyOfRange(exported, 0, KEY_BYTES),
                Arrays.copyOfRange(exported, salts, salts + salt));
    }

    /** The same, seen from the other end. */
    static SrtpExport ofClient(int profile, byte[] exported) {
        SrtpExport server = ofServer(profile, exported);
        return new SrtpExport(profile, server.remoteKey, server.remoteSalt, server.localKey, server.localSalt);
    }
}
