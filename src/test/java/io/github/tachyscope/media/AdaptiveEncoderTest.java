package io.github.tachyscope.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AdaptiveEncoderTest {
    private static final MediaSettings SETTINGS = new MediaSettings(List.of("libopenh264"), 1, 2048, 2048);
    private static final long FRAME_MICROS = 33_333;

    private AdaptiveEncoder encoder = new AdaptiveEncoder(VideoCodec.VP8, SETTINGS, 1_000_000, 30);
    private long now = 77_000_000;
    private int index;

    @AfterEach
    void free() {
        encoder.close();
    }

    @Test
    void makesAKeyFrameForManyRequestsOnce() {
        assertTrue(next().keyFrame());
        assertFalse(next().keyFrame());
        encoder.requestKeyFrame();
        encoder.requestKeyFrame();
        assertTrue(next().keyFrame());
        assertFalse(next().keyFrame());
    }

    @Test
    void ignoresSmallChangesOfTheRate() {
        next();
        encoder.targetBitrate(1_140_000);
        advance(10_000_000);
        assertFalse(next().keyFrame());
        encoder.targetBitrate(860_000);
        assertFalse(next().keyFrame());
        assertEquals(1_000_000, encoder.bitrate());
    }

    @Test
    void waitsTwoSecondsBeforeItUsesMoreOfTheNetwork() {
        next();
        encoder.targetBitrate(2_000_000);
        advance(1_900_000);
        assertFalse(next().keyFrame());
        assertEquals(1_000_000, encoder.bitrate());
        advance(100_000);
        assertTrue(next().keyFrame());
        assertEquals(2_000_000, encoder.bitrate());
        encoder.targetBitrate(3_000_000);
        assertFalse(next().keyFrame());
    }

    @Test
    void followsAShortageWithinHalfASecond() {
        next();
        encoder.targetBitrate(300_000);
        advance(400_000);
        assertFalse(next().keyFrame());
        advance(100_000);
        assertTrue(next().keyFrame());
        assertEquals(300_000, encoder.bitrate());
    }

    @Test
    void bringsAbsurdTargetsIntoBounds() {
        next();
        encoder.targetBitrate(-5);
        advance(3_000_000);
        next();
        assertEquals(50_000, encoder.bitrate());
        encoder.targetBitrate(Integer.MAX_VALUE);
        advance(3_000_000);
        next();
        assertEquals(2_064_384, encoder.bitrate(), "0.35 bits for each of 30 times 512x384 pixels");
    }

    @ParameterizedTest
    @EnumSource
    void followsChangesOfSizeAndPadsOddOnes(VideoCodec codec) {
        int[][] sizes = {{160, 120}, {161, 121}, {33, 17}, {64, 63}, {160, 120}};
        FramePool pool = new FramePool(2);
        try (AdaptiveEncoder adaptive = new AdaptiveEncoder(codec, SETTINGS, 1_000_000, 30);
                VideoDecoder decoder = VideoDecoder.open(codec, pool, SETTINGS)) {
            for (int[] size : sizes) {
                for (int i = 0; i < 3; i++) {
                    VideoFrame picture = Pictures.i420(size[0], size[1], i, i * FRAME_MICROS);
                    EncodedFrame encoded = adaptive.encode(picture, now);
                    assertEquals(i == 0, encoded.keyFrame());
                    VideoFrame decoded = decoder.decode(encoded).orElseThrow();
                    assertEquals(size[0] + size[0] % 2, decoded.width());
                    assertEquals(size[1] + size[1] % 2, decoded.height());
                    double psnr = Pictures.psnr(picture, cropped(decoded, size[0], size[1]));
                    assertTrue(psnr > 26, size[0] + "x" + size[1] + " has " + psnr + " dB");
                    assertPadding(decoded, size[0], size[1]);
                    decoded.release();
                }
            }
        }
    }

    @Test
    void saysWhyNoEncoderOpensAndTriesAgain() {
        try (AdaptiveEncoder tiny = new AdaptiveEncoder(VideoCodec.H264, SETTINGS, 1_000_000, 30)) {
            assertThrows(CodecFailure.class, () -> tiny.encode(Pictures.i420(8, 8, 0, 0), now));
            assertTrue(tiny.encode(Pictures.i420(64, 64, 0, 0), now).keyFrame());
        }
        encoder.close();
        assertThrows(IllegalStateException.class, this::next);
    }

    private EncodedFrame next() {
        VideoFrame picture = Pictures.i420(512, 384, index, index * FRAME_MICROS);
        index++;
        return encoder.encode(picture, now);
    }

    private void advance(long micros) {
        now += micros;
    }

    private static VideoFrame cropped(VideoFrame frame, int width, int height) {
        byte[] data = new byte[PixelFormat.I420.bytes(width, height)];
        for (int y = 0; y < height; y++) {
            System.arraycopy(frame.data(), y * frame.width(), data, y * width, width);
        }
        int chroma = frame.width() * frame.height();
        System.arraycopy(frame.data(), chroma, data, width * height, data.length - width * height);
        return VideoFrame.of(PixelFormat.I420, width, height, data, 0);
    }

    /** The repeated column and row look like their neighbours, not like what was in the buffer before. */
    private static void assertPadding(VideoFrame decoded, int width, int height) {
        byte[] data = decoded.data();
        int stride = decoded.width();
        for (int y = 0; width % 2 != 0 && y < height; y++) {
            assertEquals(data[y * stride + width - 1] & 0xff, data[y * stride + width] & 0xff, 24, "row " + y);
        }
        for (int x = 0; height % 2 != 0 && x < width; x++) {
            assertEquals(data[(height - 1) * stride + x] & 0xff, data[height * stride + x] & 0xff, 24, "column " + x);
        }
    }
}
