package io.github.tachyscope.diffusion.synthetic;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;

/**
 * Draws I420 pictures from a field and a style with integers and tables only: some nanoseconds a pixel.
 *
 * <p>The field becomes smooth through cubic B-splines; its slope shades the picture like pigment on paper, and lets
 * the camera's outlines wander a little, as a brush does.
 */
final class Painter {
    /** Fields in fixed point: 1.0. */
    private static final int ONE = 512;

    private static final int TAPS = 4;

    /** Weights of four neighbours for 256 places between two cells; each four add up to 256. */
    private static final int[] SPLINE = new int[256 * TAPS];

    /** Farthest that a pixel of the camera wanders, in 1/256 of the picture's width. */
    private static final int WANDER = 3;

    /** Most that the slope of the field brightens or darkens. */
    private static final int MAX_RELIEF = 20;

    static {
        for (int i = 0; i < 256; i++) {
            double t = i / 256.0;
            double u = 1 - t;
            int first = (int) Math.round(256 * u * u * u / 6);
            int last = (int) Math.round(256 * t * t * t / 6);
            int second = (int) Math.round(256 * (3 * t * t * t - 6 * t * t + 4) / 6);
            SPLINE[i * TAPS] = first;
            SPLINE[i * TAPS + 1] = second;
            SPLINE[i * TAPS + 2] = 256 - first - second - last;
            SPLINE[i * TAPS + 3] = last;
        }
    }

    private final int width;
    private final int height;
    private final FramePool pool;

    Painter(int width, int height, FramePool pool) {
        this.width = width;
        this.height = height;
        this.pool = pool;
    }

    /** A field between two others, in fixed point. */
    static int[] fixed(float[] from, float[] to, float t) {
        int[] field = new int[Field.CELLS];
        for (int i = 0; i < field.length; i++) {
            field[i] = Math.round((from[i] + (to[i] - from[i]) * t) * ONE);
        }
        return field;
    }

    /** The pattern alone. */
    VideoFrame paint(int[] field, Style style, long ptsMicros) {
        VideoFrame picture = pool.take(PixelFormat.I420, width, height, ptsMicros);
        byte[] out = picture.data();
        Surface surface = new Surface(field, style.detail);
        int[] indices = new int[width];
        int u = width * height;
        int v = u + width / 2 * (height / 2);
        for (int y = 0; y < height; y++) {
            surface.row(y);
            int row = y * width;
            for (int x = 0; x < width; x++) {
                int index = surface.value[x] * style.frequency / 256 + Style.PALETTE / 4 & Style.PALETTE - 1;
                indices[x] = index;
                out[row + x] = (byte) Math.max(16, Math.min(235, (style.luma[index] & 0xFF) + surface.relief[x]));
            }
            if ((y & 1) == 0) {
                int at = y / 2 * (width / 2);
                for (int x = 0; x < width / 2; x++) {
                    int index = indices[2 * x];
                    out[u + at + x] = style.blue[index];
                    out[v + at + x] = style.red[index];
                }
            }
        }
        return picture;
    }

    /** The camera in the style's colours and outlines, with the pattern mixed in as the noise scale says. */
    VideoFrame restyle(VideoFrame camera, int[] field, Style style, double noiseScale) {
        VideoFrame input = Camera.sample(camera, width, height, pool);
        VideoFrame picture = pool.take(PixelFormat.I420, width, height, camera.ptsMicros());
        byte[] in = input.data();
        byte[] out = picture.data();
        int mix = (int) (16 + 150 * noiseScale);
        int graded = (int) (150 + 100 * noiseScale);
        int coloured = (256 + graded) / 2;
        int wander = (int) (WANDER * width * (0.4 + 1.2 * noiseScale));
        int[] tone = tones(style.levels);
        Surface surface = new Surface(field, style.detail);
        int[] indices = new int[width];
        int u = width * height;
        int v = u + width / 2 * (height / 2);
        for (int y = 0; y < height; y++) {
            surface.row(y);
            int row = y * width;
            for (int x = 0; x < width; x++) {
                int value = surface.value[x];
                int aside = (value * wander >> 17) + x;
                int fromX = Math.max(1, Math.min(width - 2, aside));
                int fromY = Math.max(1, Math.min(height - 2, y + (surface.relief[x] * wander >> 13)));
                int at = fromY * width + fromX;
                int left = in[at - 1] & 0xFF;
                int right = in[at + 1] & 0xFF;
                int above = in[at - width] & 0xFF;
                int below = in[at + width] & 0xFF;
                int here = (left + right + above + below) / 4;
                int wave = value * style.frequency / 256 + Style.PALETTE / 4 & Style.PALETTE - 1;
                int pattern = wave < Style.PALETTE / 2 ? wave : Style.PALETTE - 1 - wave;
                int index = tone[here] * (256 - mix) + pattern * mix >> 8;
                indices[x] = index;
                int edge = Math.abs(left - right) + Math.abs(above - below);
                int ink = Math.min(90, Math.max(0, edge - 14) * style.ink >> 8);
                int luma = (style.luma[index] & 0xFF) * graded + here * (256 - graded) >> 8;
                out[row + x] = (byte) Math.max(16, Math.min(235, luma - ink + surface.relief[x] / 2));
            }
            if ((y & 1) == 0) {
                int at = y / 2 * (width / 2);
                for (int x = 0; x < width / 2; x++) {
                    int index = indices[2 * x];
                    out[u + at + x] = mixed(style.blue[index], in[u + at + x], coloured);
                    out[v + at + x] = mixed(style.red[index], in[v + at + x], coloured);
                }
            }
        }
        input.release();
        return picture;
    }

