package io.github.tachyscope.media;

import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;

/** Synthetic moving pictures and the measure of how much of them survived a codec. */
final class Pictures {
    private Pictures() {}

    /** Smooth gradients with a bright square that moves with {@code index}. */
    static VideoFrame i420(int width, int height, int index, long ptsMicros) {
        byte[] data = new byte[PixelFormat.I420.bytes(width, height)];
        int chromaWidth = (width + 1) / 2;
        int chromaHeight = (height + 1) / 2;
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                boolean square = (x - 2 * index & 63) < 16 && (y - index & 63) < 16;
                data[at++] = (byte) (square ? 220 : 40 + 120 * x / width + 40 * y / height);
            }
        }
        for (int plane = 0; plane < 2; plane++) {
            for (int y = 0; y < chromaHeight; y++) {
                for (int x = 0; x < chromaWidth; x++) {
                    data[at++] = (byte) (plane == 0 ? 80 + 90 * x / chromaWidth : 80 + 90 * y / chromaHeight);
                }
            }
        }
        return VideoFrame.of(PixelFormat.I420, width, height, data, ptsMicros);
    }

    /** The same in RGB24, with colours that tell the matrices apart. */
    static VideoFrame rgb24(int width, int height, int index, long ptsMicros) {
        byte[] data = new byte[PixelFormat.RGB24.bytes(width, height)];
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                boolean square = (x - 2 * index & 63) < 16 && (y - index & 63) < 16;
                data[at++] = (byte) (square ? 230 : 60 + 140 * x / width);
                data[at++] = (byte) (square ? 40 : 60 + 140 * y / height);
                data[at++] = (byte) (square ? 40 : 180 - 140 * x / width);
            }
        }
        return VideoFrame.of(PixelFormat.RGB24, width, height, data, ptsMicros);
    }

    /** Peak signal to noise ratio in dB over all bytes; both of one format and size. */
    static double psnr(VideoFrame expected, VideoFrame actual) {
        long squares = 0;
        int bytes = expected.bytes();
        for (int i = 0; i < bytes; i++) {
            int error = (expected.data()[i] & 0xff) - (actual.data()[i] & 0xff);
            squares += (long) error * error;
        }
        return squares == 0 ? 99 : 10 * Math.log10(255.0 * 255.0 * bytes / squares);
    }
}
