package io.github.tachyscope.tensor;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Multi-head attention, {@code softmax(q k^T / sqrt(head width)) v}, in the fused kernel. */
public final class Attention {
    private Attention() {}

    /** {@code [N, L, C] -> [N, heads, L, C / heads]}. */
    public static Tensor split(Tensor x, long heads) {
        return x.view(x.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);
    }

    /** {@code [N, heads, L, width] -> [N, L, heads * width]}. */
    public static Tensor merge(Tensor x) {
        return x.transpose(1, 2).reshape(x.size(0), x.size(2), x.size(1) * x.size(3));
    }

    /** All three split into heads; every query sees every key. */
    public static Tensor full(Tensor q, Tensor k, Tensor v) {
        if (slow(q)) {
            return torch.scaled_dot_product_attention(single(q), single(k), single(v))
                    .to(q.scalar_type());
        }
        return torch.scaled_dot_product_attention(q, k, v);
    }

    /**
     * All three split into heads, with a mask.
     *
     * @param mask added to the scores before the softmax; broadcasts to {@code [N, heads, L_q, L_k]}
     */
    public static Tensor masked(Tensor q, Tensor k, Tensor v, Tensor mask) {
        if (slow(q)) {
            return masked(single(q), single(k), single(v), single(mask)).to(q.scalar_type());
        }
        return torch.scaled_dot_product_attention(
                q, k, v, new TensorOptional(mask), 0, false, new DoubleOptional(), false);
    }

    /** On processors without matrix units the kernel is 3 to 12 times slower in bf16 than in fp32, conversion included. */
    private static boolean slow(Tensor q) {
        return q.scalar_type().intern() == ScalarType.BFloat16 && q.is_cpu() && !Devices.hasMatrixUnits();
    }

    private static Tensor single(Tensor tensor) {
        return tensor.to(ScalarType.Float);
    }
}
