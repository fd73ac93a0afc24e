package io.github.tachyscope.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelConversion;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** PNG files, thumbnails, animated GIF and WebP, WebM. */
class PictureFilesTest {
    @Test
    void pngKeepsEveryBit() throws IOException {
        VideoFrame frame = Pictures.rgb24(33, 17, 3, 0);
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(PngEncoder.encode(frame)));
        for (int i = 0; i < 33 * 17; i++) {
            int pixel = (frame.data()[3 * i] & 0xff) << 16
                    | (frame.data()[3 * i + 1] & 0xff) << 8
                    | frame.data()[3 * i + 2] & 0xff;
            assertEquals(pixel, image.getRGB(i % 33, i / 33) & 0xffffff);
        }
    }

    @Test
    void thumbnailsKeepTheShapeAndNeverGrow() throws IOException {
        assertEquals(List.of(64, 38), sides(Thumbnail.jpeg(Pictures.rgb24(640, 384, 0, 0), 64)));
        assertEquals(List.of(32, 100), sides(Thumbnail.jpeg(Pictures.i420(65, 203, 0, 0), 100)));
        assertEquals(List.of(40, 30), sides(Thumbnail.jpeg(Pictures.rgb24(40, 30, 0, 0), 100)));
        assertEquals(List.of(100, 1), sides(Thumbnail.jpeg(Pictures.rgb24(4096, 2, 0, 0), 100)));
    }

    @Test
    void thumbnailsAverageWhatTheyLeaveOut() {
        byte[] stripes = new byte[PixelFormat.RGB24.bytes(256, 256)];
        for (int i = 0; i < stripes.length; i++) {
            stripes[i] = (byte) (i / 3 % 256 % 2 == 0 ? 255 : 0);
        }
        VideoFrame small = Thumbnail.of(VideoFrame.of(PixelFormat.RGB24, 256, 256, stripes, 7), 32, 32);
        assertEquals("RGB24 32x32 @7us", small.toString());
        for (int i = 0; i < small.bytes(); i++) {
            assertEquals(127.5, small.data()[i] & 0xff, 2, "byte " + i);
        }
    }

    @Test
    void thumbnailsOfBothLayoutsLookTheSame() {
        VideoFrame rgb = Pictures.rgb24(161, 97, 0, 0);
        VideoFrame i420 = PixelConversion.toI420(rgb, new FramePool(1));
        double psnr = Pictures.psnr(Thumbnail.of(rgb, 40, 24), Thumbnail.of(i420, 40, 24));
        assertTrue(psnr > 30, psnr + " dB");
    }

    @Test
    void gifsLoopAndLastExactly(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("a.gif"), new byte[100_000]);
        try (GifWriter gif = GifWriter.open(file, 24)) {
            for (int i = 0; i < 24; i++) {
                gif.add(i % 2 == 0 ? Pictures.rgb24(64, 48, i, 0) : Pictures.i420(64, 48, i, 0));
            }
        }
        byte[] bytes = Files.readAllBytes(file);
        assertArrayEquals("GIF89a".getBytes(), Arrays.copyOf(bytes, 6));
        assertTrue(new String(bytes, StandardCharsets.ISO_8859_1).contains("NETSCAPE2.0\3\1\0\0"));
        try (VideoReader reader = VideoReaderTest.open(file)) {
            assertEquals(new VideoReader.Info(64, 48, 24, 24, 1_000_000), reader.info());
        }
        assertThrows(IllegalArgumentException.class, () -> GifWriter.open(file, 51));
        GifWriter closed = GifWriter.open(file, 10);
        closed.close();
        closed.close();
        assertThrows(IllegalStateException.class, () -> closed.add(Pictures.rgb24(64, 48, 0, 0)));
    }

    private static final WebpWriter.Settings LOSSY = new WebpWriter.Settings(24, false, 90, WebpWriter.Effort.FASTEST);

    private static byte[] webp(Path file, int frames, WebpWriter.Settings settings) throws IOException {
        Files.write(file, new byte[100_000]);
        try (WebpWriter webp = WebpWriter.open(file, 64, 48, settings)) {
            for (int i = 0; i < frames; i++) {
                webp.add(i % 2 == 0 ? Pictures.rgb24(64, 48, i, 0) : Pictures.i420(64, 48, i, 0));
            }
            webp.finish();
            assertThrows(IllegalStateException.class, () -> webp.add(Pictures.rgb24(64, 48, 0, 0)));
            assertThrows(IllegalStateException.class, webp::finish);
        }
        return Files.readAllBytes(file);
    }

    @Test
    void animatedWebpsLoopAndKeepTheirTimes(@TempDir Path folder) throws IOException {
        byte[] file = webp(folder.resolve("a.webp"), 12, LOSSY);
        ByteBuffer chunks = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(file.length, chunks.getInt(4) + 8);
        int at = 12;
        int pictures = 0;
        int millis = 0;
        while (at < file.length) {
            String type = new String(file, at, 4, StandardCharsets.ISO_8859_1);
            if (type.equals("VP8X")) {
                assertEquals(
                        List.of(63, 47), List.of(chunks.getShort(at + 12) & 0xffff, chunks.getShort(at + 15) & 0xffff));
            } else if (type.equals("ANIM")) {
                assertEquals(0, chunks.getShort(at + 12), "loops for ever");
            } else if (type.equals("ANMF")) {
                pictures++;
                millis += chunks.getInt(at + 8 + 12) & 0xffffff;
            }
            at += 8 + (chunks.getInt(at + 4) + 1) / 2 * 2;
        }
        assertEquals(12, pictures);
        assertEquals(500, millis);
        MediaRefused refused = assertThrows(MediaRefused.class, () -> PictureReader.read(file, VideoReaderTest.LIMITS));
        assertEquals(MediaRefused.Reason.UNSUPPORTED, refused.reason());
    }

    /** The pictures of an animation, each as a file of its own. */
    private static List<VideoFrame> stills(byte[] animation) {
        ByteBuffer chunks = ByteBuffer.wrap(animation).order(ByteOrder.LITTLE_ENDIAN);
        List<VideoFrame> stills = new ArrayList<>();
        int at = 12;
        while (at < animation.length) {
            int bytes = chunks.getInt(at + 4);
            if (new String(animation, at, 4, StandardCharsets.ISO_8859_1).equals("ANMF")) {
                int picture = bytes - 16;
                ByteBuffer still = ByteBuffer.allocate(12 + picture).order(ByteOrder.LITTLE_ENDIAN);
                still.put("RIFF".getBytes()).putInt(4 + picture).put("WEBP".getBytes());
                still.put(animation, at + 8 + 16, picture);
                stills.add(PictureReader.read(still.array(), VideoReaderTest.LIMITS));
            }
            at += 8 + (bytes + 1) / 2 * 2;
        }
        return stills;
    }

    @Test
    void animatedWebpsWithoutLossKeepEveryBit(@TempDir Path folder) throws IOException {
        WebpWriter.Settings lossless = new WebpWriter.Settings(6, true, 80, WebpWriter.Effort.DEFAULT);
        List<VideoFrame> stills = stills(webp(folder.resolve("a.webp"), 3, lossless));
        assertEquals(3, stills.size());
        for (int i = 0; i < 3; i += 2) {
            assertEquals(99, Pictures.psnr(Pictures.rgb24(64, 48, i, 0), stills.get(i)));
        }
        List<VideoFrame> lossy = stills(webp(folder.resolve("b.webp"), 1, LOSSY));
        assertTrue(Pictures.psnr(Pictures.rgb24(64, 48, 0, 0), lossy.get(0)) > 28);
    }

    @ParameterizedTest
    @EnumSource
    void webmsHaveAllFramesAtTheirRate(WebmWriter.Codec codec, @TempDir Path folder) throws IOException {
        Path file = folder.resolve("a.webm");
        try (WebmWriter webm = WebmWriter.open(file, 96, 64, new WebmWriter.Settings(codec, 23.976, 20))) {
            for (int i = 0; i < 30; i++) {
                webm.add(i % 2 == 0 ? Pictures.rgb24(96, 64, i, 0) : Pictures.rgb24(96, 64, i, 0));
            }
            webm.finish();
            assertThrows(IllegalStateException.class, () -> webm.add(Pictures.rgb24(96, 64, 0, 0)));
        }
        if (Ffprobe.isInstalled()) {
            assertEquals(
                    List.of(codec.name().toLowerCase(Locale.ROOT) + ",96,64,bt709,2997/125,30"),
                    Ffprobe.entries(
                            file,
                            "stream=codec_name,width,height,color_space,avg_frame_rate,nb_read_packets",
                            "-count_packets"));
        }
        if (codec == WebmWriter.Codec.VP9) {
            try (VideoReader reader = VideoReaderTest.open(file)) {
                assertEquals(30, reader.info().frames());
                VideoFrame first = reader.next().orElseThrow();
                double psnr = Pictures.psnr(Pictures.rgb24(96, 64, 0, 0), first);
                assertTrue(psnr > 28, psnr + " dB");
            }
        }
    }

    @Test
    void pngsCarryTextsInAnyLanguage(@TempDir Path folder) throws IOException {
        VideoFrame frame = Pictures.rgb24(33, 17, 3, 0);
        byte[] file = PngEncoder.encode(
                frame,
                Map.of(
                        "prompt",
                        "{\"1\":{\"a\":\"caf\u00e9\"}}",
                        "workflow",
                        "\u65e5\u672c\u0000",
                        "",
                        "no keyword",
                        "a\nb",
                        "no"));
        ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
        reader.setInput(ImageIO.createImageInputStream(new ByteArrayInputStream(file)));
        NodeList texts =
                ((Element) reader.getImageMetadata(0).getAsTree("javax_imageio_1.0")).getElementsByTagName("TextEntry");
        Map<String, String> found = new TreeMap<>();
        for (int i = 0; i < texts.getLength(); i++) {
            Element text = (Element) texts.item(i);
            found.put(text.getAttribute("keyword"), text.getAttribute("value"));
        }
        assertEquals(Map.of("prompt", "{\"1\":{\"a\":\"caf\u00e9\"}}", "workflow", "\u65e5\u672c"), found);
        assertEquals(99, Pictures.psnr(frame, PictureReader.read(file, VideoReaderTest.LIMITS)));
    }

    private static List<Integer> sides(byte[] jpeg) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(jpeg));
        return List.of(image.getWidth(), image.getHeight());
    }
}
