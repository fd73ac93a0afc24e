package io.github.tachyscope.api.comfy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.JpegEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AnimatedPreviewTest {
    private static byte[] jpeg(int shade) {
        byte[] pixels = new byte[32 * 16 * 3];
        Arrays.fill(pixels, (byte) shade);
        return JpegEncoder.encode(VideoFrame.of(PixelFormat.RGB24, 32, 16, pixels, 0), 90);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Test
    void theFramesOfAPreviewMove() throws Exception {
        List<byte[]> jpegs =
                IntStream.of(0, 128, 255).mapToObj(AnimatedPreviewTest::jpeg).toList();
        String webp = text(AnimatedPreview.webp(jpegs));
        assertEquals("RIFF", webp.substring(0, 4));
        assertEquals("WEBP", webp.substring(8, 12));
        assertTrue(webp.contains("ANIM"));
        assertEquals(3, webp.split("ANMF", -1).length - 1);
    }

    @Test
    void onePictureAloneIsStill() throws Exception {
        String webp = text(AnimatedPreview.webp(List.of(jpeg(200))));
        assertEquals("WEBP", webp.substring(8, 12));
        assertFalse(webp.contains("ANMF") && webp.split("ANMF", -1).length > 2);
    }
}
