package io.github.tachyscope.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VideoCodecRoundTripTest {
    private static final MediaSettings SETTINGS =
            new MediaSettings(List.of("h264_nvenc", "no_such_encoder", "libopenh264"), 1, 2048, 2048);
    private static final long FRAME_MICROS = 33_333;

    private final FramePool pool = new FramePool(4);

    @ParameterizedTest
    @EnumSource
    void keepsThePictureAndItsTime(VideoCodec codec) {
        try (VideoEncoder encoder = encoder(codec, 320, 240, 1_500_000);
                VideoDecoder decoder = VideoDecoder.open(codec, pool, SETTINGS)) {
            for (int i = 0; i < 40; i++) {
                VideoFrame picture = Pictures.i420(320, 240, i, 1_000_000_000_000L + i * FRAME_MICROS);
                EncodedFrame encoded = encoder.encode(picture, false);
                VideoFrame decoded = decoder.decode(encoded).orElseThrow();
                assertEquals(i == 0, encoded.keyFrame(), "frame " + i);
                assertEquals(picture.ptsMicros(), encoded.ptsMicros());
                assertEquals(picture.ptsMicros(), decoded.ptsMicros());
                assertEquals(PixelFormat.I420, decoded.format());
                double psnr = Pictures.psnr(picture, decoded);
                assertTrue(psnr > 30, "frame " + i + " has " + psnr + " dB");
                decoded.release();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void convertsRgbPictures(VideoCodec codec) {
        byte[] red = new byte[PixelFormat.RGB24.bytes(64, 64)];
        for (int i = 0; i < red.length; i += 3) {
            red[i] = (byte) 255;
        }
        try (VideoEncoder encoder = encoder(codec, 64, 64, 500_000);
                VideoDecoder decoder = VideoDecoder.open(codec, pool, SETTINGS)) {
            VideoFrame decoded = decoder.decode(encoder.encode(VideoFrame.of(PixelFormat.RGB24, 64, 64, red, 0), false))
                    .orElseThrow();
            int chroma = 64 * 64 + 16 * 32 + 16;
            assertEquals(81, decoded.data()[32 * 64 + 32] & 0xff, 3, "Y of red");
            assertEquals(90, decoded.data()[chroma] & 0xff, 3, "U of red");
            assertEquals(240, decoded.data()[chroma + 32 * 32] & 0xff, 3, "V of red");
        }
    }

    @ParameterizedTest
    @EnumSource
    void makesAKeyFrameOnRequest(VideoCodec codec) {
        try (VideoEncoder encoder = encoder(codec, 160, 128, 500_000)) {
            for (int i = 0; i < 20; i++) {
                EncodedFrame encoded = encoder.encode(Pictures.i420(160, 128, i, i * FRAME_MICROS), i == 7 || i == 8);
                assertEquals(i == 0 || i == 7 || i == 8, encoded.keyFrame(), "frame " + i);
                if (codec == VideoCodec.H264 && encoded.keyFrame()) {
                    assertEquals(List.of(7, 8, 5), nalTypes(encoded.data()), "SPS, PPS and the picture");
                    assertEquals(0x42, encoded.data()[5] & 0xff, "baseline");
                    assertTrue((encoded.data()[6] & 0x40) != 0, "constrained");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void decodesFromAKeyFrameInTheMiddleOn(VideoCodec codec) {
        try (VideoEncoder encoder = encoder(codec, 160, 128, 500_000);
                VideoDecoder late = VideoDecoder.open(codec, pool, SETTINGS)) {
            for (int i = 0; i < 10; i++) {
                EncodedFrame encoded = encoder.encode(Pictures.i420(160, 128, i, i * FRAME_MICROS), i == 5);
                if (i > 0 && i < 5) {
                    assertThrows(CodecFailure.class, () -> late.decode(encoded));
                } else if (i >= 5) {
                    VideoFrame decoded = late.decode(encoded).orElseThrow();
                    assertTrue(Pictures.psnr(Pictures.i420(160, 128, i, 0), decoded) > 28, "frame " + i);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void decodesAChangeOfSize(VideoCodec codec) {
        int[][] sizes = {{320, 240}, {160, 120}, {640, 362}, {320, 240}};
        try (VideoDecoder decoder = VideoDecoder.open(codec, pool, SETTINGS)) {
            for (int[] size : sizes) {
                try (VideoEncoder encoder = encoder(codec, size[0], size[1], 1_500_000)) {
                    for (int i = 0; i < 5; i++) {
                        VideoFrame picture = Pictures.i420(size[0], size[1], i, i * FRAME_MICROS);
                        VideoFrame decoded =
                                decoder.decode(encoder.encode(picture, false)).orElseThrow();
                        assertEquals(size[0], decoded.width());
                        assertEquals(size[1], decoded.height());
                        assertTrue(Pictures.psnr(picture, decoded) > 28);
                        decoded.release();
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesPicturesBeyondTheLimit(VideoCodec codec) {
        MediaSettings small = new MediaSettings(SETTINGS.h264Encoders(), 1, 320, 240);
        try (VideoDecoder decoder = VideoDecoder.open(codec, pool, small);
                VideoEncoder fitting = encoder(codec, 320, 240, 500_000);
                VideoEncoder wide = encoder(codec, 352, 160, 500_000);
                VideoEncoder large = encoder(codec, 1280, 720, 500_000)) {
            EncodedFrame tooLarge = large.encode(Pictures.i420(1280, 720, 0, 0), false);
            EncodedFrame tooWide = wide.encode(Pictures.i420(352, 160, 0, 0), false);
            assertThrows(CodecFailure.class, () -> decoder.decode(tooLarge));
            assertThrows(CodecFailure.class, () -> decoder.decode(tooWide));
            assertTrue(decoder.decode(fitting.encode(Pictures.i420(320, 240, 0, 0), false))
                    .isPresent());
        }
    }

    @ParameterizedTest
    @EnumSource
    void asksForAKeyFrameAfterDamage(VideoCodec codec) {
        try (VideoEncoder encoder = encoder(codec, 160, 128, 500_000);
                VideoDecoder decoder = VideoDecoder.open(codec, pool, SETTINGS)) {
            decoder.decode(encoder.encode(Pictures.i420(160, 128, 0, 0), false));
            assertThrows(
                    CodecFailure.class, () -> decoder.decode(new EncodedFrame(codec, new byte[0], true, FRAME_MICROS)));
            EncodedFrame delta = encoder.encode(Pictures.i420(160, 128, 1, FRAME_MICROS), false);
            assertThrows(CodecFailure.class, () -> decoder.decode(delta));
            EncodedFrame key = encoder.encode(Pictures.i420(160, 128, 2, 2 * FRAME_MICROS), true);
            VideoFrame decoded = decoder.decode(key).orElseThrow();
            assertTrue(Pictures.psnr(Pictures.i420(160, 128, 2, 0), decoded) > 28);
        }
    }

    @Test
    void decodesOddSizes() {
        try (VideoEncoder encoder = encoder(VideoCodec.VP8, 162, 122, 1_500_000);
                VideoDecoder decoder = VideoDecoder.open(VideoCodec.VP8, pool, SETTINGS)) {
            VideoFrame picture = Pictures.i420(161, 121, 0, 0);
            byte[] data = encoder.encode(picture, false).data();
            // The size in the key frame header of RFC 6386, section 9.1; the number of blocks stays the same.
            data[6] = (byte) 161;
            data[8] = 121;
            VideoFrame decoded = decoder.decode(new EncodedFrame(VideoCodec.VP8, data, true, 0))
                    .orElseThrow();
            assertEquals(161, decoded.width());
            assertEquals(121, decoded.height());
            double psnr = Pictures.psnr(picture, decoded);
            assertTrue(psnr > 30, psnr + " dB");
        }
    }

    @Test
    void bringsFullRangeIntoLimitedRange() {
        byte[] picture = {0, (byte) 255, 100, 50, 0, (byte) 255};
        FullRange.compress(picture, 4, 6);
        assertEquals(16, picture[0]);
        assertEquals(235, picture[1] & 0xff);
        assertEquals(102, picture[2], "16 + 100 * 219 / 255");
        assertEquals(16, picture[4], 0.5);
        assertEquals(240, picture[5] & 0xff);
        byte[] grey = {0, 0, 0, 0, (byte) 128, (byte) 128};
        FullRange.compress(grey, 4, 6);
        assertEquals(128, grey[4] & 0xff);
    }

    @ParameterizedTest
    @EnumSource
    void mayMoveFromThreadToThread(VideoCodec codec) throws Exception {
        try (VideoEncoder encoder = encoder(codec, 160, 128, 500_000);
                VideoDecoder decoder = VideoDecoder.open(codec, pool, SETTINGS)) {
            for (int i = 0; i < 8; i++) {
                VideoFrame picture = Pictures.i420(160, 128, i, i * FRAME_MICROS);
                FutureTask<VideoFrame> turn = new FutureTask<>(
                        () -> decoder.decode(encoder.encode(picture, false)).orElseThrow());
                new Thread(turn).start();
                assertTrue(Pictures.psnr(picture, turn.get(10, TimeUnit.SECONDS)) > 28, "frame " + i);
            }
        }
    }

    @Test
    void reusesBuffersOnlyAfterTheirRelease() {
        try (VideoEncoder encoder = encoder(VideoCodec.VP8, 160, 128, 500_000);
                VideoDecoder decoder = VideoDecoder.open(VideoCodec.VP8, pool, SETTINGS)) {
            VideoFrame first = decoder.decode(encoder.encode(Pictures.i420(160, 128, 0, 0), false))
                    .orElseThrow();
            byte[] before = first.data().clone();
            VideoFrame second = decoder.decode(encoder.encode(Pictures.i420(160, 128, 9, FRAME_MICROS), false))
                    .orElseThrow();
            assertNotSame(first.data(), second.data());
            assertEquals(99, Pictures.psnr(VideoFrame.of(PixelFormat.I420, 160, 128, before, 0), first));
            byte[] buffer = first.data();
            first.release();
            VideoFrame third = decoder.decode(encoder.encode(Pictures.i420(160, 128, 3, 2 * FRAME_MICROS), false))
                    .orElseThrow();
            assertSame(buffer, third.data());
        }
    }

    @Test
    void toleratesTimesThatRepeatJumpAndRestart() {
        long[] times = {5_000_000, 5_000_000, 5_033_333, 900_000_000_000L, 0, 1, 33_333};
        try (VideoEncoder encoder = encoder(VideoCodec.VP8, 64, 64, 200_000)) {
            for (long time : times) {
                assertEquals(
                        time,
                        encoder.encode(Pictures.i420(64, 64, 0, time), false).ptsMicros());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void holdsTheBitrate(VideoCodec codec) {
        int bitrate = 600_000;
        int frames = 150;
        Random random = new Random(3);
        byte[] noise = new byte[PixelFormat.I420.bytes(320, 240)];
        long bytes = 0;
        try (VideoEncoder encoder = encoder(codec, 320, 240, bitrate)) {
            for (int i = 0; i < frames; i++) {
                for (int k = 0; k < 1200; k++) {
                    noise[random.nextInt(noise.length)] = (byte) (64 + random.nextInt(128));
                }
                VideoFrame picture = VideoFrame.of(PixelFormat.I420, 320, 240, noise, i * FRAME_MICROS);
                bytes += encoder.encode(picture, false).data().length;
            }
        }
        double measured = bytes * 8.0 / (frames / 30.0);
        assertTrue(measured > 0.5 * bitrate && measured < 1.4 * bitrate, codec + " made " + measured + " bit/s");
    }

    @Test
    void refusesFramesOfAnotherSizeOrCodecAndUseAfterClose() {
        VideoEncoder encoder = encoder(VideoCodec.VP8, 64, 64, 200_000);
        EncodedFrame encoded = encoder.encode(Pictures.i420(64, 64, 0, 0), false);
        assertThrows(IllegalArgumentException.class, () -> encoder.encode(Pictures.i420(66, 64, 0, 0), false));
        VideoDecoder decoder = VideoDecoder.open(VideoCodec.H264, pool, SETTINGS);
        assertThrows(CodecFailure.class, () -> decoder.decode(encoded));
        encoder.close();
        encoder.close();
        decoder.close();
        decoder.close();
        assertThrows(IllegalStateException.class, () -> encoder.encode(Pictures.i420(64, 64, 0, 0), false));
        assertThrows(IllegalStateException.class, () -> decoder.decode(encoded));
    }

    @Test
    void namesWhatItCannotOpen() {
        MediaSettings none = new MediaSettings(List.of("no_such_encoder"), 1, 2048, 2048);
        assertFalse(Codecs.canEncode(VideoCodec.H264, none));
        CodecFailure failure = assertThrows(CodecFailure.class, () -> Codecs.encoderName(VideoCodec.H264, none));
        assertTrue(failure.getMessage().contains("no_such_encoder is absent"), failure.getMessage());
        assertTrue(Codecs.canDecode(VideoCodec.VP8) && Codecs.canDecode(VideoCodec.H264));
        assertTrue(Codecs.canEncode(VideoCodec.VP8) && Codecs.canEncode(VideoCodec.H264));
        assertEquals("libvpx", Codecs.encoderName(VideoCodec.VP8));
        Codecs.warmUp(none);
        Codecs.warmUp(SETTINGS);
    }

    private static VideoEncoder encoder(VideoCodec codec, int width, int height, int bitrate) {
        return VideoEncoder.open(new VideoEncoder.Settings(codec, width, height, 30, bitrate), SETTINGS);
    }

    private static List<Integer> nalTypes(byte[] annexB) {
        List<Integer> types = new ArrayList<>();
        for (int i = 2; i + 1 < annexB.length; i++) {
            if (annexB[i] == 1 && annexB[i - 1] == 0 && annexB[i - 2] == 0) {
                types.add(annexB[i + 1] & 0x1f);
            }
        }
        return types;
    }
}
