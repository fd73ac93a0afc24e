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
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PNG files, thumbnails, animated GIF and WebP. */
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

    @Test
    void animatedWebpsLoopAndKeepTheirTimes() {
        byte[] file;
        try (WebpWriter webp = WebpWriter.open(64, 48, 24, 90)) {
            for (int i = 0; i < 12; i++) {
                webp.add(i % 2 == 0 ? Pictures.rgb24(64, 48, i, 0) : Pictures.i420(64, 48, i, 0));
            }
            file = webp.finish();
            assertThrows(IllegalStateException.class, () -> webp.add(Pictures.rgb24(64, 48, 0, 0)));
            assertThrows(IllegalStateException.class, webp::finish);
        }
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
        // How long the last one lasts is the encoder's guess from the others.
        assertEquals(500, millis, 1);
        MediaRefused refused = assertThrows(MediaRefused.class, () -> PictureReader.read(file, VideoReaderTest.LIMITS));
        assertEquals(MediaRefused.Reason.UNSUPPORTED, refused.reason());
    }

    private static List<Integer> sides(byte[] jpeg) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(jpeg));
        return List.of(image.getWidth(), image.getHeight());
    }
}
