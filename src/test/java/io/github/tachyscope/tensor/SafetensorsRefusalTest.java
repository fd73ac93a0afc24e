package io.github.tachyscope.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.testkit.NativeObjects;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsRefusalTest {
    private static final String GOOD = "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}";

    @TempDir
    Path directory;

    @BeforeAll
    static void oneThread() {
        Torch.useThreads(1);
    }

    private void refuses(byte[] file, String... words) throws Exception {
        Path path = Files.write(directory.resolve("model.safetensors"), file);
        long before = Pointer.totalCount();
        WeightsRejected refused = assertThrows(WeightsRejected.class, () -> LoadedWeights.file(path, Placement.CPU));
        for (String word : words) {
            assertTrue(refused.getMessage().contains(word), refused::getMessage);
        }
        NativeObjects.assertNoMoreThan(before);
    }

    private void refuses(String header, byte[] data, String... words) throws Exception {
        refuses(RawFile.bytes(header, data), words);
    }

    @Test
    void everyCutOfAFile() throws Exception {
        byte[] whole = RawFile.bytes(GOOD, RawFile.floats(1, 2));
        for (int length = 0; length < whole.length; length++) {
            refuses(Arrays.copyOf(whole, length), "model.safetensors");
        }
        refuses(Arrays.copyOf(whole, whole.length + 1), "header speaks of 8");
    }

    @Test
    void headersThatLieAboutTheirLength() throws Exception {
        for (long length : new long[] {0, 1, 1 << 20, 100_000_000, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
            byte[] file = RawFile.bytes(GOOD, RawFile.floats(1, 2));
            ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
            refuses(file, "claims a header");
        }
    }

    @Test
    void picklesAndTheirArchives() throws Exception {
        refuses(new byte[] {'P', 'K', 3, 4, 20, 0, 0, 0, 8, 0, 0, 0, 0, 0}, "is a pickle");
        refuses(
                new byte[] {(byte) 0x80, 2, (byte) 0x8a, 10, 'l', (byte) 0xfc, (byte) 0x9c, 'F', (byte) 0xf9},
                "is a pickle");
    }

    @Test
    void headersThatAreNoObject() throws Exception {
        refuses("[]", new byte[0], "no JSON object");
        refuses("{'w'", new byte[0], "damaged header");
        refuses("{} {}", new byte[0], "damaged header");
        byte[] latin = RawFile.bytes("{'w?':1}", new byte[0]);
        latin[11] = (byte) 0xe9;
        refuses(latin, "UTF-8");
        refuses("{'a':".repeat(2000) + "1" + "}".repeat(2000), new byte[0], "damaged header");
    }

    @Test
    void metadataThatIsNotTexts() throws Exception {
        refuses("{'__metadata__':{'a':1}}", new byte[0], "damaged metadata");
        refuses("{'__metadata__':[]}", new byte[0], "damaged metadata");
    }

    @Test
    void numbersThatAreNone() throws Exception {
        byte[] data = RawFile.floats(1, 2);
        refuses("{'w':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}", data, "tensor w");
        refuses("{'w':{'dtype':'F32','shape':[2.0],'data_offsets':[0,8]}}", data, "tensor w");
        refuses("{'w':{'dtype':'F32','shape':['2'],'data_offsets':[0,8]}}", data, "tensor w");
        refuses("{'w':{'dtype':'F32','shape':[2],'data_offsets':[-8,0]}}", data, "tensor w");
        refuses("{'w':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}", data, "tensor w");
        refuses("{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,16]}}", data, "tensor w", "cut");
        refuses("{'w':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}", data, "tensor w", "8 bytes for 3");
        refuses("{'w':{'dtype':'F32','shape':[4611686018427387904,4],'data_offsets':[0,8]}}", data, "absurd");
        refuses("{'w':{'dtype':'F32','shape':[99999999999999999999],'data_offsets':[0,8]}}", data, "tensor w");
        refuses("{'w':{'dtype':'F32','shape':[2,1,1,1,1,1,1,1,1],'data_offsets':[0,8]}}", data, "tensor w");
        refuses("{'w':{'dtype':'C64','shape':[1],'data_offsets':[0,8]}}", data, "tensor w", "C64");
        refuses("{'w':{'shape':[2],'data_offsets':[0,8]}}", data, "tensor w");
        refuses("{'w':{'dtype':'F32','data_offsets':[0,8]}}", data, "tensor w");
        refuses("{'w':{'dtype':'F32','shape':[2],'data_offsets':[0]}}", data, "tensor w");
        refuses("{'w':7}", data, "tensor w");
    }

    @Test
    void namesThatStandTwice() throws Exception {
        refuses(
                "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}",
                RawFile.floats(1, 2),
                "damaged header");
    }

    @Test
    void tensorsThatOverlapOrLeaveAHole() throws Exception {
        byte[] data = RawFile.floats(1, 2, 3);
        String two =
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'b':{'dtype':'F32','shape':[%d],'data_offsets':[%d,%d]}}";
        refuses(two.formatted(2, 4, 12), data, "tensor b", "overlapping");
        refuses(two.formatted(0, 12, 12), data, "tensor b", "a hole");
        refuses("{'a':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}}", data, "tensor a", "a hole");
        refuses(GOOD, data, "12 bytes of data");
    }

    @Test
    void theWrongShape() throws Exception {
        Path path = RawFile.write(directory.resolve("m.safetensors"), GOOD, RawFile.floats(1, 2));
        long before = Pointer.totalCount();
        try (LoadedWeights weights = LoadedWeights.file(path, Placement.CPU)) {
            String message = assertThrows(WeightsRejected.class, () -> weights.take("w", 1, 2))
                    .getMessage();
            assertEquals("tensor w has shape [2]; this model needs [1, 2]", message);
        }
        NativeObjects.assertNoMoreThan(before);
    }

    @Test
    void valuesThatAreNoNumbers() throws Exception {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            Path path = RawFile.write(directory.resolve("m.safetensors"), GOOD, RawFile.floats(1, bad));
            long before = Pointer.totalCount();
            try (LoadedWeights weights = LoadedWeights.file(path, Placement.CPU)) {
                String message = assertThrows(WeightsRejected.class, () -> weights.take("w", 2))
                        .getMessage();
                assertEquals("tensor w in m.safetensors has values that are no numbers", message);
            }
            NativeObjects.assertNoMoreThan(before);
        }
    }

    @Test
    void valuesThatDoNotFit() throws Exception {
        Path path = RawFile.write(directory.resolve("m.safetensors"), GOOD, RawFile.floats(1, 70_000));
        try (LoadedWeights weights = LoadedWeights.file(path, Placement.CPU.with(Precision.FP16))) {
            String message = assertThrows(WeightsRejected.class, () -> weights.take("w", 2))
                    .getMessage();
            assertEquals("tensor w in m.safetensors has values that do not fit into fp16", message);
        }
    }

    @Test
    void whatIsNoFile() {
        assertEquals(
                "there is no absent.safetensors",
                assertThrows(
                                WeightsRejected.class,
                                () -> LoadedWeights.file(directory.resolve("absent.safetensors"), Placement.CPU))
                        .getMessage());
        assertThrows(WeightsRejected.class, () -> LoadedWeights.file(directory, Placement.CPU));
    }
}
