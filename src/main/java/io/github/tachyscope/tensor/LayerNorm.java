package io.github.tachyscope.tensor;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Normalises the last axis (Ba et al. 2016). */
public final class LayerNorm {
    private final TensorOptional weight;
    private final TensorOptional bias;
    private final long[] shape;
    private final double eps;

    private LayerNorm(TensorOptional weight, TensorOptional bias, long width, double eps) {
        this.weight = weight;
        this.bias = bias;
        this.shape = new long[] {width};
        this.eps = eps;
    }

    /** Takes {@code <name>.weight} and {@code <name>.bias}, both {@code [width]}. */
    public static LayerNorm take(Weights weights, String name, long width, double eps) {
        return new LayerNorm(
                weights.keep(new TensorOptional(weights.take(name + ".weight", width))),
                weights.keep(new TensorOptional(weights.take(name + ".bias", width))),
                width,
                eps);
    }

    public Tensor forward(Tensor x) {
        return torch.layer_norm(x, shape, weight, bias, eps, false);
    }
}
