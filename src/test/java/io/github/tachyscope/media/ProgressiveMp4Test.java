package io.github.tachyscope.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.tachyscope.media.Mp4Boxes.Box;
import io.github.tachyscope.media.Mp4Boxes.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressiveMp4Test {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 16, 24, 30, 97, 120})
    void putsTheIndexInFrontAndKeepsEverySampleAndItsTime(int fps) throws IOException {
        List<ChunkMp4.Chunk> chunks = ChunkMp4Test.chunks(160, 128, fps, 9, 9, 9);
        Path target = folder.resolve("final.mp4");
        ProgressiveMp4.Result result = ProgressiveMp4.write(Files.write(stream(), ChunkMp4Test.joined(chunks)), target);
        byte[] file = Files.readAllBytes(target);
        assertEquals(new ProgressiveMp4.Result(27, Math.round(27e6 / fps), file.length), result);

        List<Box> boxes = Mp4Boxes.read(file);
        List<String> order = Mp4Boxes.types(boxes);
        assertTrue(order.indexOf("moov") < order.indexOf("mdat"), order.toString());
        assertTrue(Mp4Boxes.deep(boxes, "moof").isEmpty()
                && Mp4Boxes.deep(boxes, "mvex").isEmpty());
        Box media = Mp4Boxes.deep(boxes, "mdhd").get(0);
        Box movie = Mp4Boxes.deep(boxes, "mvhd").get(0);
        assertEquals(27L * media.i32(12), (long) media.i32(16) * fps, "length of the track");
        assertEquals(27L * movie.i32(12), (long) movie.i32(16) * fps, "length of the movie");
        Box times = Mp4Boxes.deep(boxes, "stts").get(0);
        assertEquals(List.of(1, 27, media.i32(12) / fps), List.of(times.i32(4), times.i32(8), times.i32(12)));
        Box keys = Mp4Boxes.deep(boxes, "stss").get(0);
        assertEquals(List.of(3, 1, 10, 19), List.of(keys.i32(4), keys.i32(8), keys.i32(12), keys.i32(16)));

        List<Sample> streamed = new ArrayList<>();
        Mp4Boxes.deep(Mp4Boxes.read(ChunkMp4Test.joined(chunks)), "moof")
                .forEach(moof -> streamed.addAll(Mp4Boxes.samples(moof)));
        Box sizes = Mp4Boxes.deep(boxes, "stsz").get(0);
        Box data = boxes.get(order.indexOf("mdat"));
        int at = data.at();
        for (int i = 0; i < streamed.size(); i++) {
            int size = sizes.i32(12 + 4 * i);
            assertArrayEquals(streamed.get(i).data(), Arrays.copyOfRange(file, at, at + size), "sample " + i);
            at += size;
        }
        assertEquals(data.end(), at);
        // Their place, as the index has it.
        assertEquals(data.at(), Mp4Boxes.deep(boxes, "stco").get(0).i32(8));
    }

    @Test
    void keepsCodecAndColours() throws IOException {
        assumeTrue(Ffprobe.isInstalled(), "needs ffprobe");
        Path target = folder.resolve("final.mp4");
        ProgressiveMp4.write(stream(), target);
        assertEquals(
                List.of("h264,160,128,1:1,yuv420p,tv,bt709,bt709,bt709,24/1,1.125000,27"),
                Ffprobe.entries(
                        target,
                        "stream=codec_name,width,height,sample_aspect_ratio,pix_fmt,color_range,color_space,"
                                + "color_transfer,color_primaries,r_frame_rate,duration,nb_frames"));
        assertEquals(List.of("1.125000"), Ffprobe.entries(target, "format=duration"));
    }

    @Test
    void takesChunksFromMemoryAndLeavesNothingElseBehind() throws IOException {
        List<byte[]> chunks = ChunkMp4Test.chunks(160, 128, 24, 4, 4).stream()
                .map(ChunkMp4.Chunk::bytes)
                .toList();
        assertEquals(
                8, ProgressiveMp4.write(chunks, folder.resolve("final.mp4")).frames());
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(
                    List.of("final.mp4"),
                    left.map(path -> path.getFileName().toString()).toList());
        }
    }

    @Test
    void savesTheWholeFramesOfAStreamThatWasCutOff() throws IOException {
        byte[] whole = Files.readAllBytes(stream());
        int frames = 27;
        for (int cut = 200; cut < whole.length; cut += whole.length / 7) {
            Path part = Files.write(folder.resolve("part.mp4"), Arrays.copyOf(whole, whole.length - cut));
            try {
                int saved = (int)
                        ProgressiveMp4.write(part, folder.resolve("saved.mp4")).frames();
                assertTrue(saved < frames, saved + " frames after " + cut);
                frames = saved;
                try (VideoReader reader = VideoReaderTest.open(folder.resolve("saved.mp4"))) {
                    assertEquals(saved, VideoReaderTest.all(reader).size());
                }
            } catch (CodecFailure nothingLeft) {
                frames = 0;
            }
        }
        assertTrue(frames < 9, frames + " frames of nearly nothing");
    }

    @Test
    void refusesWhatIsNoStream() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty.mp4"));
        Path text = Files.writeString(folder.resolve("text.mp4"), "#EXTM3U\nhttp://127.0.0.1/a.mp4\n");
        try (ChunkMp4 unused = ChunkMp4.open(64, 64, 24, H264Options.none(), MediaSamples.SETTINGS, () -> 0)) {
            Path header = Files.write(folder.resolve("header.mp4"), unused.init());
            for (Path bad : List.of(empty, text, header)) {
                assertThrows(CodecFailure.class, () -> ProgressiveMp4.write(bad, folder.resolve("out.mp4")));
            }
        }
        Path nowhere = folder.resolve("missing").resolve("out.mp4");
        Path good = stream();
        assertThrows(CodecFailure.class, () -> ProgressiveMp4.write(good, nowhere));
        assertThrows(IOException.class, () -> ProgressiveMp4.write(folder.resolve("gone.mp4"), nowhere));
    }

    @Test
    void writesToNamesThatLookLikeSomethingElse() throws IOException {
        Path target = folder.resolve("http:%03d,a'b c.mp4");
        assertEquals(27, ProgressiveMp4.write(stream(), target).frames());
        assertTrue(Files.size(target) > 1000);
    }

    private Path stream() throws IOException {
        return Files.write(
                folder.resolve("stream.mp4"), ChunkMp4Test.joined(ChunkMp4Test.chunks(160, 128, 24, 9, 9, 9)));
    }
}
