package io.github.tachyscope.tensor;

import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Random numbers from seeds, equal to those of PyTorch's CPU generator on every device. */
public final class Noise {
    private Noise() {}

    /** Unit normal numbers, fp32 on the CPU, then moved to {@code placement}. */
    public static Tensor normal(long seed, Placement placement, long... shape) {
        GeneratorOptional generator = new GeneratorOptional(torch.createCPUGenerator(seed));
        return placement.place(torch.randn(shape, generator));
    }
}
