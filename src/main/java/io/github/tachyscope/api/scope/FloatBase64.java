package io.github.tachyscope.api.scope;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.javadsl.FileIO;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * Bytes of pictures as the base64 text of float32 in [0, 1], little-endian, made piece by piece: a byte becomes four,
 * three of them a piece of base64 that needs no padding, so pieces join without a seam.
 */
final class FloatBase64 {
    private static final int FLOAT_BYTES = 4;
    private static final int GROUP = 3;

    /** What is read at a time; five times as much text comes of it. */
    private static final int BLOCK = 48 << 10;

    private static final byte[] FLOATS = floats();

    private byte[] rest = new byte[0];

    private static byte[] floats() {
        ByteBuffer floats = ByteBuffer.allocate(256 * FLOAT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int value = 0; value < 256; value++) {
            floats.putFloat(value / 255f);
        }
        return floats.array();
    }

    /** The text of a file. */
    static Source<ByteString, ?> of(Path file) {
        return FileIO.fromPath(file, BLOCK)
                .statefulMap(
                        FloatBase64::new,
                        (text, bytes) -> Pair.create(text, ByteString.fromArrayUnsafe(text.add(bytes.toArrayUnsafe()))),
                        text -> Optional.of(ByteString.fromArrayUnsafe(text.end())));
    }

    /** The text of these bytes and those that were left over before, but for what is left over now. */
    byte[] add(byte[] bytes) {
        byte[] all = Arrays.copyOf(rest, rest.length + bytes.length);
        System.arraycopy(bytes, 0, all, rest.length, bytes.length);
        int whole = all.length - all.length % GROUP;
        rest = Arrays.copyOfRange(all, whole, all.length);
        return text(all, whole);
    }

    /** The text of what is left over. */
    byte[] end() {
        return text(rest, rest.length);
    }

    private static byte[] text(byte[] bytes, int count) {
        byte[] floats = new byte[count * FLOAT_BYTES];
        for (int i = 0; i < count; i++) {
            System.arraycopy(FLOATS, (bytes[i] & 0xFF) * FLOAT_BYTES, floats, i * FLOAT_BYTES, FLOAT_BYTES);
        }
        return Base64.getEncoder().encode(floats);
    }
}
