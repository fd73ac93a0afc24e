package io.github.tachyscope.tensor;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** A convolution over pictures {@code [N, C, H, W]} with a square kernel, padded with zeros to keep the size. */
public final class Conv2d {
    private static final long[] DILATION = {1, 1};

    private final Tensor weight;
    private final TensorOptional bias;
    private final long[] stride;
    private final long[] padding;

    private Conv2d(Tensor weight, TensorOptional bias, long stride, long padding) {
        this.weight = weight;
        this.bias = bias;
        this.stride = new long[] {stride, stride};
        this.padding = new long[] {padding, padding};
    }

    /** Takes {@code <name>.weight [out, in, kernel, kernel]} and {@code <name>.bias [out]}; stride 1. */
    public static Conv2d take(Weights weights, String name, long in, long out, long kernel) {
        return take(weights, name, in, out, kernel, 1, kernel / 2);
    }

    /** The same with a stride and zeros on every side. */
    public static Conv2d take(Weights weights, String name, long in, long out, long kernel, long stride, long padding) {
        return new Conv2d(
                weights.take(name + ".weight", out, in, kernel, kernel),
                weights.keep(new TensorOptional(weights.take(name + ".bias", out))),
                stride,
                padding);
    }

    /** The same without a bias. */
    public static Conv2d takeWithoutBias(
            Weights weights, String name, long in, long out, long kernel, long stride, long padding) {
        return new Conv2d(
                weights.take(name + ".weight", out, in, kernel, kernel),
                weights.keep(new TensorOptional()),
                stride,
                padding);
    }

    public Tensor forward(Tensor x) {
        return torch.conv2d(x, weight, bias, stride, padding, DILATION, 1);
    }
}
