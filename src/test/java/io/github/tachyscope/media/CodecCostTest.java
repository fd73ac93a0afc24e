package io.github.tachyscope.media;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PictureScaler;
import io.github.tachyscope.frame.PixelConversion;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a frame costs in heap, which is asserted, and in time, which is printed. */
class CodecCostTest {
    private static final MediaSettings SETTINGS = new MediaSettings(List.of("libx264", "libopenh264"), 1, 2048, 2048);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    /** The budget of one stream. */
    private static final long BYTES_PER_SECOND = 4_000_000;

    private static final int FPS = 30;

    @ParameterizedTest
    @EnumSource
    void aStreamStaysWithinItsAllocationBudget(VideoCodec codec) {
        try (Stream stream = new Stream(codec, 512, 512, 2_000_000)) {
            run(60, stream::step);
            long bytes = run(120, stream::step).bytesPerFrame();
            assertTrue(bytes * FPS < BYTES_PER_SECOND, codec + " allocates " + bytes + " bytes per frame");
            assertTrue(bytes < 32_000 + stream.encodedBytes / stream.frames, bytes + " bytes per frame");
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("sizes")
    void printsWhatAFrameCosts(int width, int height) {
        String size = width + "x" + height;
        for (VideoCodec codec : VideoCodec.values()) {
            try (Stream stream = new Stream(codec, width, height, width > 1000 ? 4_000_000 : 2_000_000)) {
                run(150, stream::step);
                print(size + " " + stream.encoder.name() + " encode", run(200, stream::encode));
                run(1, stream::key);
                print(size + " " + codec + " decode+encode", run(200, stream::step));
            }
        }
        VideoFrame i420 = Pictures.i420(width, height, 1, 0);
        FramePool pool = new FramePool(2);
        FramePool target = new FramePool(2);
        VideoFrame rgb = PixelConversion.toRgb24(i420, pool);
        IntConsumer toRgb = i -> PixelConversion.toRgb24(i420, pool).release();
        IntConsumer toI420 = i -> PixelConversion.toI420(rgb, target).release();
        IntConsumer scale = i -> PictureScaler.scale(rgb, 512, 320, target).release();
        IntConsumer jpeg = i -> JpegEncoder.encode(i420, 80);
        run(100, toRgb);
        print(size + " I420 to RGB", run(200, toRgb));
        run(100, toI420);
        print(size + " RGB to I420", run(200, toI420));
        run(100, scale);
        print(size + " scale RGB to 512x320", run(200, scale));
        run(100, jpeg);
        print(size + " JPEG", run(100, jpeg));
    }

    static List<Arguments> sizes() {
        return List.of(Arguments.of(512, 512), Arguments.of(1280, 720));
    }

    private record Cost(double milliseconds, long bytesPerFrame) {}

    private static Cost run(int frames, IntConsumer frame) {
        long thread = Thread.currentThread().getId();
        long bytes = THREADS.getThreadAllocatedBytes(thread);
        // Processor time: other work on the machine must not count.
        long start = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < frames; i++) {
            frame.accept(i);
        }
        double millis = (THREADS.getCurrentThreadCpuTime() - start) / 1e6 / frames;
        return new Cost(millis, (THREADS.getThreadAllocatedBytes(thread) - bytes) / frames);
    }

    private static void print(String what, Cost cost) {
        System.out.printf("%-36s %7.2f ms %9d bytes%n", what, cost.milliseconds, cost.bytesPerFrame);
    }

    /** A prepared moving picture, encoded and decoded again and again. */
    private static final class Stream implements AutoCloseable {
        private final VideoFrame[] pictures = new VideoFrame[16];
        private final FramePool pool = new FramePool(4);
        private final VideoEncoder encoder;
        private final VideoDecoder decoder;
        private int frames;
        private long encodedBytes;

        Stream(VideoCodec codec, int width, int height, int bitrate) {
            for (int i = 0; i < pictures.length; i++) {
                pictures[i] = Pictures.i420(width, height, i, 0);
                // Grain, so that there is something to encode.
                Random random = new Random(i);
                for (int k = 0; k < width * height; k++) {
                    pictures[i].data()[k] += random.nextInt(7) - 3;
                }
            }
            encoder = VideoEncoder.open(new VideoEncoder.Settings(codec, width, height, FPS, bitrate), SETTINGS);
            decoder = VideoDecoder.open(codec, pool, SETTINGS);
        }

        void step(int i) {
            decoder.decode(compress(false)).orElseThrow().release();
        }

        void encode(int i) {
            compress(false);
        }

        void key(int i) {
            decoder.decode(compress(true)).orElseThrow().release();
        }

        private EncodedFrame compress(boolean key) {
            VideoFrame picture = pictures[frames % pictures.length];
            VideoFrame dated = VideoFrame.of(
                    PixelFormat.I420, picture.width(), picture.height(), picture.data(), frames * 33_333L);
            frames++;
            EncodedFrame encoded = encoder.encode(dated, key);
            encodedBytes += encoded.data().length;
            return encoded;
        }

        @Override
        public void close() {
            encoder.close();
            decoder.close();
        }
    }
}
