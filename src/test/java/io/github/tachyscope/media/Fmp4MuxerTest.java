package io.github.tachyscope.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.VideoCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Fmp4MuxerTest {
    private static final MediaSettings SETTINGS = new MediaSettings(List.of("libopenh264"), 1, 2048, 2048);
    private static final Path FFPROBE = Path.of("/usr/bin/ffprobe");
    private static final long START = 5_000_000_000L;
    private static final long FRAME_MICROS = 40_000;

    @Test
    void writesOneMovieHeaderAndOneFragmentPerFrame() {
        List<EncodedFrame> frames = frames(VideoCodec.H264, 160, 128, 10);
        try (Fmp4Muxer muxer = Fmp4Muxer.startingAt(frames.get(0), 160, 128)) {
            assertEquals(List.of("ftyp", "moov"), boxes(muxer.init()));
            assertTrue(muxer.codecs().matches("avc1\\.42[C-F]0[0-9A-F]{2}"), muxer.codecs());
            for (EncodedFrame frame : frames) {
                byte[] fragment = muxer.fragment(frame, FRAME_MICROS);
                assertEquals(List.of("moof", "mdat"), boxes(fragment));
                assertTrue(fragment.length < frame.data().length + 300, "overhead");
            }
        }
    }

    @Test
    void aReferencePlayerSeesEveryFrameAtItsTime(@TempDir Path folder) throws Exception {
        assumeTrue(Files.isExecutable(FFPROBE), "needs ffprobe");
        List<EncodedFrame> frames = frames(VideoCodec.H264, 160, 128, 30);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (Fmp4Muxer muxer = Fmp4Muxer.startingAt(frames.get(0), 160, 128)) {
            file.writeBytes(muxer.init());
            for (EncodedFrame frame : frames) {
                file.writeBytes(muxer.fragment(frame, FRAME_MICROS));
            }
        }
        Path movie = Files.write(folder.resolve("live.mp4"), file.toByteArray());
        String streams = ffprobe(movie, "stream=codec_name,width,height");
        assertEquals("h264,160,128", streams.strip());
        List<String> packets = ffprobe(movie, "packet=pts_time,flags").lines().toList();
        List<String> pictures = ffprobe(movie, "frame=pts_time,width").lines().toList();
        assertEquals(frames.size(), packets.size());
        assertEquals(frames.size(), pictures.size(), "decoded");
        for (int i = 0; i < frames.size(); i++) {
            String[] packet = packets.get(i).split(",");
            double expected = (frames.get(i).ptsMicros() - START) / 1e6;
            assertEquals(expected, Double.parseDouble(packet[0]), 0.00002, "time of frame " + i);
            assertEquals(frames.get(i).keyFrame(), packet[1].startsWith("K"), "key flag of frame " + i);
        }
    }

    @Test
    void survivesAThousandViewersThatLeaveInMidStream() {
        List<EncodedFrame> frames = frames(VideoCodec.H264, 64, 64, 4);
        long before = 0;
        for (int i = 0; i < 1000; i++) {
            Fmp4Muxer muxer = Fmp4Muxer.startingAt(frames.get(0), 64, 64);
            for (int k = 0; k < i % 5 && k < frames.size(); k++) {
                muxer.fragment(frames.get(k), FRAME_MICROS);
            }
            // Some are forgotten altogether: their memory is lost then, but never freed under anyone's feet.
            if (i % 10 != 0) {
                muxer.close();
            }
            if (i % 100 == 99) {
                System.gc();
            }
            before = i == 200 ? Pointer.physicalBytes() : before;
        }
        long grown = Pointer.physicalBytes() - before;
        assertTrue(grown < 48 << 20, "grew by " + grown + " bytes");
    }

    @Test
    void saysWhereAStreamNeedsANewHeader() {
        EncodedFrame small = frames(VideoCodec.H264, 160, 128, 1).get(0);
        List<EncodedFrame> large = frames(VideoCodec.H264, 320, 240, 2);
        try (Fmp4Muxer muxer = Fmp4Muxer.startingAt(large.get(0), 320, 240)) {
            assertTrue(muxer.continues(large.get(0)));
            assertTrue(muxer.continues(large.get(1)));
            assertFalse(muxer.continues(small));
            assertArrayEquals(muxer.init(), muxer.init());
        }
    }

    @Test
    void timeGoesOnWhenTheSizeChanges() {
        List<EncodedFrame> large = frames(VideoCodec.H264, 160, 128, 4);
        List<EncodedFrame> small = frames(VideoCodec.H264, 96, 64, 8).subList(4, 8);
        EncodedFrame begin = new EncodedFrame(
                VideoCodec.H264,
                frames(VideoCodec.H264, 96, 64, 1).get(0).data(),
                true,
                small.get(0).ptsMicros());
        List<Long> micros = new ArrayList<>();
        try (Fmp4Muxer first = Fmp4Muxer.startingAt(large.get(0), 160, 128)) {
            for (EncodedFrame frame : large) {
                micros.add(micros(first.fragment(frame, FRAME_MICROS)));
            }
            try (Fmp4Muxer second = first.continuedBy(begin, 96, 64)) {
                assertEquals(List.of("ftyp", "moov"), boxes(second.init()));
                micros.add(micros(second.fragment(begin, FRAME_MICROS)));
                for (EncodedFrame frame : small.subList(1, 4)) {
                    micros.add(micros(second.fragment(frame, FRAME_MICROS)));
                }
            }
            assertThrows(CodecFailure.class, () -> first.continuedBy(large.get(1), 160, 128));
        }
        for (int i = 0; i < 8; i++) {
            assertEquals(i * FRAME_MICROS + (i % 3) * 7_000, micros.get(i), 12, "time of frame " + i + " in " + micros);
        }
    }

    /** Decode time of a fragment. */
    private static long micros(byte[] fragment) {
        Mp4Boxes.Box moof = Mp4Boxes.read(fragment).get(0);
        return Math.round(Mp4Boxes.samples(moof).get(0).tick() / 0.09);
    }

    @Test
    void refusesWhatCannotStartAStream() {
        EncodedFrame vp8 = frames(VideoCodec.VP8, 64, 64, 1).get(0);
        EncodedFrame delta = frames(VideoCodec.H264, 64, 64, 2).get(1);
        EncodedFrame bare = new EncodedFrame(VideoCodec.H264, new byte[] {0, 0, 1, 0x65, 1, 2}, true, 0);
        EncodedFrame cut =
                new EncodedFrame(VideoCodec.H264, new byte[] {0, 0, 0, 1, 0x67, 0x42, 0, 0, 1, 0x68, 1}, true, 0);
        for (EncodedFrame frame : List.of(vp8, delta, bare)) {
            assertThrows(CodecFailure.class, () -> Fmp4Muxer.startingAt(frame, 64, 64));
        }
        assertThrows(CodecFailure.class, () -> Fmp4Muxer.startingAt(cut, 64, 64));
    }

    @Test
    void toleratesTimesThatStandStillAndUseAfterCloseIsAnError() {
        List<EncodedFrame> frames = frames(VideoCodec.H264, 64, 64, 3);
        Fmp4Muxer muxer = Fmp4Muxer.startingAt(frames.get(0), 64, 64);
        for (EncodedFrame frame : frames) {
            EncodedFrame same = new EncodedFrame(frame.codec(), frame.data(), frame.keyFrame(), START);
            assertEquals(List.of("moof", "mdat"), boxes(muxer.fragment(same, 0)));
        }
        muxer.close();
        muxer.close();
        assertThrows(IllegalStateException.class, () -> muxer.fragment(frames.get(0), FRAME_MICROS));
    }

    /** Frames at an uneven pace, with a key frame every ten. */
    private static List<EncodedFrame> frames(VideoCodec codec, int width, int height, int count) {
        List<EncodedFrame> frames = new ArrayList<>();
        VideoEncoder.Settings settings = new VideoEncoder.Settings(codec, width, height, 25, 500_000);
        try (VideoEncoder encoder = VideoEncoder.open(settings, SETTINGS)) {
            for (int i = 0; i < count; i++) {
                long pts = START + i * FRAME_MICROS + (i % 3) * 7_000;
                frames.add(encoder.encode(Pictures.i420(width, height, i, pts), i % 10 == 0));
            }
        }
        return frames;
    }

    private static List<String> boxes(byte[] segment) {
        List<String> names = new ArrayList<>();
        ByteBuffer buffer = ByteBuffer.wrap(segment);
        int at = 0;
        while (at < segment.length) {
            names.add(new String(segment, at + 4, 4, StandardCharsets.US_ASCII));
            at += buffer.getInt(at);
        }
        assertEquals(segment.length, at, "boxes fill the segment");
        return names;
    }

    private static String ffprobe(Path movie, String entries) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        FFPROBE.toString(), "-v", "error", "-show_entries", entries, "-of", "csv=p=0", movie.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }
}
