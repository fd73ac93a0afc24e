package io.github.tachyscope.media;

import java.nio.ByteBuffer;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** Copies pictures between packed heap arrays and the padded rows of a native frame, plane by plane. */
final class Planes {
    private Planes() {}

    /** One interleaved plane, native to heap. */
    static void readPacked(AVFrame from, int width, int height, int bytesPerPixel, byte[] to) {
        readPlane(from, 0, width * bytesPerPixel, height, to, 0);
    }

    /** One interleaved plane, heap to native. */
    static void writePacked(byte[] from, int width, int height, int bytesPerPixel, AVFrame to) {
        writePlane(from, 0, width * bytesPerPixel, height, to, 0);
    }

    /** I420, native to heap. */
    static void read(AVFrame from, int width, int height, byte[] to) {
        int chromaWidth = (width + 1) / 2;
        int chromaHeight = (height + 1) / 2;
        int at = readPlane(from, 0, width, height, to, 0);
        at = readPlane(from, 1, chromaWidth, chromaHeight, to, at);
        readPlane(from, 2, chromaWidth, chromaHeight, to, at);
    }

    /**
     * I420, heap to native. An odd width or height is padded to even by repeating the last column and row; chroma of an odd
     * picture has the size of the even one already.
     */
    static void write(byte[] from, int width, int height, AVFrame to) {
        int chromaWidth = (width + 1) / 2;
        int chromaHeight = (height + 1) / 2;
        int at = writePlane(from, 0, width, height, to, 0);
        padLuma(from, width, height, to);
        at = writePlane(from, at, chromaWidth, chromaHeight, to, 1);
        writePlane(from, at, chromaWidth, chromaHeight, to, 2);
    }

    private static int readPlane(AVFrame from, int plane, int width, int height, byte[] to, int at) {
        int stride = from.linesize(plane);
        ByteBuffer rows = rows(from, plane, stride, width, height);
        if (stride == width) {
            rows.get(0, to, at, width * height);
        } else {
            for (int y = 0; y < height; y++) {
                rows.get(y * stride, to, at + y * width, width);
            }
        }
        return at + width * height;
    }

    private static int writePlane(byte[] from, int at, int width, int height, AVFrame to, int plane) {
        int stride = to.linesize(plane);
        ByteBuffer rows = rows(to, plane, stride, width, height);
        if (stride == width) {
            rows.put(0, from, at, width * height);
        } else {
            for (int y = 0; y < height; y++) {
                rows.put(y * stride, from, at + y * width, width);
            }
        }
        return at + width * height;
    }

    private static void padLuma(byte[] from, int width, int height, AVFrame to) {
        boolean oddWidth = width % 2 != 0;
        boolean oddHeight = height % 2 != 0;
        if (!oddWidth && !oddHeight) {
            return;
        }
        int stride = to.linesize(0);
        int evenWidth = width + width % 2;
        ByteBuffer rows = rows(to, 0, stride, evenWidth, height + height % 2);
        for (int y = 0; oddWidth && y < height; y++) {
            rows.put(y * stride + width, from[y * width + width - 1]);
        }
        if (oddHeight) {
            rows.put(height * stride, rows, (height - 1) * stride, evenWidth);
        }
    }

    private static ByteBuffer rows(AVFrame frame, int plane, int stride, int width, int height) {
        // The last row may end before its padding does.
        return frame.data(plane).capacity((long) stride * (height - 1) + width).asByteBuffer();
    }
}
