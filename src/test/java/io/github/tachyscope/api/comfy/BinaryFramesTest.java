package io.github.tachyscope.api.comfy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BinaryFramesTest {
    @Test
    void picturesHaveAHeaderOfEightBytes() {
        assertArrayEquals(new byte[] {0, 0, 0, 1, 0, 0, 0, 1, 7, 8}, BinaryFrames.jpeg(new byte[] {7, 8}));
        assertArrayEquals(new byte[] {0, 0, 0, 1, 0, 0, 0, 2, 9}, BinaryFrames.png(new byte[] {9}));
    }

    @Test
    void metadataStandsInFrontOfItsPicture() {
        ByteBuffer frame = ByteBuffer.wrap(
                BinaryFrames.withMetadata(Messages.previewMetadata("p", "ü3", "image/jpeg"), new byte[] {1, 2}));
        assertEquals(4, frame.getInt());
        byte[] json = new byte[frame.getInt()];
        frame.get(json);
        assertEquals(
                "{\"node_id\":\"ü3\",\"prompt_id\":\"p\",\"display_node_id\":\"ü3\",\"parent_node_id\":null,"
                        + "\"real_node_id\":\"ü3\",\"image_type\":\"image/jpeg\"}",
                new String(json, StandardCharsets.UTF_8));
        assertEquals(2, frame.remaining());
    }
}
