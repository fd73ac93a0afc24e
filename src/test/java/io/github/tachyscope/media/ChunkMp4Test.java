package io.github.tachyscope.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.Mp4Boxes.Box;
import io.github.tachyscope.media.Mp4Boxes.Sample;
import io.github.tachyscope.testkit.ManualClock;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkMp4Test {
    private static final MediaSettings SETTINGS = new MediaSettings(List.of("libopenh264"), 1, 2048, 2048);
    private static final int IDR = 5;
    private static final int SLICE = 1;

    @Test
    void threeChunksOfNineFramesAtSixteenFpsAreThreeFragmentsOfExactLength() {
        List<ChunkMp4.Chunk> chunks = chunks(640, 384, 16, 9, 9, 9);
        List<Box> boxes = Mp4Boxes.read(joined(chunks));
        assertEquals(List.of("ftyp", "moov", "moof", "mdat", "moof", "mdat", "moof", "mdat"), Mp4Boxes.types(boxes));
        assertEquals(16_384, mediaHeader(boxes).i32(12), "timescale");
        assertEquals(0, mediaHeader(boxes).i32(16), "length of a stream that has not ended");
        List<Box> fragments = Mp4Boxes.deep(boxes, "moof");
        for (int i = 0; i < 3; i++) {
            Box traf = fragments.get(i).find("traf");
            assertEquals(9_216L * i, traf.find("tfdt").i64(4), "begin of fragment " + i);
            assertTrue((traf.find("tfhd").flags() & 0x20000) != 0, "default base is moof");
            List<Sample> samples = Mp4Boxes.samples(fragments.get(i));
            assertEquals(9, samples.size());
            for (int k = 0; k < samples.size(); k++) {
                assertEquals(1_024, samples.get(k).ticks(), "length of sample " + k);
                assertEquals(k == 0, samples.get(k).sync(), "sync flag of sample " + k);
            }
        }
        assertEquals(
                List.of(0L, 562_500L, 1_125_000L),
                chunks.stream().map(ChunkMp4.Chunk::startMicros).toList());
        assertEquals(1_687_500, chunks.get(2).endMicros());
    }

    @Test
    void everyChunkBeginsWithAKeyFrameAndNothingElseIsOne() {
        for (Box moof : Mp4Boxes.deep(Mp4Boxes.read(joined(chunks(160, 128, 24, 1, 4, 12, 30))), "moof")) {
            List<Sample> samples = Mp4Boxes.samples(moof);
            for (int k = 0; k < samples.size(); k++) {
                // Parameter sets are in the header and nowhere else.
                assertEquals(
                        List.of(k == 0 ? IDR : SLICE),
                        Mp4Boxes.units(samples.get(k).data()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 16, 23, 24, 25, 30, 60, 97, 120})
    void timesAreExactAndContinuousAtEveryRate(int fps) {
        List<Box> boxes = Mp4Boxes.read(joined(chunks(64, 64, fps, 3, 5, 2)));
        int timescale = mediaHeader(boxes).i32(12);
        assertEquals(0, timescale % fps, "timescale " + timescale);
        long frame = 0;
        for (Box moof : Mp4Boxes.deep(boxes, "moof")) {
            for (Sample sample : Mp4Boxes.samples(moof)) {
                assertEquals(frame * timescale / fps, sample.tick(), "frame " + frame);
                assertEquals(timescale / fps, sample.ticks(), "frame " + frame);
                frame++;
            }
        }
        assertEquals(10, frame);
    }

    @Test
    void knowsHeaderAndCodecBeforeTheFirstFrame() {
        try (ChunkMp4 stream = open(320, 240, 24, Map.of())) {
            byte[] init = stream.init();
            List<Box> boxes = Mp4Boxes.read(init);
            assertEquals(List.of("ftyp", "moov"), Mp4Boxes.types(boxes));
            assertTrue(stream.codecs().matches("avc1\\.42[C-F]0[0-9A-F]{2}"), stream.codecs());
            Box entry = Mp4Boxes.deep(boxes, "stsd").get(0);
            assertEquals(320, entry.i16(8 + 8 + 24));
            assertEquals(240, entry.i16(8 + 8 + 26));
            assertTrue(Mp4Boxes.deep(boxes, "edts").isEmpty(), "no edit list");
            byte[] first = stream.write(pictures(320, 240, 0, 2)).bytes();
            assertArrayEquals(init, Arrays.copyOf(first, init.length));
            byte[] second = stream.write(pictures(320, 240, 2, 2)).bytes();
            assertEquals(List.of("moof", "mdat"), Mp4Boxes.types(Mp4Boxes.read(second)));
        }
    }

    @Test
    void announcesColoursAndSquarePixelsInTheContainer() {
        try (ChunkMp4 stream = open(320, 240, 24, Map.of())) {
            Box table = Mp4Boxes.deep(Mp4Boxes.read(stream.init()), "stsd").get(0);
            byte[] entry = Arrays.copyOfRange(table.file().array(), table.at(), table.end());
            int colr = indexOf(entry, "colrnclx");
            // Primaries, transfer and matrix of BT.709; the high bit would be full range.
            assertArrayEquals(new byte[] {0, 1, 0, 1, 0, 1, 0}, Arrays.copyOfRange(entry, colr + 8, colr + 15));
            int pasp = indexOf(entry, "pasp");
            assertArrayEquals(new byte[] {0, 0, 0, 1, 0, 0, 0, 1}, Arrays.copyOfRange(entry, pasp + 4, pasp + 12));
        }
    }

    @Test
    void theLevelGrowsWithTheSize() {
        assertTrue(level(320, 240, 16) < level(1280, 720, 30), "level");
        assertTrue(level(1280, 720, 30) < level(2048, 2048, 30), "level");
    }

    @Test
    void aReferencePlayerSeesEveryFrameAtItsTimeInItsColours(@TempDir Path folder) throws Exception {
        assumeTrue(Ffprobe.isInstalled(), "needs ffprobe");
        Path file = Files.write(folder.resolve("chunks.mp4"), joined(chunks(320, 240, 16, 9, 9, 9)));
        assertEquals(
                List.of("h264,320,240,0,1:1,yuv420p,tv,bt709,bt709,bt709"),
                Ffprobe.entries(
                        file,
                        "stream=codec_name,width,height,sample_aspect_ratio,pix_fmt,color_range,color_space,"
                                + "color_transfer,color_primaries,has_b_frames"));
        List<String> frames = Ffprobe.entries(file, "frame=key_frame,pts,pict_type,color_space,color_range");
        assertEquals(27, frames.size());
        for (int i = 0; i < frames.size(); i++) {
            boolean key = i % 9 == 0;
            assertTrue(frames.get(i).startsWith((key ? "1," : "0,") + i * 1024 + ","), frames.get(i));
            assertTrue(frames.get(i).contains(key ? ",I," : ",P,"), frames.get(i));
        }
        // Without its container, the stream itself still tells.
        Path raw = folder.resolve("raw.h264");
        Process process = new ProcessBuilder(
                        "/usr/bin/ffmpeg", "-v", "error", "-i", file.toString(), "-c", "copy", raw.toString())
                .start();
        assertEquals(0, process.waitFor());
        assertEquals(
                List.of("1:1,tv,bt709,bt709,bt709"),
                Ffprobe.entries(
                        raw, "stream=sample_aspect_ratio,color_range,color_space,color_transfer,color_primaries"));
    }

    @Test
    void followsTheWishForQualityAndNotesTheOthers() {
        int fine = size(Map.of("crf", "18"));
        int coarse = size(Map.of("crf", "45"));
        assertTrue(coarse * 2 < fine, fine + " and " + coarse + " bytes");
        try (ChunkMp4 stream = open(
                64, 64, 24, Map.of("preset", "fast", "tune", "zerolatency", "threads", "0", "rc-lookahead", "40"))) {
            assertEquals("libopenh264", stream.encoder());
            assertEquals(2, stream.notes().size(), stream.notes().toString());
            assertTrue(stream.notes().toString().contains("rc-lookahead"));
            assertTrue(stream.notes().toString().contains("preset has no effect with libopenh264"));
        }
        for (Map<String, String> bad : List.of(
                Map.of("crf", "-1"), Map.of("crf", "52"), Map.of("threads", "1000"), Map.of("preset", "x; rm"))) {
            assertEquals(1, H264Options.from(bad).notes().size(), bad.toString());
            assertTrue(H264Options.from(bad).values().isEmpty(), bad.toString());
        }
    }

    @Test
    void encodesOnSeveralThreadsIfAsked() {
        try (ChunkMp4 stream = open(640, 480, 24, Map.of("threads", "2"))) {
            assertEquals(List.of(), stream.notes());
            Box moof = Mp4Boxes.deep(
                            Mp4Boxes.read(stream.write(pictures(640, 480, 0, 3)).bytes()), "moof")
                    .get(0);
            assertEquals(
                    List.of(IDR, IDR),
                    Mp4Boxes.units(Mp4Boxes.samples(moof).get(0).data()));
        }
    }

    @Test
    void moreThreadsThanRowsDoNoHarm() {
        for (int side : new int[] {16, 64, 144}) {
            try (ChunkMp4 stream = open(side, side, 24, Map.of("threads", "8"))) {
                assertEquals(3, stream.write(pictures(side, side, 0, 3)).frames());
            }
        }
    }

    @Test
    void tellsHowLongEncodingTook() {
        AtomicLong now = new AtomicLong();
        try (ChunkMp4 stream = ChunkMp4.open(64, 64, 24, H264Options.none(), SETTINGS, () -> now.getAndAdd(700))) {
            assertEquals(700, stream.write(pictures(64, 64, 0, 1)).encodeMicros());
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThrows(IllegalArgumentException.class, () -> open(63, 64, 24, Map.of()));
        assertThrows(IllegalArgumentException.class, () -> open(64, 64, 0, Map.of()));
        assertThrows(IllegalArgumentException.class, () -> open(64, 64, 121, Map.of()));
        assertThrows(IllegalArgumentException.class, () -> open(8192, 64, 24, Map.of()));
        ChunkMp4 stream = open(64, 64, 24, Map.of());
        assertThrows(IllegalArgumentException.class, () -> stream.write(List.of()));
        assertThrows(IllegalArgumentException.class, () -> stream.write(pictures(80, 64, 0, 1)));
        assertEquals(1, stream.write(pictures(64, 64, 0, 1)).frames());
        stream.close();
        stream.close();
        assertThrows(IllegalStateException.class, () -> stream.write(pictures(64, 64, 0, 1)));
    }

    private static int level(int width, int height, int fps) {
        try (ChunkMp4 stream = open(width, height, fps, Map.of())) {
            return Integer.parseInt(stream.codecs().substring("avc1.".length() + 4), 16);
        }
    }

    private static int size(Map<String, String> options) {
        try (ChunkMp4 stream = open(320, 240, 24, options)) {
            return stream.write(pictures(320, 240, 0, 12)).bytes().length;
        }
    }

    private static ChunkMp4 open(int width, int height, int fps, Map<String, String> options) {
        return ChunkMp4.open(width, height, fps, H264Options.from(options), SETTINGS, new ManualClock());
    }

    static List<ChunkMp4.Chunk> chunks(int width, int height, int fps, int... lengths) {
        List<ChunkMp4.Chunk> chunks = new ArrayList<>();
        try (ChunkMp4 stream = open(width, height, fps, Map.of())) {
            int first = 0;
            for (int length : lengths) {
                chunks.add(stream.write(pictures(width, height, first, length)));
                first += length;
            }
            assertEquals(first, stream.frames());
        }
        return chunks;
    }

    private static List<VideoFrame> pictures(int width, int height, int first, int count) {
        List<VideoFrame> pictures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pictures.add(Pictures.rgb24(width, height, first + i, 0));
        }
        return pictures;
    }

    static byte[] joined(List<ChunkMp4.Chunk> chunks) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        chunks.forEach(chunk -> all.writeBytes(chunk.bytes()));
        return all.toByteArray();
    }

    private static Box mediaHeader(List<Box> boxes) {
        return Mp4Boxes.deep(boxes, "mdhd").get(0);
    }

    private static int indexOf(byte[] bytes, String type) {
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(type);
        assertTrue(at >= 0, type);
        return at;
    }
}
