package io.github.tachyscope.tensor;

import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Weights that nobody trained yet, reproducible from a seed: the beginning of a training run, or a model of a given size
 * for a benchmark.
 *
 * <p>Matrices and kernels are uniform in +-1/sqrt(fan-in), one-dimensional {@code weight}s (norms) are 1, biases 0.
 */
public final class RandomWeights extends Weights {
    private final Generator generator;
    private boolean closed;

    public RandomWeights(long seed, Placement placement) {
        super(placement);
        Torch.require();
        try (TensorScope scope = TensorScope.plain()) {
            generator = TensorScope.keep(torch.createCPUGenerator(seed));
        }
    }

    /** Any shape will do. */
    @Override
    public Optional<long[]> stored(String name) {
        return Optional.empty();
    }

    @Override
    Tensor make(String name, long[] shape) {
        try (TensorScope scope = TensorScope.plain()) {
            Tensor fresh = torch.empty(shape);
            if (shape.length > 1) {
                long fanIn = Arrays.stream(shape).skip(1).reduce(1, (a, b) -> a * b);
                double bound = 1 / Math.sqrt(fanIn);
                fresh.uniform_(-bound, bound, new GeneratorOptional(generator));
            } else {
                fresh.fill_(new Scalar(name.endsWith("weight") ? 1f : 0f));
            }
            return TensorScope.keep(inOrder(placement().place(fresh)));
        }
    }

    @Override
    public void close() {
        super.close();
        if (!closed) {
            closed = true;
            TensorScope.release(generator);
        }
    }
}
