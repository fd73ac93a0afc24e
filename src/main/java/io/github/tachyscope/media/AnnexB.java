package io.github.tachyscope.media;

import java.util.Arrays;
import java.util.Optional;

/**
 * Reads the parameter sets of an H.264 byte stream (ITU-T H.264, annex B).
 *
 * <pre>
 *   00 00 [00] 01 | type byte, payload | 00 00 [00] 01 | type byte, payload | ...
 * </pre>
 */
final class AnnexB {
    private static final int SPS = 7;
    private static final int PPS = 8;
    private static final byte[] START_CODE = {0, 0, 0, 1};
    /** Parameter sets of a live stream have some 30 bytes; protects the init segment. */
    private static final int MAX_PARAMETER_BYTES = 4096;

    /** Type, profile, constraints, level. */
    private static final int MIN_SPS_BYTES = 4;

    private AnnexB() {}

    /**
     * The sequence and picture parameter sets of an access unit, as a byte stream that begins with the first sequence
     * parameter set; empty if either is missing.
     */
    static Optional<byte[]> parameterSets(byte[] accessUnit) {
        byte[] found = new byte[0];
        boolean complete = false;
        int start = nalAt(accessUnit, 0);
        while (start < accessUnit.length) {
            int next = nalAt(accessUnit, start);
            int type = accessUnit[start] & 0x1f;
            int end = end(accessUnit, start, next);
            if (type == SPS && found.length == 0 && end - start >= MIN_SPS_BYTES || type == PPS && found.length > 0) {
                found = append(found, accessUnit, start, end);
                complete |= type == PPS;
            }
            if (found.length > MAX_PARAMETER_BYTES) {
                return Optional.empty();
            }
            start = next;
        }
        return complete ? Optional.of(found) : Optional.empty();
    }

    /** Profile, constraint flags and level of {@link #parameterSets}, as RFC 6381 writes them. */
    static String codecs(byte[] parameterSets) {
        int profile = START_CODE.length + 1;
        return String.format(
                "avc1.%02X%02X%02X",
                parameterSets[profile] & 0xff, parameterSets[profile + 1] & 0xff, parameterSets[profile + 2] & 0xff);
    }

    /** Index of the type byte behind the next start code, or the length. */
    private static int nalAt(byte[] data, int from) {
        for (int i = from; i + 3 < data.length; i++) {
            if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1) {
                return i + 3;
            }
        }
        return data.length;
    }

    private static int end(byte[] data, int start, int next) {
        int end = next < data.length ? next - 3 : next;
        // Zeros before a start code belong to it.
        while (end > start && data[end - 1] == 0) {
            end--;
        }
        return end;
    }

    private static byte[] append(byte[] to, byte[] from, int start, int end) {
        byte[] joined = Arrays.copyOf(to, to.length + START_CODE.length + end - start);
        System.arraycopy(START_CODE, 0, joined, to.length, START_CODE.length);
        System.arraycopy(from, start, joined, to.length + START_CODE.length, end - start);
        return joined;
    }
}
