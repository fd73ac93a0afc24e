package io.github.tachyscope.diffusion.tiny.scene;

/** Functions of one number that give the same bits on every machine and cost little enough for every pixel. */
final class Curve {
    static final float PI = 3.1415927f;
    private static final int STEPS = 4096;
    private static final float[] SINE = new float[STEPS + 1];

    static {
        for (int i = 0; i <= STEPS; i++) {
            SINE[i] = (float) StrictMath.sin(2 * StrictMath.PI * i / STEPS);
        }
    }

    private Curve() {}

    static float sin(float radians) {
        float turns = radians * (1 / (2 * PI));
        turns -= floor(turns);
        float at = turns * STEPS;
        int index = Math.min((int) at, STEPS - 1);
        return SINE[index] + (at - index) * (SINE[index + 1] - SINE[index]);
    }

    static float cos(float radians) {
        return sin(radians + PI / 2);
    }

    static int floor(float value) {
        int whole = (int) value;
        return value < whole ? whole - 1 : whole;
    }

    static float clamp(float value) {
        return value < 0 ? 0 : value > 1 ? 1 : value;
    }

    static float mix(float a, float b, float share) {
        return a + (b - a) * share;
    }

    /** 0 below {@code low}, 1 above {@code high}, without a corner between. */
    static float step(float low, float high, float value) {
        float t = clamp((value - low) / (high - low));
        return t * t * (3 - 2 * t);
    }

    static float root(float value) {
        return (float) Math.sqrt(value);
    }

    static float power(float base, float exponent) {
        return (float) StrictMath.pow(base, exponent);
    }

    /** A number from 0 to 1 that looks random for each point of a grid. */
    static float hash(int x, int y, int salt) {
        int h = x * 0x27D4EB2D ^ y * 0x165667B1 ^ salt * 0x9E3779B1;
        h = (h ^ h >>> 15) * 0x85EBCA6B;
        h = (h ^ h >>> 13) * 0xC2B2AE35;
        return (h >>> 8 ^ h & 0xFFFF) * 0x1p-24f;
    }
}
