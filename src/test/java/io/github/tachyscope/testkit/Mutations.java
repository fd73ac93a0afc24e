package io.github.tachyscope.testkit;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** Seeded damage to valid input, for fuzz tests: flips, cuts, repeats, swaps and splices. */
public final class Mutations {
    private final Random random;

    public Mutations(long seed) {
        random = new Random(seed);
    }

    /** One of the samples, damaged in one to six places. */
    public byte[] damaged(List<byte[]> samples) {
        byte[] bytes = samples.get(random.nextInt(samples.size())).clone();
        int times = 1 + random.nextInt(6);
        for (int i = 0; i < times; i++) {
            bytes = once(bytes, samples);
        }
        return bytes;
    }

    /** The same for text; every byte is one character. */
    public String damagedText(List<String> samples) {
        List<byte[]> bytes = samples.stream()
                .map(sample -> sample.getBytes(StandardCharsets.ISO_8859_1))
                .toList();
        return new String(damaged(bytes), StandardCharsets.ISO_8859_1);
    }

    private byte[] once(byte[] bytes, List<byte[]> samples) {
        if (bytes.length == 0) {
            return new byte[] {(byte) random.nextInt()};
        }
        int at = random.nextInt(bytes.length);
        int length = Math.min(1 + random.nextInt(40), bytes.length - at);
        switch (random.nextInt(6)) {
            case 0 -> bytes[at] = (byte) random.nextInt();
            case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 2 -> {
                return splice(bytes, 0, at, bytes, at + length, bytes.length - at - length);
            }
            case 3 -> {
                return splice(bytes, 0, at + length, bytes, at, bytes.length - at);
            }
            case 4 -> {
                byte[] other = samples.get(random.nextInt(samples.size()));
                int from = random.nextInt(other.length + 1);
                return splice(bytes, 0, at, other, from, other.length - from);
            }
            default -> {
                return splice(bytes, 0, at, bytes, 0, 0);
            }
        }
        return bytes;
    }

    private static byte[] splice(byte[] head, int from, int length, byte[] tail, int tailFrom, int tailLength) {
        byte[] result = new byte[length + tailLength];
        System.arraycopy(head, from, result, 0, length);
        System.arraycopy(tail, tailFrom, result, length, tailLength);
        return result;
    }
}
