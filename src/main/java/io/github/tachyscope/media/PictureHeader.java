package io.github.tachyscope.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_GIF;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_PNG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_WEBP;

import java.nio.charset.StandardCharsets;

/**
 * Kind and size of a still picture, told by its first bytes, before any decoder sees it.
 *
 * <pre>
 *   PNG   89 PNG 0D 0A 1A 0A | length IHDR width height
 *   JPEG  FF D8 | segments FF type length ... | frame header FF C0 length bits height width
 *   GIF   GIF89a width height
 *   WebP  RIFF length WEBP | VP8_, VP8L or VP8X length ...
 * </pre>
 *
 * @param codecId FFmpeg's number of the decoder
 */
record PictureHeader(int codecId, int width, int height) {
    /** Honest progressive pictures have some ten; each costs a pass over the whole picture. */
    private static final int MAX_JPEG_SCANS = 64;

    private static final String UNREADABLE = "the picture is cut off or damaged";

    /**
     * @param file the whole picture
     * @throws MediaRefused if it is of another kind, or has no readable header
     */
    static PictureHeader of(byte[] file) {
        try {
            return read(file);
        } catch (IndexOutOfBoundsException cutOff) {
            throw MediaRefused.damaged(UNREADABLE);
        }
    }

    private static PictureHeader read(byte[] file) {
        if (Png.is(file)) {
            return new PictureHeader(AV_CODEC_ID_PNG, (int) big(file, 16, 4), (int) big(file, 20, 4));
        }
        if (starts(file, 0, "GIF87a") || starts(file, 0, "GIF89a")) {
            return new PictureHeader(AV_CODEC_ID_GIF, little(file, 6, 2), little(file, 8, 2));
        }
        if (starts(file, 0, "RIFF") && starts(file, 8, "WEBP")) {
            return webp(file);
        }
        if (file.length > 2 && big(file, 0, 3) == 0xffd8ffL) {
            return jpeg(file);
        }
        throw MediaRefused.unsupported("not a picture that is read here; PNG, JPEG, WebP and GIF are");
    }

    private static PictureHeader webp(byte[] file) {
        if (starts(file, 12, "VP8 ")) {
            return new PictureHeader(AV_CODEC_ID_WEBP, little(file, 26, 2) & 0x3fff, little(file, 28, 2) & 0x3fff);
        }
        if (starts(file, 12, "VP8L")) {
            int sizes = little(file, 21, 4);
            return new PictureHeader(AV_CODEC_ID_WEBP, (sizes & 0x3fff) + 1, (sizes >> 14 & 0x3fff) + 1);
        }
        if (starts(file, 12, "VP8X")) {
            if ((file[20] & 0x02) != 0) {
                throw MediaRefused.unsupported("animated WebP is not read here; GIF, MP4 and WebM are");
            }
            return new PictureHeader(AV_CODEC_ID_WEBP, little(file, 24, 3) + 1, little(file, 27, 3) + 1);
        }
        throw MediaRefused.damaged(UNREADABLE);
    }

    /** Walks through the whole file, because a picture may have a second header, and scans without end. */
    private static PictureHeader jpeg(byte[] file) {
        int width = 0;
        int height = 0;
        int scans = 0;
        int at = 2;
        while (at + 4 <= file.length) {
            int type = file[at + 1] & 0xff;
            boolean marker = (file[at] & 0xff) == 0xff && type >= 0xc0 && type != 0xff && (type < 0xd0 || type > 0xd9);
            if (!marker) {
                // Picture data, whose end nothing announces.
                at++;
                continue;
            }
            boolean frameHeader = type <= 0xcf && type != 0xc4 && type != 0xc8 && type != 0xcc;
            if (frameHeader) {
                height = Math.max(height, (int) big(file, at + 5, 2));
                width = Math.max(width, (int) big(file, at + 7, 2));
            }
            scans += type == 0xda ? 1 : 0;
            if (scans > MAX_JPEG_SCANS) {
                throw MediaRefused.tooLarge("JPEG of more than the " + MAX_JPEG_SCANS + " scans that are allowed");
            }
            at += 2 + (int) big(file, at + 2, 2);
        }
        if (scans == 0) {
            throw MediaRefused.damaged(UNREADABLE);
        }
        return new PictureHeader(AV_CODEC_ID_MJPEG, width, height);
    }

    private static boolean starts(byte[] file, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < bytes.length; i++) {
            if (at + i >= file.length || file[at + i] != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    private static long big(byte[] file, int at, int bytes) {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value = value << 8 | file[at + i] & 0xff;
        }
        return value;
    }

    private static int little(byte[] file, int at, int bytes) {
        int value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << 8 | file[at + i] & 0xff;
        }
        return value;
    }
}
