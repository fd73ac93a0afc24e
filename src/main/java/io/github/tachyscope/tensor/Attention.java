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
        return attend(q, k, v, new TensorOptional());
    }

    /**
     * All three split into heads, with a mask.
     *
     * @param mask added to the scores before the softmax; broadcasts to {@code [N, heads, L_q, L_k]}
     */
    public static Tensor masked(Tensor q, Tensor k, Tensor v, Tensor mask) {
        return attend(q, k, v, new TensorOptional(slowFused(q) ? mask.to(ScalarType.Float) : mask));
    }

    private static Tensor attend(Tensor q, Tensor k, Tensor v, TensorOptional mask) {
        if (!slowFused(q)) {
            return torch.scaled_dot_product_attention(q, k, v, mask, 0, false, new DoubleOptional(), false);
        }
        Tensor exact = torch.scaled_dot_product_attention(
                q.to(ScalarType.Float),
                k.to(ScalarType.Float),
                v.to(ScalarType.Float),
                mask,
                0,
                false,
                new DoubleOptional(),
                false);
        return exact.to(q.scalar_type());
    }

    /**
     * On processors without AMX the fused kernel has no matrix product for 16 bits and falls back to plain loops: 20 to
     * 70 times slower than fp32, conversion included.
     */
    private static boolean slowFused(Tensor q) {
        return q.element_size() == 2 && !q.is_cuda() && !Processor.FUSED_BF16;
    }

    /** Asked once, when the first 16-bit attention runs. */
    private static final class Processor {
        static final boolean FUSED_BF16 = Devices.hasAmx();
    }
}
