package io.github.tachyscope.api.scope;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.testkit.Mutations;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateBodyTest {
    @TempDir
    Path folder;

    @Test
    void arraysGoToFilesAndTheRestBecomesATree() throws Exception {
        byte[] pixels = new byte[2 * 4 * 2 * 3];
        new Random(1).nextBytes(pixels);
        String encoded = Base64.getEncoder().encodeToString(pixels);
        String json = "{\"prompt\":\"a harbour\",\"input_video\":{\"shape\":[2,4,2,3],\"base64\":\"" + encoded
                + "\",\"dtype\":[\"ignored\"]},\"seed\":[1,2],\"vace_masks\":null}";
        try (GenerateBody body = read(json)) {
            assertEquals("a harbour", body.fields().path("prompt").asText());
            assertEquals(2, body.fields().path("seed").size());
            assertEquals(1, body.arrays().size());
            EncodedArray video = body.arrays().get("input_video");
            assertEquals(List.of(2L, 4L, 2L, 3L), video.shape());
            assertArrayEquals(pixels, Files.readAllBytes(video.file()));
        }
        assertEquals(List.of(), left());
    }

    @Test
    void base64WithoutPaddingIsTaken() throws Exception {
        try (GenerateBody body = read("{\"input_video\":{\"base64\":\"AQIDBA\",\"shape\":[4]}}")) {
            assertArrayEquals(
                    new byte[] {1, 2, 3, 4},
                    Files.readAllBytes(body.arrays().get("input_video").file()));
        }
    }

    @Test
    void refusesWhatDoesNotFitAndLeavesNothingBehind() throws Exception {
        for (String wrong : List.of(
                "",
                "[]",
                "7",
                "{\"a\":1",
                "{\"a\":1}{}",
                "{\"input_video\":\"AAAA\"}",
                "{\"input_video\":{\"base64\":\"AAAA\"}}",
                "{\"input_video\":{\"shape\":[3]}}",
                "{\"input_video\":{\"base64\":\"AAAA\",\"shape\":[4]}}",
                "{\"input_video\":{\"base64\":\"AAAA\",\"shape\":[-3,-1]}}",
                "{\"input_video\":{\"base64\":\"AAAA\",\"shape\":[3.5]}}",
                "{\"input_video\":{\"base64\":\"AAAA\",\"shape\":[9223372036854775807,9223372036854775807]}}",
                "{\"input_video\":{\"base64\":\"AA!A\",\"shape\":[3]}}",
                "{\"vace_frames\":{\"base64\":\"AAAA\",\"shape\":[3]}}",
                "{\"input_video\":{\"base64\":\"AAAA\",\"shape\":[3]},\"input_video\":{\"base64\":\"AAAA\",\"shape\":[3]}}",
                "{\"input_video\":{\"base64\":\"AAAA\",\"shape\":[1,1,1,1,1,1,1,1,3]}}")) {
            assertThrows(Refused.class, () -> read(wrong), wrong);
            assertEquals(List.of(), left(), wrong);
        }
    }

    @Test
    void aLongTextOutsideOfAnArrayIsRefused() throws Exception {
        assertThrows(Refused.class, () -> read("{\"prompt\":\"" + "x".repeat(2 << 20) + "\"}"));
        assertThrows(Refused.class, () -> read("{\"seed\":[" + "1,".repeat(600_000) + "1]}"));
    }

    @Test
    void aLargeArrayTakesNoHeap() throws Exception {
        long bytes = 192L << 20;
        // Four thirds of that arrive as text, made on the way.
        byte[] prefix = "{\"input_video\":{\"base64\":\"".getBytes(StandardCharsets.US_ASCII);
        byte[] suffix = ("\",\"shape\":[" + bytes + "]}}").getBytes(StandardCharsets.US_ASCII);
        long[] position = {0};
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                long text = bytes / 3 * 4;
                long at = position[0];
                if (at >= prefix.length + text + suffix.length) {
                    return -1;
                }
                int count;
                if (at < prefix.length) {
                    count = (int) Math.min(length, prefix.length - at);
                    System.arraycopy(prefix, (int) at, into, offset, count);
                } else if (at < prefix.length + text) {
                    count = (int) Math.min(length, prefix.length + text - at);
                    Arrays.fill(into, offset, offset + count, (byte) 'A');
                } else {
                    int from = (int) (at - prefix.length - text);
                    count = Math.min(length, suffix.length - from);
                    System.arraycopy(suffix, from, into, offset, count);
                }
                position[0] += count;
                return count;
            }
        };
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = thread.getCurrentThreadAllocatedBytes();
        try (GenerateBody body = GenerateBody.read(endless, folder)) {
            assertEquals(bytes, Files.size(body.arrays().get("input_video").file()));
        }
        long allocated = thread.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < bytes / 8, allocated + " bytes allocated");
        assertEquals(List.of(), left());
    }

    @Test
    void mutatedBodiesAreReadOrRefused() throws Exception {
        long seed = System.nanoTime();
        Mutations mutations = new Mutations(seed);
        byte[] good = "{\"prompt\":\"a\",\"input_video\":{\"shape\":[1,1,1,3],\"base64\":\"AQID\"},\"seed\":[1,2]}"
                .getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < 3_000; round++) {
            byte[] mutated = mutations.damaged(List.of(good));
            try (GenerateBody body = GenerateBody.read(new ByteArrayInputStream(mutated), folder)) {
                assertFalse(body.arrays().containsKey("prompt"));
            } catch (Refused refused) {
                // As it should be.
            } catch (Throwable failure) {
                throw new AssertionError("seed " + seed + " round " + round, failure);
            }
        }
        assertEquals(List.of(), left(), "seed " + seed);
    }

    private GenerateBody read(String json) throws IOException {
        return GenerateBody.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), folder);
    }

    private List<Path> left() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
