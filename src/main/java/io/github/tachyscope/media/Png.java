package io.github.tachyscope.media;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/**
 * PNG files (<a href="https://www.w3.org/TR/png-3/">W3C</a>), reduced to what a picture needs.
 *
 * <pre>
 *   signature | length type data check | length type data check | ... IEND
 * </pre>
 */
final class Png {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    /** Length, type and check sum. */
    private static final int FRAME_BYTES = 12;

    private static final Set<String> NEEDED = Set.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND");

    private Png() {}

    static boolean is(byte[] file) {
        return file.length >= SIGNATURE.length
                && Arrays.equals(file, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
    }

    /**
     * The file without texts and profiles: they may be compressed a thousandfold, and the decoder unpacks them all.
     */
    static byte[] reduced(byte[] file) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream(file.length);
        kept.write(file, 0, SIGNATURE.length);
        ByteBuffer chunks = ByteBuffer.wrap(file);
        int at = SIGNATURE.length;
        while (at + FRAME_BYTES <= file.length) {
            long end = at + FRAME_BYTES + (chunks.getInt(at) & 0xffffffffL);
            // The last one may be cut off: what is there of the picture is shown.
            int bytes = (int) Math.min(end, file.length) - at;
            if (NEEDED.contains(new String(file, at + 4, 4, StandardCharsets.ISO_8859_1))) {
                kept.write(file, at, bytes);
            }
            at += bytes;
        }
        return kept.toByteArray();
    }
}
