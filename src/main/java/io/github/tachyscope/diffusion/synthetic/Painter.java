package io.github.tachyscope.diffusion.synthetic;

import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;

/** Draws I420 pictures from a field and a style with integers and tables only: about 2 ns a pixel. */
final class Painter {
    /** Fields in fixed point: 1.0. */
    private static final int ONE = 512;

    private static final int[] EASE = new int[256];

    static {
        for (int i = 0; i < EASE.length; i++) {
            float t = i / 256f;
            EASE[i] = (int) (256 * t * t * (3 - 2 * t));
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
        int[] indices = new int[width];
        int u = width * height;
        int v = u + width / 2 * (height / 2);
        for (int y = 0; y < height; y++) {
            indices(field, style, y, indices);
            int row = y * width;
            for (int x = 0; x < width; x++) {
                out[row + x] = style.luma[indices[x] & Style.PALETTE - 1];
            }
            if ((y & 1) == 0) {
                int at = y / 2 * (width / 2);
                for (int x = 0; x < width / 2; x++) {
                    int index = indices[2 * x] & Style.PALETTE - 1;
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
        int mix = (int) (30 + 200 * noiseScale);
        int graded = (int) (110 + 130 * noiseScale);
        int[] tone = tones(style.levels);
        int[] indices = new int[width];
        int u = width * height;
        int v = u + width / 2 * (height / 2);
        for (int y = 0; y < height; y++) {
            indices(field, style, y, indices);
            int row = y * width;
            int above = y == 0 ? row : row - width;
            int left = in[row] & 0xFF;
            for (int x = 0; x < width; x++) {
                int here = in[row + x] & 0xFF;
                int pattern = indices[x] < Style.PALETTE / 2 ? indices[x] : Style.PALETTE - 1 - indices[x];
                int index = tone[here] * (256 - mix) + pattern * mix >> 8;
                indices[x] = index;
                int edge = Math.abs(here - left) + Math.abs(here - (in[above + x] & 0xFF));
                int ink = Math.max(0, edge - 12) * style.ink >> 8;
                int luma = (style.luma[index] & 0xFF) * graded + here * (256 - graded) >> 8;
                out[row + x] = (byte) Math.max(16, luma - ink);
                left = here;
            }
            if ((y & 1) == 0) {
                int at = y / 2 * (width / 2);
                for (int x = 0; x < width / 2; x++) {
                    int index = indices[2 * x];
                    out[u + at + x] = mixed(style.blue[index], in[u + at + x], graded);
                    out[v + at + x] = mixed(style.red[index], in[v + at + x], graded);
                }
            }
        }
        input.release();
        return picture;
    }

    private static byte mixed(byte one, byte other, int share) {
        return (byte) ((one & 0xFF) * share + (other & 0xFF) * (256 - share) >> 8);
    }

    /** Brightness to palette index, cut softly into levels. */
    private static int[] tones(int levels) {
        int[] tone = new int[256];
        for (int luma = 0; luma < 256; luma++) {
            int cut = (luma * levels / 256 * 256 + 128) / levels;
            tone[luma] = Math.min(Style.PALETTE / 2 - 1, (luma + 3 * cut));
        }
        return tone;
    }

    /** Palette indices of a row: the field enlarged smoothly, plus itself three times as fine. */
    private void indices(int[] field, Style style, int y, int[] indices) {
        int[] coarse = row(field, (int) ((long) y * (Field.SIZE << 16) / height));
        int[] fine = row(field, (int) ((long) y * (3 * Field.SIZE << 16) / height));
        int step = (Field.SIZE << 16) / width;
        int at = 0;
        int fineAt = 0;
        int frequency = style.frequency;
        int detail = style.detail;
        for (int x = 0; x < width; x++) {
            int i = at >>> 16 & Field.MASK;
            int value = coarse[i] + ((coarse[i + 1] - coarse[i]) * EASE[at >>> 8 & 255] >> 8);
            int j = fineAt >>> 16 & Field.MASK;
            int more = fine[j] + ((fine[j + 1] - fine[j]) * EASE[fineAt >>> 8 & 255] >> 8);
            indices[x] = (value + (more * detail >> 8)) * frequency / 256 + Style.PALETTE / 4 & Style.PALETTE - 1;
            at += step;
            fineAt += 3 * step;
        }
    }

    private static int[] row(int[] field, int at) {
        int top = (at >>> 16 & Field.MASK) * Field.SIZE;
        int bottom = ((at >>> 16) + 1 & Field.MASK) * Field.SIZE;
        int ease = EASE[at >>> 8 & 255];
        int[] row = new int[Field.SIZE + 1];
        for (int x = 0; x < Field.SIZE; x++) {
            row[x] = field[top + x] + ((field[bottom + x] - field[top + x]) * ease >> 8);
        }
        row[Field.SIZE] = row[0];
        return row;
    }
}