    private static byte mixed(byte one, byte other, int share) {
        return (byte) ((one & 0xFF) * share + (other & 0xFF) * (256 - share) >> 8);
    }

    /** Brightness to palette index, drawn softly towards a few levels, so that areas look washed in one go. */
    private static int[] tones(int levels) {
        int[] tone = new int[256];
        for (int luma = 0; luma < 256; luma++) {
            double place = luma * levels / 256.0;
            double within = place - Math.floor(place);
            double drawn = Math.floor(place) + within * within * within * (within * (6 * within - 15) + 10);
            double washed = (0.7 * drawn + 0.3 * place) / levels;
            tone[luma] = (int) Math.min(Style.PALETTE / 2 - 1, washed * (Style.PALETTE / 2));
        }
        return tone;
    }

    /** The field enlarged to the picture, plus itself three times as fine; a row at a time from the top. */
    private final class Surface {
        final int[] value = new int[width];
        final int[] relief = new int[width];
        private final int[] before = new int[width];
        private final int[] coarse;
        private final int[] fine;
        private final int detail;

        Surface(int[] field, int detail) {
            this.detail = detail;
            coarse = widened(field, 1);
            fine = widened(field, 3);
        }

        /** Each row of cells at the picture's width. */
        private int[] widened(int[] field, int times) {
            int[] wide = new int[Field.SIZE * width];
            int step = times * (Field.SIZE << 16) / width;
            for (int y = 0; y < Field.SIZE; y++) {
                int row = y * Field.SIZE;
                for (int x = 0, at = 0; x < width; x++, at += step) {
                    int i = (at >>> 16) + Field.SIZE - 1;
                    int w = (at >>> 8 & 255) * TAPS;
                    wide[y * width + x] = field[row + (i & Field.MASK)] * SPLINE[w]
                                    + field[row + (i + 1 & Field.MASK)] * SPLINE[w + 1]
                                    + field[row + (i + 2 & Field.MASK)] * SPLINE[w + 2]
                                    + field[row + (i + 3 & Field.MASK)] * SPLINE[w + 3]
                            >> 8;
                }
            }
            return wide;
        }

        void row(int y) {
            if (y > 0) {
                System.arraycopy(value, 0, before, 0, width);
            }
            lay(coarse, (int) ((long) y * (Field.SIZE << 16) / height), 256, false);
            lay(fine, (int) ((long) y * (3 * Field.SIZE << 16) / height), detail, true);
            if (y == 0) {
                System.arraycopy(value, 0, before, 0, width);
            }
            int steep = width / 24;
            for (int x = 0; x < width; x++) {
                int slope = (value[x] - before[Math.max(0, x - 1)]) * steep >> 5;
                relief[x] = Math.max(-MAX_RELIEF, Math.min(MAX_RELIEF, slope));
            }
        }

        private void lay(int[] wide, int at, int share, boolean add) {
            int i = (at >>> 16) + Field.SIZE - 1;
            int w = (at >>> 8 & 255) * TAPS;
            int a = SPLINE[w] * share;
            int b = SPLINE[w + 1] * share;
            int c = SPLINE[w + 2] * share;
            int d = SPLINE[w + 3] * share;
            int rowA = (i & Field.MASK) * width;
            int rowB = (i + 1 & Field.MASK) * width;
            int rowC = (i + 2 & Field.MASK) * width;
            int rowD = (i + 3 & Field.MASK) * width;
            for (int x = 0; x < width; x++) {
                int laid = wide[rowA + x] * a + wide[rowB + x] * b + wide[rowC + x] * c + wide[rowD + x] * d >> 16;
                value[x] = add ? value[x] + laid : laid;
            }
        }
    }
}
