package io.github.tachyscope.rtc.rtp;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Makes hostile variants of good samples: changed, cut, extended and joined bytes. */
public final class Mutator {
    private final SplittableRandom random;
    private final List<byte[]> samples;

    public Mutator(long seed, List<byte[]> samples) {
        this.random = new SplittableRandom(seed);
        this.samples = List.copyOf(samples);
    }

    public byte[] next() {
        byte[] bytes = samples.get(random.nextInt(samples.size())).clone();
        if (random.nextInt(3) == 0) {
            bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 8));
        }
        if (random.nextInt(4) == 0) {
            byte[] other = samples.get(random.nextInt(samples.size()));
            int at = random.nextInt(bytes.length + 1);
            byte[] joined = Arrays.copyOf(bytes, at + other.length);
            System.arraycopy(other, 0, joined, at, other.length);
            bytes = joined;
        }
        for (int changes = random.nextInt(6); changes > 0 && bytes.length > 0; changes--) {
            byte[] extremes = {0, 1, -1, 127, -128, (byte) random.nextInt(256)};
            bytes[random.nextInt(bytes.length)] = extremes[random.nextInt(extremes.length)];
        }
        return bytes;
    }
}
