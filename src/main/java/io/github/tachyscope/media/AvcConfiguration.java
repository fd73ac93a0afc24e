package io.github.tachyscope.media;

import java.util.Arrays;

/**
 * Finds the decoder configuration of H.264 in an initialisation segment (ISO/IEC 14496-15).
 *
 * <pre>
 *   size | 'avcC' | 1 | profile | constraints | level | ...
 * </pre>
 */
final class AvcConfiguration {
    private static final byte[] TYPE = {'a', 'v', 'c', 'C', 1};

    private AvcConfiguration() {}

    /** Profile, constraints and level as RFC 6381 writes them, such as {@code avc1.42C01F}. */
    static String codecs(byte[] init) {
        for (int at = 0; at + TYPE.length + 3 <= init.length; at++) {
            if (Arrays.equals(init, at, at + TYPE.length, TYPE, 0, TYPE.length)) {
                int profile = at + TYPE.length;
                return String.format(
                        "avc1.%02X%02X%02X", init[profile] & 0xff, init[profile + 1] & 0xff, init[profile + 2] & 0xff);
            }
        }
        throw new CodecFailure("the encoder gave no description of its stream");
    }
}
