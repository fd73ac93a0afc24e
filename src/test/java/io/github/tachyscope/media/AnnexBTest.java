package io.github.tachyscope.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AnnexBTest {
    @Test
    void findsParameterSetsBehindShortAndLongStartCodes() {
        byte[] unit = {
            0, 0, 1, 9, 16, 0, 0, 1, 0x67, 0x42, (byte) 0xc0, 0x1f, 5, 0, 0, 0, 1, 0x68, 7, 0, 0, 0, 1, 0x65, 1, 2, 3
        };
        byte[] expected = {0, 0, 0, 1, 0x67, 0x42, (byte) 0xc0, 0x1f, 5, 0, 0, 0, 1, 0x68, 7};
        byte[] sets = AnnexB.parameterSets(unit).orElseThrow();
        assertArrayEquals(expected, sets);
        assertEquals("avc1.42C01F", AnnexB.codecs(sets));
    }

    @Test
    void findsNothingWhereOneIsMissing() {
        assertTrue(AnnexB.parameterSets(new byte[0]).isEmpty());
        assertTrue(
                AnnexB.parameterSets(new byte[] {0, 0, 1, 0x67, 0x42, 0, 1, 1}).isEmpty());
        assertTrue(AnnexB.parameterSets(new byte[] {0, 0, 1, 0x68, 1, 0, 0, 1}).isEmpty());
        byte[] endless = new byte[10_000];
        java.util.Arrays.fill(endless, (byte) 3);
        System.arraycopy(new byte[] {0, 0, 1, 0x68, 1, 0, 0, 1, 0x67}, 0, endless, 0, 9);
        assertTrue(AnnexB.parameterSets(endless).isEmpty());
    }

    @Test
    void readsAnyBytesWithoutAnError() {
        long seed = 99;
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] data = new byte[random.nextInt(40)];
            for (int k = 0; k < data.length; k++) {
                data[k] = (byte) new int[] {0, 0, 1, 0x67, 0x68, random.nextInt(256)}[random.nextInt(6)];
            }
            AnnexB.parameterSets(data)
                    .ifPresent(sets -> assertTrue(AnnexB.codecs(sets).length() == 11));
        }
    }
}
