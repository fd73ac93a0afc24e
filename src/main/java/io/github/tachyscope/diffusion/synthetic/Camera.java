package io.github.tachyscope.diffusion.synthetic;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import java.util.List;

/** Reads input frames of any size and format. */
final class Camera {
    /** Frames whose motion counts. */
    private static final int MOTION_FRAMES = 3;

    private Camera() {}

    static Computed.Image encode(List<VideoFrame> frames) {
        double motion = 0;
        int first = Math.max(0, frames.size() - 1 - MOTION_FRAMES);
        float[] previous = brightness(frames.get(first));
        for (VideoFrame frame : frames.subList(first + 1, frames.size())) {
            float[] present = brightness(frame);
            double square = 0;
            for (int i = 0; i < present.length; i++) {
                double difference = present[i] - previous[i];
                square += difference * difference;
            }
            motion = Math.max(motion, Math.sqrt(square / present.length));
            previous = present;
        }
        return new Computed.Image(previous, motion);
    }

    private static float[] brightness(VideoFrame frame) {
        float[] field = new float[Field.CELLS];
        byte[] data = frame.data();
        for (int y = 0; y < Field.SIZE; y++) {
            int row = y * frame.height() / Field.SIZE * frame.width();
            for (int x = 0; x < Field.SIZE; x++) {
                int pixel = row + x * frame.width() / Field.SIZE;
                int luma = frame.format() == PixelFormat.I420 ? data[pixel] & 0xFF : luma(data, pixel * 3);
                field[y * Field.SIZE + x] = luma / 127.5f - 1;
            }
        }
        return field;
    }

    /** The frame as I420 of this size, nearest pixels; the caller releases it. */
    static VideoFrame sample(VideoFrame frame, int width, int height, FramePool pool) {
        if (frame.format() == PixelFormat.I420 && frame.width() == width && frame.height() == height) {
            return frame.retain();
        }
        VideoFrame sampled = pool.take(PixelFormat.I420, width, height, frame.ptsMicros());
        boolean rgb = frame.format() == PixelFormat.RGB24;
        byte[] in = frame.data();
        byte[] out = sampled.data();
        int[] column = new int[width];
        for (int x = 0; x < width; x++) {
            column[x] = x * frame.width() / width;
        }
        for (int y = 0; y < height; y++) {
            int row = y * frame.height() / height * frame.width();
            for (int x = 0; x < width; x++) {
                int pixel = row + column[x];
                out[y * width + x] = rgb ? (byte) luma(in, pixel * 3) : in[pixel];
            }
        }
        chroma(frame, in, out, width, height, column);
        return sampled;
    }

    private static void chroma(VideoFrame frame, byte[] in, byte[] out, int width, int height, int[] column) {
        boolean rgb = frame.format() == PixelFormat.RGB24;
        int half = width / 2;
        int inHalf = (frame.width() + 1) / 2;
        int inPlane = inHalf * ((frame.height() + 1) / 2);
        int inU = frame.width() * frame.height();
        int u = width * height;
        int v = u + half * (height / 2);
        for (int y = 0; y < height / 2; y++) {
            int inY = 2 * y * frame.height() / height;
            for (int x = 0; x < half; x++) {
                int inX = column[2 * x];
                int at = y * half + x;
                if (rgb) {
                    int pixel = (inY * frame.width() + inX) * 3;
                    out[u + at] = (byte) blueness(in, pixel);
                    out[v + at] = (byte) redness(in, pixel);
                } else {
                    int pixel = inU + inY / 2 * inHalf + inX / 2;
                    out[u + at] = in[pixel];
                    out[v + at] = in[pixel + inPlane];
                }
            }
        }
    }

    private static int luma(byte[] rgb, int at) {
        return (66 * (rgb[at] & 0xFF) + 129 * (rgb[at + 1] & 0xFF) + 25 * (rgb[at + 2] & 0xFF) + 128 >> 8) + 16;
    }

    private static int blueness(byte[] rgb, int at) {
        return (-38 * (rgb[at] & 0xFF) - 74 * (rgb[at + 1] & 0xFF) + 112 * (rgb[at + 2] & 0xFF) + 128 >> 8) + 128;
    }

    private static int redness(byte[] rgb, int at) {
        return (112 * (rgb[at] & 0xFF) - 94 * (rgb[at + 1] & 0xFF) - 18 * (rgb[at + 2] & 0xFF) + 128 >> 8) + 128;
    }
}
