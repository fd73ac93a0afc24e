package io.github.tachyscope.media;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.SortedMap;
import java.util.zip.CRC32;

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

    /** Where the chunks begin that follow the size of the picture. */
    private static final int AFTER_HEADER = 8 + FRAME_BYTES + 13;

    private static final int MAX_KEYWORD = 79;

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

    /** The file with texts behind its header: {@code tEXt}, or {@code iTXt} for what is not Latin-1. */
    static byte[] withTexts(byte[] file, SortedMap<String, String> texts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(file.length);
        all.write(file, 0, AFTER_HEADER);
        texts.forEach((keyword, text) -> {
            if (isKeyword(keyword)) {
                all.writeBytes(isLatin(text) ? latin(keyword, text) : international(keyword, text));
            }
        });
        all.write(file, AFTER_HEADER, file.length - AFTER_HEADER);
        return all.toByteArray();
    }

    private static boolean isKeyword(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_KEYWORD
                && isLatin(text)
                && text.equals(text.strip())
                && text.chars().noneMatch(c -> c < ' ' || c > '~' && c <= 0xa0);
    }

    private static boolean isLatin(String text) {
        return text.chars().allMatch(c -> c > 0 && c <= 0xff);
    }

    private static byte[] latin(String keyword, String text) {
        return chunk("tEXt", (keyword + "\0" + text).getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] international(String keyword, String text) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        // Not compressed, of no language, without a translated keyword.
        data.writeBytes((keyword + "\0\0\0\0\0").getBytes(StandardCharsets.ISO_8859_1));
        data.writeBytes(text.replace("\0", "").getBytes(StandardCharsets.UTF_8));
        return chunk("iTXt", data.toByteArray());
    }

    private static byte[] chunk(String type, byte[] data) {
        ByteBuffer chunk = ByteBuffer.allocate(FRAME_BYTES + data.length);
        chunk.putInt(data.length)
                .put(type.getBytes(StandardCharsets.ISO_8859_1))
                .put(data);
        CRC32 check = new CRC32();
        check.update(chunk.array(), 4, 4 + data.length);
        return chunk.putInt((int) check.getValue()).array();
    }
}
