package io.github.tachyscope.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PictureReaderTest {
    private static final InputLimits LIMITS = new InputLimits(8 << 20, 512, 256, 1, Duration.ofSeconds(1));
    private static final byte[] PNG_1X1 = MediaSamples.file(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), "png");

    @Test
    void readsEveryKindByItsContent() {
        BufferedImage image = image(120, 80);
        VideoFrame expected = frame(image);
        assertArrayEquals(
                expected.data(),
                PictureReader.read(MediaSamples.file(image, "png"), LIMITS).data());
        assertArrayEquals(
                expected.data(),
                PictureReader.read(MediaSamples.webp(image), LIMITS).data());
        assertArrayEquals(
                expected.data(),
                PictureReader.read(PngEncoder.encode(expected), LIMITS).data());
        for (byte[] lossy : List.of(
                MediaSamples.file(image, "jpg"), MediaSamples.file(image, "gif"), JpegEncoder.encode(expected, 95))) {
            VideoFrame read = PictureReader.read(lossy, LIMITS);
            assertEquals("RGB24 120x80 @0us", read.toString());
            double psnr = Pictures.psnr(expected, read);
            assertTrue(psnr > 28, psnr + " dB");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void turnsPhotographsUpright(int orientation) {
        VideoFrame upright = frame(image(48, 32));
        VideoFrame stored = stored(upright, orientation);
        byte[] file = withExif(JpegEncoder.encode(stored, 95), orientation);
        VideoFrame read = PictureReader.read(file, LIMITS);
        assertEquals("RGB24 48x32 @0us", read.toString());
        double psnr = Pictures.psnr(upright, read);
        assertTrue(psnr > 28, psnr + " dB");
    }

    @Test
    void putsTransparentPicturesOnWhite() {
        BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_ARGB);
        for (int x = 0; x < 16; x++) {
            for (int y = 0; y < 16; y++) {
                image.setRGB(x, y, x < 8 ? 0x00ff0000 : 0x80000000);
            }
        }
        for (byte[] file : List.of(MediaSamples.file(image, "png"), MediaSamples.webp(image))) {
            byte[] rgb = PictureReader.read(file, LIMITS).data();
            assertArrayEquals(new byte[] {-1, -1, -1, 127, 127, 127}, Arrays.copyOfRange(rgb, 21, 27));
        }
        byte[] gif = MediaSamples.file(image, "gif");
        assertEquals(-1, PictureReader.read(gif, LIMITS).data()[0]);
    }

    @Test
    void readsGreyAndDeepPictures() {
        for (int type : new int[] {
            BufferedImage.TYPE_BYTE_GRAY,
            BufferedImage.TYPE_USHORT_GRAY,
            BufferedImage.TYPE_BYTE_BINARY,
            BufferedImage.TYPE_BYTE_INDEXED
        }) {
            BufferedImage image = new BufferedImage(20, 10, type);
            for (int i = 0; i < 200; i++) {
                image.setRGB(i % 20, i / 20, Color.WHITE.getRGB());
            }
            byte[] rgb =
                    PictureReader.read(MediaSamples.file(image, "png"), LIMITS).data();
            assertEquals(-1, rgb[0], "type " + type);
            assertEquals(-1, rgb[599], "type " + type);
        }
    }

    @Test
    void checksLimitsBeforeItDecodes() {
        BufferedImage wide = image(513, 20);
        BufferedImage high = image(20, 257);
        for (String format : List.of("png", "jpg", "gif")) {
            refuses(MediaRefused.Reason.TOO_LARGE, "513x20", MediaSamples.file(wide, format));
            refuses(MediaRefused.Reason.TOO_LARGE, "20x257", MediaSamples.file(high, format));
        }
        refuses(MediaRefused.Reason.TOO_LARGE, "513x20", MediaSamples.webp(wide));
        refuses(MediaRefused.Reason.TOO_LARGE, "bytes", new byte[(8 << 20) + 1]);
        byte[] huge = PNG_1X1.clone();
        ByteBuffer.wrap(huge).putInt(16, 60_000).putInt(20, 60_000);
        refuses(MediaRefused.Reason.TOO_LARGE, "60000x60000", huge);
        ByteBuffer.wrap(huge).putInt(16, -1);
        refuses(MediaRefused.Reason.DAMAGED, "no size", huge);
    }

    @Test
    void refusesWhatIsNoPicture() {
        refuses(MediaRefused.Reason.DAMAGED, "empty", new byte[0]);
        for (String text :
                List.of("hello", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "#EXTM3U\nfile:///x", "BM")) {
            refuses(MediaRefused.Reason.UNSUPPORTED, "PNG, JPEG", text.getBytes(StandardCharsets.UTF_8));
        }
        refuses(MediaRefused.Reason.DAMAGED, "", Arrays.copyOf(PNG_1X1, 20));
        refuses(MediaRefused.Reason.DAMAGED, "", Arrays.copyOf(PNG_1X1, 34));
        byte[] jpeg = MediaSamples.file(image(20, 20), "jpg");
        refuses(MediaRefused.Reason.DAMAGED, "", Arrays.copyOf(jpeg, 40));
    }

    @Test
    void unpacksNoCompressedTexts() {
        byte[] file = withText(PNG_1X1, 64 << 20);
        assertArrayEquals(Png.reduced(PNG_1X1), Png.reduced(file));
        assertEquals(1, PictureReader.read(file, LIMITS).width());
    }

    @Test
    void refusesPicturesOfCountlessScans() {
        byte[] jpeg = MediaSamples.file(image(64, 64), "jpg");
        int scan = indexOf(jpeg, 0xda);
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        many.write(jpeg, 0, scan);
        for (int i = 0; i < 65; i++) {
            many.write(jpeg, scan, jpeg.length - scan - 2);
        }
        refuses(MediaRefused.Reason.TOO_LARGE, "scans", many.toByteArray());
    }

    private static void refuses(MediaRefused.Reason reason, String words, byte[] file) {
        MediaRefused refused = assertThrows(MediaRefused.class, () -> PictureReader.read(file, LIMITS));
        assertEquals(reason, refused.reason(), refused.getMessage());
        assertTrue(refused.getMessage().contains(words), refused.getMessage());
    }

    private static BufferedImage image(int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                // Each corner has a colour of its own.
                image.setRGB(x, y, (40 + 200 * x / width) << 16 | (40 + 200 * y / height) << 8 | 90);
            }
        }
        return image;
    }

    private static VideoFrame frame(BufferedImage image) {
        byte[] rgb = new byte[PixelFormat.RGB24.bytes(image.getWidth(), image.getHeight())];
        for (int i = 0; i < rgb.length / 3; i++) {
            int pixel = image.getRGB(i % image.getWidth(), i / image.getWidth());
            rgb[3 * i] = (byte) (pixel >> 16);
            rgb[3 * i + 1] = (byte) (pixel >> 8);
            rgb[3 * i + 2] = (byte) pixel;
        }
        return VideoFrame.of(PixelFormat.RGB24, image.getWidth(), image.getHeight(), rgb, 0);
    }

    /** What a camera held in this way stores of the scene, after the table of the EXIF standard (tag 0x0112). */
    private static VideoFrame stored(VideoFrame scene, int orientation) {
        boolean swaps = orientation > 4;
        int width = swaps ? scene.height() : scene.width();
        int height = swaps ? scene.width() : scene.height();
        byte[] rgb = new byte[scene.bytes()];
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                int right = width - 1 - column;
                int bottom = height - 1 - row;
                int x;
                int y;
                switch (orientation) {
                    case 2 -> {
                        x = right;
                        y = row;
                    }
                    case 3 -> {
                        x = right;
                        y = bottom;
                    }
                    case 4 -> {
                        x = column;
                        y = bottom;
                    }
                    case 5 -> {
                        x = row;
                        y = column;
                    }
                    case 6 -> {
                        x = bottom;
                        y = column;
                    }
                    case 7 -> {
                        x = bottom;
                        y = right;
                    }
                    case 8 -> {
                        x = row;
                        y = right;
                    }
                    default -> {
                        x = column;
                        y = row;
                    }
                }
                System.arraycopy(scene.data(), 3 * (y * scene.width() + x), rgb, 3 * (row * width + column), 3);
            }
        }
        return VideoFrame.of(PixelFormat.RGB24, width, height, rgb, 0);
    }

    /** One entry in little endian, as a segment in front of all others. */
    private static byte[] withExif(byte[] jpeg, int orientation) {
        byte[] segment = {
            (byte) 0xff,
            (byte) 0xe1,
            0,
            34,
            'E',
            'x',
            'i',
            'f',
            0,
            0,
            'I',
            'I',
            42,
            0,
            8,
            0,
            0,
            0,
            1,
            0,
            0x12,
            1,
            3,
            0,
            1,
            0,
            0,
            0,
            (byte) orientation,
            0,
            0,
            0,
            0,
            0,
            0,
            0
        };
        return inserted(jpeg, 2, segment);
    }

    /** With a compressed text of zeros behind the header. */
    private static byte[] withText(byte[] png, int zeros) {
        Deflater deflater = new Deflater(9);
        deflater.setInput(new byte[zeros]);
        deflater.finish();
        byte[] packed = new byte[zeros / 500 + 1000];
        int bytes = deflater.deflate(packed);
        deflater.end();
        ByteBuffer chunk = ByteBuffer.allocate(12 + 3 + bytes);
        chunk.putInt(3 + bytes)
                .put("zTXta\0\0".getBytes(StandardCharsets.ISO_8859_1))
                .put(packed, 0, bytes);
        CRC32 check = new CRC32();
        check.update(chunk.array(), 4, 4 + 3 + bytes);
        chunk.putInt((int) check.getValue());
        return inserted(png, 33, chunk.array());
    }

    private static byte[] inserted(byte[] file, int at, byte[] part) {
        byte[] joined = new byte[file.length + part.length];
        System.arraycopy(file, 0, joined, 0, at);
        System.arraycopy(part, 0, joined, at, part.length);
        System.arraycopy(file, at, joined, at + part.length, file.length - at);
        return joined;
    }

    private static int indexOf(byte[] jpeg, int marker) {
        for (int i = 0; i + 1 < jpeg.length; i++) {
            if ((jpeg[i] & 0xff) == 0xff && (jpeg[i + 1] & 0xff) == marker) {
                return i;
            }
        }
        throw new AssertionError("no marker " + marker);
    }
}
