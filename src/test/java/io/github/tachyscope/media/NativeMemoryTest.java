package io.github.tachyscope.media;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Opening and closing codecs leaves no native memory behind. */
class NativeMemoryTest {
    private static final MediaSettings SETTINGS = new MediaSettings(List.of("libopenh264"), 1, 2048, 2048);
    /** One encoder for this size alone holds more than 2 MiB: a leak of 200 would show as hundreds. */
    private static final long TOLERANCE_BYTES = 48L << 20;

    private static final int SIZE = 512;

    @ParameterizedTest
    @EnumSource
    void staysFlatOverManyStreams(VideoCodec codec) {
        VideoFrame picture = Pictures.i420(SIZE, SIZE, 0, 0);
        FramePool pool = new FramePool(1);
        for (int i = 0; i < 30; i++) {
            openUseAndClose(codec, picture, pool);
        }
        long before = Pointer.physicalBytes();
        for (int i = 0; i < 200; i++) {
            openUseAndClose(codec, picture, pool);
        }
        long grown = Pointer.physicalBytes() - before;
        assertTrue(grown < TOLERANCE_BYTES, codec + " grew by " + grown + " bytes");
    }

    private static void openUseAndClose(VideoCodec codec, VideoFrame picture, FramePool pool) {
        VideoEncoder.Settings settings = new VideoEncoder.Settings(codec, SIZE, SIZE, 30, 1_000_000);
        try (VideoEncoder encoder = VideoEncoder.open(settings, SETTINGS);
                VideoDecoder decoder = VideoDecoder.open(codec, pool, SETTINGS)) {
            decoder.decode(encoder.encode(picture, true)).orElseThrow().release();
        }
    }
}
