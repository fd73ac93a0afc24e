package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.tachyscope.app.BenchOptions.Size;
import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.VideoDecoder;
import io.github.tachyscope.media.VideoEncoder;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class FrameNumberTest {
    private static final MediaSettings SETTINGS = new MediaSettings(List.of("libopenh264"), 1, 2048, 2048);

    @Test
    void everyNumberComesBack() {
        byte[] data = new byte[PixelFormat.I420.bytes(160, 128)];
        VideoFrame picture = VideoFrame.of(PixelFormat.I420, 160, 128, data, 0);
        for (int number = 0; number < FrameNumber.VALUES; number += 7) {
            FrameNumber.write(data, 160, 128, number);
            assertEquals(OptionalInt.of(number), FrameNumber.read(picture));
        }
    }

    @Test
    void aNumberSurvivesACodecThatIsShortOfBits() {
        VideoEncoder.Settings poor = new VideoEncoder.Settings(VideoCodec.VP8, 320, 240, 30, 80_000);
        BenchCamera camera = new BenchCamera(new Size(320, 240));
        try (VideoEncoder encoder = VideoEncoder.open(poor, SETTINGS);
                VideoDecoder decoder = VideoDecoder.open(VideoCodec.VP8, new FramePool(2), SETTINGS)) {
            for (int number = 0; number < 60; number++) {
                VideoFrame sent = camera.picture(number * 1021, number * 33_333L);
                VideoFrame shown =
                        decoder.decode(encoder.encode(sent, number == 0)).orElseThrow();
                assertEquals(OptionalInt.of(number * 1021), FrameNumber.read(shown));
                shown.release();
            }
        }
    }

    @Test
    void aPictureWithoutANumberHasNone() {
        byte[] data = new byte[PixelFormat.I420.bytes(160, 128)];
        assertEquals(OptionalInt.empty(), FrameNumber.read(VideoFrame.of(PixelFormat.I420, 160, 128, data, 0)));
    }
}
