package io.github.tachyscope.diffusion.tiny.scene;

/**
 * Fractal value noise, 0 to 1 around 0.5: five octaves, each twice as fine and 0.55 times as strong as the one before.
 *
 * <p>All scenes look up the same few endless tiles, each at its own place, turn and size, which costs one bilinear
 * sample for a pixel instead of five.
 */
final class Noise {
    private static final int SIZE = 512;
    private static final int MASK = SIZE - 1;
    private static final int COARSEST = 64;
    private static final float[][] TILES = {tile(1), tile(2), tile(3), tile(4)};

    private final float[] tile;
    private final float offsetX;
    private final float offsetY;
    private final float a;
    private final float b;
    private final float c;
    private final float d;

    /** Noise whose largest bumps are {@code bump} units wide. */
    Noise(Dice dice, float bump) {
        this(dice, bump, bump);
    }

    /** Noise whose bumps are wider than high, or the other way around. */
    Noise(Dice dice, float bumpX, float bumpY) {
        this.tile = TILES[dice.below(TILES.length)];
        this.offsetX = dice.between(0, SIZE);
        this.offsetY = dice.between(0, SIZE);
        float turn = bumpX == bumpY ? dice.between(0, 6.28f) : 0;
        this.a = COARSEST / bumpX * Curve.cos(turn);
        this.b = -COARSEST / bumpY * Curve.sin(turn);
        this.c = COARSEST / bumpX * Curve.sin(turn);
        this.d = COARSEST / bumpY * Curve.cos(turn);
    }

    float at(float x, float y) {
        float u = offsetX + a * x + b * y;
        float v = offsetY + c * x + d * y;
        int column = Curve.floor(u);
        int row = Curve.floor(v);
        float fx = u - column;
        float fy = v - row;
        int left = column & MASK;
        int right = column + 1 & MASK;
        int top = (row & MASK) * SIZE;
        int bottom = (row + 1 & MASK) * SIZE;
        float high = tile[top + left] + fx * (tile[top + right] - tile[top + left]);
        float low = tile[bottom + left] + fx * (tile[bottom + right] - tile[bottom + left]);
        return high + fy * (low - high);
    }

    private static float[] tile(int salt) {
        float[] tile = new float[SIZE * SIZE];
        float gain = 1;
        float total = 0;
        for (int octave = 0; octave < 5; octave++) {
            total += gain * gain;
            gain *= 0.55f;
        }
        gain = 1 / Curve.root(total);
        for (int octave = 0; octave < 5; octave++) {
            add(tile, COARSEST >> octave, gain, salt * 16 + octave);
            gain *= 0.55f;
        }
        for (int i = 0; i < tile.length; i++) {
            tile[i] = Curve.clamp(0.5f + 0.9f * tile[i]);
        }
        return tile;
    }

    private static void add(float[] tile, int cell, float gain, int salt) {
        int cells = SIZE / cell;
        for (int y = 0; y < SIZE; y++) {
            int row = y / cell;
            float fy = Curve.step(0, cell, y % cell);
            for (int x = 0; x < SIZE; x++) {
                int column = x / cell;
                float fx = Curve.step(0, cell, x % cell);
                int right = (column + 1) % cells;
                int below = (row + 1) % cells;
                float high = Curve.mix(Curve.hash(column, row, salt), Curve.hash(right, row, salt), fx);
                float low = Curve.mix(Curve.hash(column, below, salt), Curve.hash(right, below, salt), fx);
                tile[y * SIZE + x] += gain * (Curve.mix(high, low, fy) - 0.5f);
            }
        }
    }
}
