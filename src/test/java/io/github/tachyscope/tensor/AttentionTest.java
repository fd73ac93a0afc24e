package io.github.tachyscope.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class AttentionTest {
    @Test
    void keepsTheNumberFormatAndAgreesWithTheExactOne() {
        Torch.useThreads(1);
        try (TensorScope scope = TensorScope.inference()) {
            Tensor x = Noise.normal(3, Placement.CPU, 1, 40, 96);
            Tensor exact = Attention.split(x, 3);
            Tensor rounded = exact.to(ScalarType.BFloat16);
            Tensor mask = torch.zeros(40, 40);
            Tensor full = Attention.full(rounded, rounded, rounded);
            Tensor masked = Attention.masked(rounded, rounded, rounded, mask.to(ScalarType.BFloat16));
            for (Tensor result : new Tensor[] {full, masked}) {
                assertEquals(ScalarType.BFloat16, result.scalar_type().intern());
                double far = result.to(ScalarType.Float)
                        .sub(Attention.full(exact, exact, exact))
                        .abs()
                        .max()
                        .item_double();
                assertTrue(far < 0.05, "differs by " + far);
            }
        }
    }
}
