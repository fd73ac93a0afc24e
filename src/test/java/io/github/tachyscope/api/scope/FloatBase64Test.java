package io.github.tachyscope.api.scope;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FloatBase64Test {
    @Test
    void piecesJoinToTheTextOfTheWhole() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[random.nextInt(400)];
            random.nextBytes(bytes);
            FloatBase64 text = new FloatBase64();
            ByteArrayOutputStream joined = new ByteArrayOutputStream();
            for (int at = 0; at < bytes.length; ) {
                int next = Math.min(bytes.length, at + random.nextInt(17));
                joined.writeBytes(text.add(Arrays.copyOfRange(bytes, at, next)));
                at = next;
            }
            joined.writeBytes(text.end());
            assertEquals(naive(bytes), joined.toString(StandardCharsets.US_ASCII), "seed " + seed);
        }
    }

    private static String naive(byte[] bytes) {
        ByteBuffer floats = ByteBuffer.allocate(4 * bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        for (byte value : bytes) {
            floats.putFloat((value & 0xFF) / 255f);
        }
        return Base64.getEncoder().encodeToString(floats.array());
    }
}
