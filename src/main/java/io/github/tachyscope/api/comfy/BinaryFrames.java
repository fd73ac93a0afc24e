package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The binary messages of the WebSocket, big-endian.
 *
 * <pre>
 *   u32 1 | u32 format (1 JPEG, 2 PNG) | picture
 *   u32 4 | u32 n | n bytes of JSON    | picture
 * </pre>
 */
final class BinaryFrames {
    private static final int PICTURE = 1;
    private static final int PICTURE_WITH_METADATA = 4;
    private static final int JPEG = 1;
    private static final int PNG = 2;

    private BinaryFrames() {}

    static byte[] jpeg(byte[] picture) {
        return frame(PICTURE, JPEG, new byte[0], picture);
    }

    static byte[] png(byte[] picture) {
        return frame(PICTURE, PNG, new byte[0], picture);
    }

    static byte[] withMetadata(ObjectNode metadata, byte[] picture) {
        byte[] json = metadata.toString().getBytes(StandardCharsets.UTF_8);
        return frame(PICTURE_WITH_METADATA, json.length, json, picture);
    }

    private static byte[] frame(int type, int second, byte[] head, byte[] picture) {
        return ByteBuffer.allocate(2 * Integer.BYTES + head.length + picture.length)
                .putInt(type)
                .putInt(second)
                .put(head)
                .put(picture)
                .array();
    }
}
