package io.github.tachyscope.tensor;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** {@code y = x W^T + b} over the last axis. */
public final class Linear {
    private final Tensor weight;
    private final TensorOptional bias;

    private Linear(Tensor weight, TensorOptional bias) {
        this.weight = weight;
        this.bias = bias;
    }

    /** Takes {@code <name>.weight [out, in]} and {@code <name>.bias [out]}. */
    public static Linear take(Weights weights, String name, long in, long out) {
        return new Linear(
                weights.take(name + ".weight", out, in),
                weights.keep(new TensorOptional(weights.take(name + ".bias", out))));
    }

    /** Takes {@code <name>.weight [out, in]}. */
    public static Linear takeWithoutBias(Weights weights, String name, long in, long out) {
        return new Linear(weights.take(name + ".weight", out, in), weights.keep(new TensorOptional()));
    }

    public Tensor forward(Tensor x) {
        return torch.linear(x, weight, bias);
    }
}
