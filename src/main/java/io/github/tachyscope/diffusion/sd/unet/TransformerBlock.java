package io.github.tachyscope.diffusion.sd.unet;

import io.github.tachyscope.diffusion.sd.unet.Conditioning.KeysAndValues;
import io.github.tachyscope.tensor.Attention;
import io.github.tachyscope.tensor.LayerNorm;
import io.github.tachyscope.tensor.Linear;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Attention among the pixels, attention to the prompt, and a gated feed-forward, each with a residual. */
final class TransformerBlock {
    private static final double EPS = 1e-5;

    /** Inner width of the feed-forward in units of the block's. */
    private static final int EXPANSION = 4;

    private final LayerNorm norm1;
    private final LayerNorm norm2;
    private final LayerNorm norm3;
    private final Projections self;
    private final Projections cross;
    private final Linear gated;
    private final Linear out;
    private final int heads;

    /** The four matrices of an attention. */
    private record Projections(Linear q, Linear k, Linear v, Linear out) {
        static Projections take(Weights weights, String name, int width, int context) {
            return new Projections(
                    Linear.takeWithoutBias(weights, name + ".to_q", width, width),
                    Linear.takeWithoutBias(weights, name + ".to_k", context, width),
                    Linear.takeWithoutBias(weights, name + ".to_v", context, width),
                    Linear.take(weights, name + ".to_out.0", width, width));
        }

        KeysAndValues keysAndValues(Tensor context, int heads) {
            return new KeysAndValues(
                    Attention.split(k.forward(context), heads), Attention.split(v.forward(context), heads));
        }

        Tensor attend(Tensor x, KeysAndValues to, int heads) {
            Tensor attended = Attention.full(Attention.split(q.forward(x), heads), to.keys(), to.values());
            return out.forward(Attention.merge(attended));
        }
    }

    private TransformerBlock(Weights weights, String name, int width, int heads, int context) {
        this.heads = heads;
        norm1 = LayerNorm.take(weights, name + ".norm1", width, EPS);
        self = Projections.take(weights, name + ".attn1", width, width);
        norm2 = LayerNorm.take(weights, name + ".norm2", width, EPS);
        cross = Projections.take(weights, name + ".attn2", width, context);
        norm3 = LayerNorm.take(weights, name + ".norm3", width, EPS);
        gated = Linear.take(weights, name + ".ff.net.0.proj", width, 2L * EXPANSION * width);
        out = Linear.take(weights, name + ".ff.net.2", (long) EXPANSION * width, width);
    }

    static TransformerBlock take(Weights weights, String name, int width, int heads, int context) {
        return new TransformerBlock(weights, name, width, heads, context);
    }

    /** What the prompt looks like to this block. */
    KeysAndValues condition(Tensor states) {
        return cross.keysAndValues(states, heads);
    }

    /** {@code [B, L, width]} in and out. */
    Tensor forward(Tensor x, KeysAndValues prompt) {
        try (TensorScope scope = TensorScope.plain()) {
            Tensor n = norm1.forward(x);
            Tensor y = x.add(self.attend(n, self.keysAndValues(n, heads), heads));
            y = y.add(cross.attend(norm2.forward(y), prompt, heads));
            Tensor both = gated.forward(norm3.forward(y));
            long half = both.size(2) / 2;
            Tensor inner = both.narrow(2, 0, half).mul(torch.gelu(both.narrow(2, half, half)));
            return scope.handOut(y.add(out.forward(inner)));
        }
    }
}
