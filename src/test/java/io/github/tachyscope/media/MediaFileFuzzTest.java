package io.github.tachyscope.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.testkit.Mutations;
import io.github.tachyscope.testkit.NativeObjects;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged and hostile files end in a refusal or at their end, and leave no native memory behind. */
class MediaFileFuzzTest {
    private static final InputLimits LIMITS = new InputLimits(1 << 20, 320, 320, 64, Duration.ofSeconds(20));
    private static final int PICTURES = 8_000;
    private static final int VIDEOS = 600;
    private static final int STREAMS = 240;
    private static final long TOLERANCE_BYTES = 64L << 20;
    private static final int SIZE = 32;

    @TempDir
    Path folder;

    @Test
    void survivesMutatedPictures() {
        long seed = 0x7ac4e5c0f1L;
        Mutations mutations = new Mutations(seed);
        BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < SIZE * SIZE; i++) {
            image.setRGB(i % SIZE, i / SIZE, i * 2654435);
        }
        List<byte[]> samples = List.of(
                MediaSamples.file(image, "png"),
                MediaSamples.file(image, "jpg"),
                MediaSamples.file(image, "gif"),
                MediaSamples.webp(image));
        int shown = 0;
        long memory = 0;
        long objects = 0;
        for (int i = 0; i < PICTURES; i++) {
            if (i == PICTURES / 10) {
                memory = memory();
                objects = Pointer.totalCount();
            }
            try {
                PictureReader.read(mutations.damaged(samples), LIMITS);
                shown++;
            } catch (MediaRefused expected) {
                // The promise.
            } catch (RuntimeException unexpected) {
                fail("seed " + seed + ", input " + i, unexpected);
            }
        }
        assertTrue(shown > PICTURES / 20 && shown < PICTURES * 19 / 20, shown + " shown");
        assertFlat(memory, objects);
    }

    @Test
    void survivesMutatedVideos() throws IOException {
        long seed = 0x7ac4e5c0f2L;
        Mutations mutations = new Mutations(seed);
        List<byte[]> samples = samples();
        Path file = folder.resolve("mutated");
        int shown = 0;
        long memory = 0;
        long objects = 0;
        for (int i = 0; i < VIDEOS; i++) {
            if (i == VIDEOS / 4) {
                memory = memory();
                objects = Pointer.totalCount();
            }
            Files.write(file, mutations.damaged(samples));
            try {
                shown += play(file) > 0 ? 1 : 0;
            } catch (MediaRefused expected) {
                // The promise.
            } catch (RuntimeException unexpected) {
                fail("seed " + seed + ", input " + i, unexpected);
            }
        }
        assertTrue(shown > VIDEOS / 20 && shown < VIDEOS * 19 / 20, shown + " shown");
        assertFlat(memory, objects);
    }

    @Test
    void survivesMutatedStreamsThatAreToBeFinished() throws IOException {
        long seed = 0x7ac4e5c0f3L;
        Mutations mutations = new Mutations(seed);
        List<byte[]> samples = List.of(ChunkMp4Test.joined(ChunkMp4Test.chunks(SIZE, SIZE, 25, 3, 3)));
        Path target = folder.resolve("target");
        long memory = 0;
        long objects = 0;
        for (int i = 0; i < STREAMS; i++) {
            if (i == STREAMS / 4) {
                memory = memory();
                objects = Pointer.totalCount();
            }
            try {
                ProgressiveMp4.write(List.of(mutations.damaged(samples)), target);
            } catch (CodecFailure expected) {
                // The promise.
            } catch (RuntimeException unexpected) {
                fail("seed " + seed + ", input " + i, unexpected);
            }
        }
        assertFlat(memory, objects);
    }

    @Test
    void refusesAnIndexOfMoreFramesThanFile() throws IOException {
        Path stream =
                Files.write(folder.resolve("stream"), ChunkMp4Test.joined(ChunkMp4Test.chunks(SIZE, SIZE, 25, 5)));
        Path target = folder.resolve("final");
        ProgressiveMp4.write(stream, target);
        byte[] file = Files.readAllBytes(target);
        int sizes = new String(file, StandardCharsets.ISO_8859_1).indexOf("stsz");
        long before = memory();
        for (int samples : new int[] {65, 5_000_000, 100_000_000, Integer.MAX_VALUE, -1}) {
            // Each of one byte, so that no table is needed.
            ByteBuffer.wrap(file).putInt(sizes + 8, 1).putInt(sizes + 12, samples);
            Files.write(target, file);
            try {
                play(target);
            } catch (MediaRefused expected) {
                // The promise.
            }
        }
        long grown = memory() - before;
        assertTrue(grown < 256L << 20, "grew by " + grown + " bytes");
    }

    @Test
    void goodFilesLeaveNothingBehind() throws IOException {
        // Large, so that a forgotten picture or codec shows.
        int side = 320;
        List<Path> files = List.of(
                MediaSamples.video(folder.resolve("a"), "mp4", VideoCodec.H264, side, side, 25, 2),
                MediaSamples.video(folder.resolve("b"), "webm", VideoCodec.VP8, side, side, 25, 2));
        byte[] picture = PngEncoder.encode(Pictures.rgb24(side, side, 0, 0));
        long memory = 0;
        long objects = 0;
        for (int i = 0; i < 80; i++) {
            if (i == 20) {
                memory = memory();
                objects = Pointer.totalCount();
            }
            assertEquals(2, play(files.get(i % 2)));
            ChunkMp4Test.chunks(side, side, 25, 1);
            Thumbnail.jpeg(PictureReader.read(picture, LIMITS), 64);
            if (i % 4 == 0) {
                WebpWriter.Settings settings = new WebpWriter.Settings(10, false, 50, WebpWriter.Effort.FASTEST);
                try (WebpWriter webp = WebpWriter.open(folder.resolve("c"), side, side, settings)) {
                    webp.add(Pictures.rgb24(side, side, 0, 0));
                }
                WebmWriter.Settings vp9 = new WebmWriter.Settings(WebmWriter.Codec.VP9, 10, 32);
                try (WebmWriter webm = WebmWriter.open(folder.resolve("d"), side, side, vp9)) {
                    webm.add(Pictures.rgb24(side, side, 0, 0));
                }
            }
        }
        assertFlat(memory, objects);
    }

    private List<byte[]> samples() throws IOException {
        Path file = folder.resolve("sample");
        List<byte[]> samples = new ArrayList<>();
        for (String format : List.of("mp4", "matroska", "avi")) {
            VideoCodec codec = format.equals("matroska") ? VideoCodec.VP8 : VideoCodec.H264;
            samples.add(Files.readAllBytes(MediaSamples.video(file, format, codec, SIZE, SIZE, 25, 8)));
        }
        try (GifWriter gif = GifWriter.open(file, 10)) {
            for (int i = 0; i < 6; i++) {
                gif.add(Pictures.rgb24(SIZE, SIZE, i, 0));
            }
        }
        samples.add(Files.readAllBytes(file));
        samples.add(ChunkMp4Test.joined(ChunkMp4Test.chunks(SIZE, SIZE, 25, 4, 4)));
        return samples;
    }

    private static int play(Path file) throws IOException {
        int frames = 0;
        try (VideoReader reader = VideoReader.open(file, LIMITS, new FramePool(2))) {
            Optional<VideoFrame> next = reader.next();
            while (next.isPresent()) {
                next.get().release();
                frames++;
                next = reader.next();
            }
        }
        assertTrue(frames <= LIMITS.maxFrames(), frames + " frames");
        return frames;
    }

    /** Of the process, without what the collector would free. */
    private static long memory() {
        System.gc();
        return Pointer.physicalBytes();
    }

    private static void assertFlat(long memory, long objects) {
        long grown = memory() - memory;
        assertTrue(grown < TOLERANCE_BYTES, "grew by " + grown + " bytes");
        NativeObjects.assertNoMoreThan(objects);
    }
}
