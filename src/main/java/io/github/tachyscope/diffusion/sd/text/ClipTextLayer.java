package io.github.tachyscope.diffusion.sd.text;

import io.github.tachyscope.tensor.Attention;
import io.github.tachyscope.tensor.LayerNorm;
import io.github.tachyscope.tensor.Linear;
import io.github.tachyscope.tensor.Weights;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Attention among the tokens and a feed-forward, each with a residual. */
final class ClipTextLayer {
    private final LayerNorm norm1;
    private final Linear q;
    private final Linear k;
    private final Linear v;
    private final Linear out;
    private final LayerNorm norm2;
    private final Linear inner;
    private final Linear outer;
    private final ClipTextConfig config;

    private ClipTextLayer(Weights weights, String name, ClipTextConfig config) {
        int width = config.width();
        this.config = config;
        norm1 = LayerNorm.take(weights, name + ".layer_norm1", width, config.eps());
        q = Linear.take(weights, name + ".self_attn.q_proj", width, width);
        k = Linear.take(weights, name + ".self_attn.k_proj", width, width);
        v = Linear.take(weights, name + ".self_attn.v_proj", width, width);
        out = Linear.take(weights, name + ".self_attn.out_proj", width, width);
        norm2 = LayerNorm.take(weights, name + ".layer_norm2", width, config.eps());
        inner = Linear.take(weights, name + ".mlp.fc1", width, config.innerWidth());
        outer = Linear.take(weights, name + ".mlp.fc2", config.innerWidth(), width);
    }

    static ClipTextLayer take(Weights weights, String name, ClipTextConfig config) {
        return new ClipTextLayer(weights, name, config);
    }

    /**
     * @param h token states, {@code [B, L, width]}
     * @param mask added to the attention scores
     */
    Tensor forward(Tensor h, Tensor mask) {
        Tensor n = norm1.forward(h);
        Tensor attended = Attention.masked(heads(q.forward(n)), heads(k.forward(n)), heads(v.forward(n)), mask);
        Tensor y = h.add(out.forward(Attention.merge(attended)));
        Tensor wide = inner.forward(norm2.forward(y));
        Tensor active = switch (config.activation()) {
            case QUICK_GELU -> wide.mul(torch.sigmoid(wide.mul(new Scalar(1.702))));
            case GELU -> torch.gelu(wide);
        };
        return y.add(outer.forward(active));
    }

    private Tensor heads(Tensor x) {
        return Attention.split(x, config.heads());
    }
}
