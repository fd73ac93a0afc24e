package io.github.tachyscope.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelConversion;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VideoReaderTest {
    static final InputLimits LIMITS = new InputLimits(64 << 20, 1024, 1024, 2000, Duration.ofSeconds(60));
    private static final Path FFMPEG = Path.of("/usr/bin/ffmpeg");

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"mp4,H264", "mov,H264", "matroska,H264", "avi,H264", "matroska,VP8", "webm,VP8", "avi,VP8"})
    void readsEveryContainerFrameByFrame(String format, VideoCodec codec) throws IOException {
        Path file = MediaSamples.video(folder.resolve("no-suffix"), format, codec, 160, 128, 25, 30);
        try (VideoReader reader = open(file)) {
            VideoReader.Info info = reader.info();
            assertEquals(List.of(160, 128, 30L), List.of(info.width(), info.height(), info.frames()));
            assertEquals(25, info.fps(), 0.05);
            assertEquals(1_200_000, info.durationMicros(), 1_500);
            List<VideoFrame> frames = all(reader);
            assertEquals(30, frames.size());
            for (int i = 0; i < frames.size(); i++) {
                // Matroska has milliseconds.
                assertEquals(i * 40_000L, frames.get(i).ptsMicros(), 500, "time of frame " + i);
                VideoFrame expected = rgb(Pictures.i420(160, 128, i, 0));
                assertTrue(Pictures.psnr(expected, frames.get(i)) > 28, "frame " + i);
            }
        }
    }

    @Test
    void readsWhatTheServerWritesInItsTrueColours() throws IOException {
        byte[] stream = ChunkMp4Test.joined(ChunkMp4Test.chunks(160, 128, 16, 9, 9));
        Path fragmented = Files.write(folder.resolve("stream.mp4"), stream);
        Path progressive = folder.resolve("final.mp4");
        ProgressiveMp4.write(fragmented, progressive);
        for (Path file : List.of(fragmented, progressive)) {
            try (VideoReader reader = open(file)) {
                assertEquals(new VideoReader.Info(160, 128, 16, 18, 1_125_000), reader.info());
                List<VideoFrame> frames = all(reader);
                assertEquals(18, frames.size());
                for (int i = 0; i < frames.size(); i++) {
                    assertEquals(i * 62_500L, frames.get(i).ptsMicros());
                    double psnr = Pictures.psnr(Pictures.rgb24(160, 128, i, 0), frames.get(i));
                    assertTrue(psnr > 28, psnr + " dB in frame " + i);
                    // The other matrix would shift the mean of a channel by several steps.
                    assertEquals(0, meanError(Pictures.rgb24(160, 128, i, 0), frames.get(i)), 1.5, "colour");
                }
            }
        }
    }

    @Test
    void framesOfBothLayoutsKeepTheirColoursInAStream() throws IOException {
        // The other matrix would miss each of these by ten steps and more.
        int[][] colours = {{230, 40, 40}, {40, 220, 60}, {50, 50, 230}, {230, 220, 40}};
        List<VideoFrame> frames = new ArrayList<>();
        for (int[] colour : colours) {
            byte[] data = new byte[PixelFormat.RGB24.bytes(64, 64)];
            for (int i = 0; i < data.length; i++) {
                data[i] = (byte) colour[i % 3];
            }
            VideoFrame rgb = VideoFrame.of(PixelFormat.RGB24, 64, 64, data, 0);
            frames.addAll(List.of(rgb, PixelConversion.toI420(rgb, new FramePool(1))));
        }
        byte[] stream;
        try (ChunkMp4 writer =
                ChunkMp4.open(64, 64, 16, H264Options.from(Map.of("crf", "12")), MediaSamples.SETTINGS, () -> 0)) {
            stream = writer.write(frames).bytes();
        }
        try (VideoReader reader = VideoReader.open(stream, LIMITS, new FramePool(1))) {
            List<VideoFrame> read = all(reader);
            for (int i = 0; i < read.size(); i++) {
                for (int c = 0; c < 3; c++) {
                    int value = read.get(i).data()[3 * (32 * 64 + 32) + c] & 0xff;
                    assertEquals(colours[i / 2][c], value, 5, "channel " + c + " of frame " + i);
                }
            }
        }
    }

    @Test
    void readsAnimatedGifs() throws IOException {
        Path file = folder.resolve("a.gif");
        try (GifWriter gif = GifWriter.open(file, 16)) {
            for (int i = 0; i < 8; i++) {
                gif.add(Pictures.rgb24(160, 128, i, 0));
            }
        }
        try (VideoReader reader = open(file)) {
            assertEquals(8, reader.info().frames());
            assertEquals(16, reader.info().fps(), 0.3);
            List<VideoFrame> frames = all(reader);
            assertEquals(8, frames.size());
            for (int i = 0; i < 8; i++) {
                double psnr = Pictures.psnr(Pictures.rgb24(160, 128, i, 0), frames.get(i));
                assertTrue(psnr > 28, psnr + " dB in frame " + i);
                assertEquals(Math.round(i * 100 / 16.0) * 10_000, frames.get(i).ptsMicros());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-c:v libx264 -bf 3 -pix_fmt yuv420p, mp4",
        "-c:v libx264 -bf 3 -pix_fmt yuv420p -movflags frag_keyframe+empty_moov, mp4",
        "-c:v libx264 -bf 2 -pix_fmt yuv444p10le, matroska",
        "-c:v libx265 -x265-params log-level=none -pix_fmt yuv420p, mp4",
        "-c:v libvpx -auto-alt-ref 1 -lag-in-frames 8, webm",
        "-c:v libvpx-vp9, webm",
        "-c:v mjpeg -q:v 3 -pix_fmt yuvj422p, matroska",
        "-c:v mpeg4 -bf 2 -q:v 3, avi",
        "-c:v prores, mov",
    })
    void readsWhatOthersEncode(String options, String format) throws Exception {
        assumeTrue(Files.isExecutable(FFMPEG), "needs ffmpeg");
        Path file = folder.resolve("sample");
        ffmpeg(
                "-f lavfi -i testsrc2=size=160x128:rate=25:duration=1 -f lavfi -i sine=duration=1 -shortest " + options
                        + " -f " + format,
                file);
        Path raw = folder.resolve("raw");
        ffmpeg("-i " + file + " -an -fps_mode passthrough -pix_fmt rgb24 -f rawvideo", raw);
        byte[] expected = Files.readAllBytes(raw);
        int size = PixelFormat.RGB24.bytes(160, 128);
        try (VideoReader reader = open(file)) {
            List<VideoFrame> frames = all(reader);
            assertEquals(expected.length / size, frames.size());
            assertEquals(25, reader.info().fps(), 1.5);
            for (int i = 0; i < frames.size(); i++) {
                assertEquals(i * 40_000L, frames.get(i).ptsMicros(), 1_000, "time of frame " + i);
                byte[] one = Arrays.copyOfRange(expected, i * size, (i + 1) * size);
                double psnr = Pictures.psnr(VideoFrame.of(PixelFormat.RGB24, 160, 128, one, 0), frames.get(i));
                assertTrue(psnr > 26, psnr + " dB in frame " + i);
            }
        }
    }

    @Test
    void turnsThePicturesOfAHandHeldCamera() throws Exception {
        assumeTrue(Files.isExecutable(FFMPEG), "needs ffmpeg");
        Path upright = folder.resolve("upright.mp4");
        ffmpeg("-f lavfi -i testsrc2=size=160x128:rate=5:duration=1 -c:v libx264 -pix_fmt yuv420p", upright);
        for (int degrees : new int[] {90, 180, 270}) {
            Path turned = folder.resolve(degrees + ".mp4");
            ffmpeg("-i " + upright + " -c copy -metadata:s:v:0 rotate=" + degrees, turned);
            Path raw = folder.resolve("raw");
            ffmpeg("-i " + turned + " -frames:v 1 -pix_fmt rgb24 -f rawvideo", raw);
            try (VideoReader reader = open(turned)) {
                VideoFrame frame = reader.next().orElseThrow();
                assertEquals(degrees == 180 ? 160 : 128, reader.info().width());
                assertEquals(reader.info().width(), frame.width());
                VideoFrame expected =
                        VideoFrame.of(PixelFormat.RGB24, frame.width(), frame.height(), Files.readAllBytes(raw), 0);
                assertTrue(Pictures.psnr(expected, frame) > 24, degrees + " degrees");
            }
        }
    }

    @Test
    void scalesOnTheWay() throws IOException {
        Path file = MediaSamples.video(folder.resolve("v"), "mp4", VideoCodec.H264, 160, 128, 25, 3);
        try (VideoReader reader = open(file)) {
            reader.scaleTo(80, 64);
            VideoFrame frame = reader.next().orElseThrow();
            assertEquals("RGB24 80x64 @0us", frame.toString());
            assertThrows(IllegalArgumentException.class, () -> reader.scaleTo(0, 64));
        }
    }

    @Test
    void checksLimitsBeforeItDecodes() throws IOException {
        Path file = MediaSamples.video(folder.resolve("v"), "mp4", VideoCodec.H264, 160, 128, 25, 30);
        long bytes = Files.size(file);
        refuses(MediaRefused.Reason.TOO_LARGE, "bytes", file, new InputLimits(bytes - 1, 160, 128, 30, seconds(2)));
        refuses(MediaRefused.Reason.TOO_LARGE, "160x128", file, new InputLimits(bytes, 159, 128, 30, seconds(2)));
        refuses(MediaRefused.Reason.TOO_LARGE, "160x127", file, new InputLimits(bytes, 160, 127, 30, seconds(2)));
        refuses(MediaRefused.Reason.TOO_LARGE, "29 frames", file, new InputLimits(bytes, 160, 128, 29, seconds(2)));
        refuses(MediaRefused.Reason.TOO_LARGE, "1.0 seconds", file, new InputLimits(bytes, 160, 128, 30, seconds(1)));
        VideoReader.open(file, new InputLimits(bytes, 160, 128, 30, seconds(2)), new FramePool(2))
                .close();
    }

    @Test
    void refusesWhatItDoesNotReadAndFollowsNoReference() throws IOException {
        Path secret = MediaSamples.video(folder.resolve("secret.mp4"), "mp4", VideoCodec.H264, 64, 64, 25, 3);
        for (String text : List.of(
                "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://" + secret + "\n#EXT-X-ENDLIST\n",
                "ffconcat version 1.0\nfile '" + secret + "'\n",
                "<?xml version=\"1.0\"?><MPD><BaseURL>" + secret + "</BaseURL></MPD>",
                "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
                "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5000 RTP/AVP 96\n",
                "")) {
            Path file = Files.writeString(folder.resolve("hostile.mp4"), text);
            MediaRefused refused = assertThrows(MediaRefused.class, () -> open(file), text);
            assertFalse(refused.getMessage().contains(folder.toString()), refused.getMessage());
        }
        assertThrows(MediaRefused.class, () -> open(folder));
        assertThrows(MediaRefused.class, () -> open(Path.of("/dev/zero")));
        assertThrows(MediaRefused.class, () -> open(folder.resolve("gone")));
    }

    @Test
    void aCutOffFileEndsEarly() throws IOException {
        Path file = MediaSamples.video(folder.resolve("v"), "matroska", VideoCodec.VP8, 160, 128, 25, 30);
        byte[] whole = Files.readAllBytes(file);
        try (VideoReader reader = open(Files.write(folder.resolve("half"), Arrays.copyOf(whole, whole.length / 2)))) {
            int frames = all(reader).size();
            assertTrue(frames > 5 && frames < 25, frames + " frames");
            assertTrue(reader.next().isEmpty(), "stays at the end");
        }
    }

    @ParameterizedTest
    @CsvSource({"25,30,36", "25,12,14", "25,25,30", "25,1,1", "25,120,144", "7,24,103"})
    void resamplesToAConstantRate(int from, int to, int expected) throws IOException {
        Path file = MediaSamples.video(folder.resolve("v"), "mp4", VideoCodec.H264, 64, 64, from, 30);
        List<VideoFrame> all = new ArrayList<>();
        try (VideoReader reader = open(file)) {
            all.addAll(all(reader));
        }
        try (VideoReader reader = open(file);
                ConstantRate resampled = ConstantRate.of(reader, to)) {
            int count = 0;
            Optional<VideoFrame> next = resampled.next();
            while (next.isPresent()) {
                VideoFrame frame = next.get();
                assertEquals(Math.round(count * 1e6 / to), frame.ptsMicros());
                int shown = (int) Math.min(29, Math.floor((count + 0.5) * from / to + 1e-9));
                assertTrue(
                        Pictures.psnr(all.get(shown), frame) > 98
                                || Pictures.psnr(all.get(Math.max(0, shown - 1)), frame) > 98,
                        "frame " + count);
                frame.release();
                count++;
                next = resampled.next();
            }
            assertEquals(expected, count);
            assertTrue(resampled.next().isEmpty());
        }
    }

    @Test
    void readsFilesLargerThanMemory() throws IOException {
        List<ChunkMp4.Chunk> chunks = ChunkMp4Test.chunks(64, 64, 25, 4, 4);
        Path file = Files.write(folder.resolve("large"), chunks.get(0).bytes());
        long free = 3L << 30;
        ByteBuffer box = ByteBuffer.allocate(16)
                .putInt(1)
                .put("free".getBytes(StandardCharsets.US_ASCII))
                .putLong(free)
                .flip();
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
            long at = out.size();
            out.write(box, at);
            out.write(ByteBuffer.wrap(chunks.get(1).bytes()), at + free);
        }
        InputLimits limits = new InputLimits(4L << 30, 64, 64, 8, seconds(1));
        try (VideoReader reader = VideoReader.open(file, limits, new FramePool(1))) {
            assertEquals(8, reader.info().frames());
            assertEquals(8, all(reader).size());
        }
    }

    @Test
    void readsFromMemoryAndCleansUp() throws IOException {
        byte[] file = ChunkMp4Test.joined(ChunkMp4Test.chunks(64, 64, 25, 4));
        VideoReader reader = VideoReader.open(file, LIMITS, new FramePool(1));
        Path temporary = reader.temporary().orElseThrow();
        assertTrue(Files.exists(temporary));
        assertEquals(4, all(reader).size());
        reader.close();
        assertFalse(Files.exists(temporary));
        assertThrows(MediaRefused.class, () -> VideoReader.open(new byte[99], LIMITS, new FramePool(1)));
    }

    @Test
    void isClosedOnceAndForAll() throws IOException {
        VideoReader reader = open(MediaSamples.video(folder.resolve("v"), "mp4", VideoCodec.H264, 64, 64, 25, 3));
        reader.close();
        reader.close();
        assertThrows(IllegalStateException.class, reader::next);
    }

    private void refuses(MediaRefused.Reason reason, String words, Path file, InputLimits limits) {
        MediaRefused refused = assertThrows(MediaRefused.class, () -> VideoReader.open(file, limits, new FramePool(1)));
        assertEquals(reason, refused.reason());
        assertTrue(refused.getMessage().contains(words), refused.getMessage());
    }

    static VideoReader open(Path file) throws IOException {
        return VideoReader.open(file, LIMITS, new FramePool(1));
    }

    static List<VideoFrame> all(VideoReader reader) {
        List<VideoFrame> frames = new ArrayList<>();
        Optional<VideoFrame> next = reader.next();
        while (next.isPresent()) {
            frames.add(next.get());
            next = reader.next();
        }
        return frames;
    }

    private static double meanError(VideoFrame expected, VideoFrame actual) {
        double worst = 0;
        for (int channel = 0; channel < 3; channel++) {
            long sum = 0;
            for (int i = channel; i < expected.bytes(); i += 3) {
                sum += (actual.data()[i] & 0xff) - (expected.data()[i] & 0xff);
            }
            worst = Math.max(worst, Math.abs(3.0 * sum / expected.bytes()));
        }
        return worst;
    }

    private static VideoFrame rgb(VideoFrame i420) {
        return PixelConversion.toRgb24(i420, new FramePool(1));
    }

    private static Duration seconds(int seconds) {
        return Duration.ofSeconds(seconds);
    }

    private static void ffmpeg(String options, Path target) throws Exception {
        List<String> command = new ArrayList<>(List.of(FFMPEG.toString(), "-v", "error", "-y"));
        command.addAll(List.of(options.strip().split(" +")));
        command.add(target.toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assumeTrue(process.waitFor() == 0, output);
    }
}
