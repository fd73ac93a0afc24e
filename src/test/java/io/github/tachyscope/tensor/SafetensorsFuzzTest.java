package io.github.tachyscope.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.testkit.Mutations;
import io.github.tachyscope.testkit.NativeObjects;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFuzzTest {
    private static final int INPUTS = 1000;
    private static final byte[] SEED = RawFile.bytes(
            "{'__metadata__':{'format':'pt'},'a':{'dtype':'F16','shape':[2,2],'data_offsets':[0,8]},"
                    + "'b':{'dtype':'F32','shape':[2],'data_offsets':[8,16]}}",
            RawFile.floats(1, 2, 3, 4));

    @Test
    void aDamagedFileLoadsAsDeclaredOrIsRefused(@TempDir Path directory) throws Exception {
        Torch.useThreads(1);
        Path path = directory.resolve("m.safetensors");
        long before = Pointer.totalCount();
        int loaded = 0;
        for (int seed = 0; seed < INPUTS; seed++) {
            Files.write(path, damaged(seed));
            try (LoadedWeights weights = LoadedWeights.file(path, Placement.CPU)) {
                for (String name : weights.unused()) {
                    try (TensorScope scope = TensorScope.inference()) {
                        long[] shape = weights.stored(name).orElseThrow();
                        Tensor tensor = weights.take(name, shape);
                        assertArrayEquals(shape, tensor.shape());
                        assertTrue(torch.isfinite(tensor).all().item_bool());
                    }
                }
                loaded++;
            } catch (WeightsRejected refused) {
                assertTrue(refused.getMessage().contains("m.safetensors"), refused::getMessage);
            } catch (RuntimeException | Error escaped) {
                throw new AssertionError("seed " + seed, escaped);
            }
            NativeObjects.assertNoMoreThan(before, "seed " + seed);
        }
        assertTrue(loaded > 10 && loaded < INPUTS - 10, loaded + " of " + INPUTS + " loaded");
    }

    /** Damage of any kind, or only to digits, which comes further. */
    private static byte[] damaged(int seed) {
        if (seed % 2 == 0) {
            return new Mutations(seed).damaged(List.of(SEED));
        }
        Random random = new Random(seed);
        byte[] bytes = SEED.clone();
        int at = random.nextInt(bytes.length);
        while (!Character.isDigit(bytes[at])) {
            at = (at + 1) % bytes.length;
        }
        bytes[at] = (byte) ('0' + random.nextInt(10));
        return bytes;
    }
}
