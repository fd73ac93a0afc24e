package io.github.tachyscope.diffusion.tiny.scene;

import java.util.SplittableRandom;

/** The random numbers of one scene. Only whole 64-bit numbers are taken from the library, so releases cannot differ. */
final class Dice {
    private final SplittableRandom random;

    Dice(long seed) {
        random = new SplittableRandom(seed);
    }

    /** From 0 to just below 1. */
    float unit() {
        return (random.nextLong() >>> 40) * 0x1p-24f;
    }

    float between(float low, float high) {
        return low + unit() * (high - low);
    }

    /** Around 0, from {@code -reach} to {@code reach}. */
    float around(float reach) {
        return between(-reach, reach);
    }

    /** From 0 to {@code bound - 1}. */
    int below(int bound) {
        return (int) ((random.nextLong() >>> 33) * bound >>> 31);
    }

    int from(int low, int high) {
        return low + below(high - low + 1);
    }

    boolean chance(float probability) {
        return unit() < probability;
    }

    int sign() {
        return chance(0.5f) ? 1 : -1;
    }

    /** Nearly normal with unit variance: the sum of four numbers of 16 bits. */
    float normal() {
        long bits = random.nextLong();
        long sum = (bits & 0xFFFF) + (bits >>> 16 & 0xFFFF) + (bits >>> 32 & 0xFFFF) + (bits >>> 48);
        return (sum * 0x1p-16f - 2) * 1.7320508f;
    }

    /** Sizes of which there are the more the smaller they are, as the inverse cube. */
    float size(float smallest, float largest) {
        float a = 1 / (smallest * smallest);
        float b = 1 / (largest * largest);
        return 1 / (float) Math.sqrt(a + unit() * (b - a));
    }

    String pick(String... choices) {
        return choices[below(choices.length)];
    }
}
