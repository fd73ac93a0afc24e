package io.github.tachyscope.diffusion.sd.lora;

import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The change of one module's weight: {@code alpha / rank * up x down}.
 *
 * @param down {@code [rank, in]} or {@code [rank, in, k, k]}
 * @param up {@code [out, rank]} or {@code [out, rank, 1, 1]}
 * @param alpha the rank unless the file says otherwise
 */
record LoraFactors(Tensor down, Tensor up, double alpha) {

    long rank() {
        return down.size(0);
    }

    /** Whether the product can be added to a weight of this shape. */
    boolean fits(long[] weight) {
        long inputs = Arrays.stream(weight).skip(1).reduce(1, (a, b) -> a * b);
        return weight.length >= 2
                && up.numel() == weight[0] * rank()
                && up.size(0) == weight[0]
                && down.numel() == rank() * inputs;
    }

    /** The change at scale 1, in fp32. */
    Tensor delta(long[] weight) {
        Tensor left = up.to(ScalarType.Float).reshape(up.size(0), rank());
        Tensor right = down.to(ScalarType.Float).reshape(rank(), -1);
        return left.matmul(right).mul(new Scalar(alpha / rank())).reshape(weight);
    }
}
