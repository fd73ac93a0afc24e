package io.github.tachyscope.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.testkit.NativeObjects;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Numbers from seeds: noise and untrained weights. */
class NoiseTest {
    @BeforeAll
    static void oneThread() {
        Torch.useThreads(1);
    }

    private static float[] values(Tensor tensor) {
        float[] values = new float[(int) tensor.numel()];
        new FloatPointer(tensor.data_ptr()).get(values);
        return values;
    }

    @Test
    void rowsAreThoseOfOneDrawInWhateverOrderTheyAreAskedFor() {
        try (TensorScope scope = TensorScope.inference();
                NoiseRows rows = new NoiseRows()) {
            for (long seed : new long[] {7, -1}) {
                Tensor drawn = Noise.normal(seed, Placement.CPU, 4, 4, 8, 8);
                for (int row : new int[] {0, 1, 2, 3, 1, 3, 3}) {
                    assertTrue(rows.row(seed, row, 4, 8, 8).equal(drawn.narrow(0, row, 1)), seed + " row " + row);
                }
            }
            assertFalse(rows.row(7, 0, 4, 8, 8).equal(rows.row(-1, 0, 4, 8, 8)));
            assertTrue(rows.row(7, 4096 + 2, 2).equal(rows.row(8, 2, 2)), "a draw of 4096 rows, then the next seed's");
            assertArrayEquals(new long[] {1, 3, 5}, rows.row(7, 1, 3, 5).shape());
        }
    }

    @Test
    void equalsPyTorchInPython() {
        try (TensorScope scope = TensorScope.inference()) {
            // torch.manual_seed(0); torch.randn(4)
            assertArrayEquals(
                    new float[] {1.5410f, -0.2934f, -2.1788f, 0.5684f},
                    values(Noise.normal(0, Placement.CPU, 4)),
                    5e-5f);
        }
    }

    @Test
    void isTheSameOnEveryCallWhateverElseHappens() {
        try (TensorScope scope = TensorScope.inference()) {
            Tensor first = Noise.normal(42, Placement.CPU, 1, 4, 8, 8);
            torch.manual_seed(7);
            torch.randn(100);
            assertTrue(torch.equal(first, Noise.normal(42, Placement.CPU, 1, 4, 8, 8)));
            assertFalse(torch.equal(first, Noise.normal(43, Placement.CPU, 1, 4, 8, 8)));
        }
    }

    @Test
    void otherPrecisionsAreTheSameNumbersRounded() {
        try (TensorScope scope = TensorScope.inference()) {
            Tensor exact = Noise.normal(5, Placement.CPU, 1000);
            for (Precision precision : Precision.values()) {
                Placement placement = Placement.CPU.with(precision);
                Tensor rounded = Noise.normal(5, placement, 1000);
                assertEquals(precision.type(), rounded.scalar_type().intern());
                assertEquals(precision.bytes(), rounded.element_size());
                assertTrue(torch.equal(placement.place(exact), rounded));
            }
        }
    }

    @Test
    void placingWhatIsInPlaceCopiesNothing() {
        try (TensorScope scope = TensorScope.inference()) {
            Tensor tensor = torch.ones(8);
            assertEquals(
                    tensor.data_ptr().address(),
                    Placement.CPU.place(tensor).data_ptr().address());
            assertTrue(Placement.CPU.onCpu());
            assertFalse(new Placement("cuda:0", Precision.FP16).onCpu());
            assertEquals(
                    Precision.BF16.type(),
                    torch.zeros(
                                    new long[] {1},
                                    Placement.CPU.with(Precision.BF16).options())
                            .scalar_type()
                            .intern());
        }
    }

    @Test
    void untrainedWeightsAreReproducible() {
        long before = Pointer.totalCount();
        try (TensorScope scope = TensorScope.inference();
                RandomWeights one = new RandomWeights(3, Placement.CPU);
                RandomWeights two = new RandomWeights(3, Placement.CPU);
                RandomWeights other = new RandomWeights(4, Placement.CPU)) {
            Conv2d.take(one, "conv", 8, 16, 3);
            Conv2d.take(two, "conv", 8, 16, 3);
            Conv2d.take(other, "conv", 8, 16, 3);
            Map<String, Tensor> made = one.parameters();
            assertEquals(Set.of("conv.weight", "conv.bias"), made.keySet());
            Tensor kernel = made.get("conv.weight");
            assertTrue(torch.equal(kernel, two.parameters().get("conv.weight")));
            assertFalse(torch.equal(kernel, other.parameters().get("conv.weight")));
            assertTrue(kernel.is_contiguous(MemoryFormat.ChannelsLast));
            double bound = 1 / Math.sqrt(8 * 9);
            assertTrue(kernel.abs().max().item_double() <= bound);
            assertTrue(kernel.abs().max().item_double() > 0.9 * bound);
            assertEquals(0, made.get("conv.bias").abs().sum().item_double());
            GroupNorm.take(one, "norm", 16, 4, 1e-5);
            assertEquals(16, one.take("norm.weight", 16).sum().item_double());
        }
        NativeObjects.assertNoMoreThan(before);
    }

    @Test
    void closingUntrainedWeightsTwiceIsHarmless() {
        long before = Pointer.totalCount();
        RandomWeights weights = new RandomWeights(3, Placement.CPU);
        weights.take("w", 2, 2);
        weights.close();
        weights.close();
        NativeObjects.assertNoMoreThan(before);
    }
}
