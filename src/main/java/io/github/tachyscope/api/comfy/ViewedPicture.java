package io.github.tachyscope.api.comfy;

import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.InputLimits;
import io.github.tachyscope.media.JpegEncoder;
import io.github.tachyscope.media.PictureReader;
import io.github.tachyscope.media.PngEncoder;
import io.github.tachyscope.media.Thumbnail;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;

/** A picture file as another one. All methods block, and throw {@code MediaRefused} for what is no picture. */
final class ViewedPicture {
    private ViewedPicture() {}

    /** A picture that is smaller to send. */
    record Preview(boolean jpeg, int quality) {
        private static final int USUAL = 90;

        /** {@code format[;quality]}; what is no known format is WebP, what is no quality the usual one. */
        static Preview parse(String text) {
            String[] parts = text.split(";", 2);
            int quality = parts.length == 2 && parts[1].matches("[0-9]{1,3}") ? Integer.parseInt(parts[1]) : USUAL;
            return new Preview(parts[0].equals("jpeg"), Math.max(1, Math.min(100, quality)));
        }

        String mediaType() {
            return jpeg ? "image/jpeg" : "image/webp";
        }
    }

    static byte[] preview(Path file, Preview wanted, InputLimits limits) throws IOException {
        VideoFrame frame = PictureReader.read(Files.readAllBytes(file), limits);
        try {
            if (wanted.jpeg()) {
                return JpegEncoder.encode(frame, wanted.quality());
            }
            return AnimatedPreview.webp(List.of(frame), 1, wanted.quality());
        } finally {
            frame.release();
        }
    }

    /** Without transparency. */
    static byte[] colours(Path file, InputLimits limits) throws IOException {
        VideoFrame frame = PictureReader.read(Files.readAllBytes(file), limits);
        try {
            return PngEncoder.encode(Thumbnail.of(frame, frame.width(), frame.height()));
        } finally {
            frame.release();
        }
    }

    /** Its transparency alone, black where nothing is to be seen; white for a picture that has none. */
    static byte[] alpha(Path file, InputLimits limits) throws IOException {
        byte[] content = Files.readAllBytes(file);
        // Whether it is a picture, and not larger than pictures may be.
        VideoFrame frame = PictureReader.read(content, limits);
        int width = frame.width();
        int height = frame.height();
        frame.release();
        Optional<BufferedImage> source = Optional.ofNullable(ImageIO.read(new ByteArrayInputStream(content)))
                .filter(image -> image.getColorModel().hasAlpha());
        BufferedImage alpha = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int value = source.isPresent() ? source.get().getRGB(x, y) >>> 24 : 0xff;
                alpha.getRaster().setSample(x, y, 0, value);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(alpha, "png", out);
        return out.toByteArray();
    }
}
