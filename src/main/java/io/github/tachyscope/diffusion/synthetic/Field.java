package io.github.tachyscope.diffusion.synthetic;

import java.util.SplittableRandom;

/** Smooth pseudo-random fields on a torus of {@link #SIZE} x {@link #SIZE} cells, the latents of this pipeline. */
final class Field {
    /** A power of two, so that wrapping is a mask. */
    static final int SIZE = 64;

    static final int MASK = SIZE - 1;
    static final int CELLS = SIZE * SIZE;

    private Field() {}

    /** White noise, -1 to 1. */
    static float[] noise(long seed) {
        SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + 1);
        float[] field = new float[CELLS];
        for (int i = 0; i < CELLS; i++) {
            field[i] = (float) (random.nextDouble() * 2 - 1);
        }
        return field;
    }

    /** A sum of lattice noises that starts at {@code coarsest} bumps across, about -1 to 1. */
    static float[] smooth(long seed, int coarsest) {
        float[] field = new float[CELLS];
        float weight = 1;
        int octave = 0;
        for (int period = coarsest; period <= SIZE / 2 && octave < 3; period *= 2) {
            addLattice(field, seed * 31 + octave, period, weight);
            weight *= 0.45f;
            octave++;
        }
        return field;
    }

    /** The mean of each cell and its eight neighbours. */
    static float[] soften(float[] field) {
        float[] soft = new float[CELLS];
        for (int y = 0; y < SIZE; y++) {
            for (int x = 0; x < SIZE; x++) {
                float sum = 0;
                for (int near = 0; near < 9; near++) {
                    sum += field[(y + near / 3 - 1 & MASK) * SIZE + (x + near % 3 - 1 & MASK)];
                }
                soft[y * SIZE + x] = sum / 9;
            }
        }
        return soft;
    }

    private static void addLattice(float[] field, long seed, int period, float weight) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] lattice = new float[period * period];
        for (int i = 0; i < lattice.length; i++) {
            lattice[i] = (float) (random.nextDouble() * 2 - 1);
        }
        int cell = SIZE / period;
        for (int y = 0; y < SIZE; y++) {
            int top = y / cell * period;
            int bottom = (y / cell + 1) % period * period;
            float fy = ease((float) (y % cell) / cell);
            for (int x = 0; x < SIZE; x++) {
                int left = x / cell;
                int right = (left + 1) % period;
                float fx = ease((float) (x % cell) / cell);
                float above = lattice[top + left] + (lattice[top + right] - lattice[top + left]) * fx;
                float below = lattice[bottom + left] + (lattice[bottom + right] - lattice[bottom + left]) * fx;
                field[y * SIZE + x] += weight * (above + (below - above) * fy);
            }
        }
    }

    private static float ease(float t) {
        return t * t * (3 - 2 * t);
    }
}
