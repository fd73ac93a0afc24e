package io.github.tachyscope.tensor;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Normalises groups of channels of {@code [N, C, ...]} (Wu and He 2018). */
public final class GroupNorm {
    private final TensorOptional weight;
    private final TensorOptional bias;
    private final long groups;
    private final double eps;

    private GroupNorm(TensorOptional weight, TensorOptional bias, long groups, double eps) {
        this.weight = weight;
        this.bias = bias;
        this.groups = groups;
        this.eps = eps;
    }

    /** Takes {@code <name>.weight} and {@code <name>.bias}, both {@code [channels]}. */
    public static GroupNorm take(Weights weights, String name, long channels, long groups, double eps) {
        return new GroupNorm(
                weights.keep(new TensorOptional(weights.take(name + ".weight", channels))),
                weights.keep(new TensorOptional(weights.take(name + ".bias", channels))),
                groups,
                eps);
    }

    public Tensor forward(Tensor x) {
        return torch.group_norm(x, groups, weight, bias, eps, false);
    }
}
