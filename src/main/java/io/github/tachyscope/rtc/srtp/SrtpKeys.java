package io.github.tachyscope.rtc.srtp;

/**
 * Master keys and salts of both directions, as the DTLS exporter gives them (RFC 5764 section 4.2).
 *
 * @param localKey protects what we send
 * @param remoteKey protects what we receive
 */
public record SrtpKeys(SrtpProfile profile, byte[] localKey, byte[] localSalt, byte[] remoteKey, byte[] remoteSalt) {
    public SrtpKeys {
        length("local key", localKey, SrtpProfile.KEY_BYTES);
        length("remote key", remoteKey, SrtpProfile.KEY_BYTES);
        length("local salt", localSalt, profile.saltBytes());
        length("remote salt", remoteSalt, profile.saltBytes());
    }

    /** Without the secrets, so that they cannot end in a log. */
    @Override
    public String toString() {
        return "SrtpKeys[" + profile + "]";
    }

    private static void length(String what, byte[] bytes, int expected) {
        if (bytes.length != expected) {
            throw new IllegalArgumentException(what + " of " + bytes.length + " bytes instead of " + expected);
        }
    }
}
