package io.github.tachyscope.diffusion.sd.vae;

import io.github.tachyscope.tensor.Attention;
import io.github.tachyscope.tensor.GroupNorm;
import io.github.tachyscope.tensor.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Attention of every place to every other, one head as wide as the features, with a residual. */
final class KlAttention {
    private final GroupNorm norm;
    private final Projection q;
    private final Projection k;
    private final Projection v;
    private final Projection out;

    private KlAttention(Weights weights, String name, int channels, int groups) {
        norm = GroupNorm.take(weights, name + ".group_norm", channels, groups, AutoencoderKl.EPS);
        q = Projection.take(weights, name, "to_q", "query", channels);
        k = Projection.take(weights, name, "to_k", "key", channels);
        v = Projection.take(weights, name, "to_v", "value", channels);
        out = Projection.take(weights, name, "to_out.0", "proj_attn", channels);
    }

    static KlAttention take(Weights weights, String name, int channels, int groups) {
        return new KlAttention(weights, name, channels, groups);
    }

    Tensor forward(Tensor x) {
        // [N, C, H, W] -> [N, H W, C]; a view when x is channels-last.
        Tensor places = norm.forward(x).flatten(2, -1).transpose(1, 2);
        Tensor attended =
                Attention.full(oneHead(q.forward(places)), oneHead(k.forward(places)), oneHead(v.forward(places)));
        Tensor y = out.forward(Attention.merge(attended)).transpose(1, 2);
        return x.add(y.view(x.shape()));
    }

    private static Tensor oneHead(Tensor x) {
        return Attention.split(x, 1);
    }

    /**
     * A matrix that files spell in two ways, and the oldest ones store as a 1x1 kernel.
     *
     * @param weight {@code [C, C]} or {@code [C, C, 1, 1]}
     */
    private record Projection(Tensor weight, TensorOptional bias) {
        static Projection take(Weights weights, String name, String spelling, String oldSpelling, int channels) {
            String old = name + "." + oldSpelling;
            String used = weights.stored(old + ".weight").isPresent() ? old : name + "." + spelling;
            boolean kernel = weights.stored(used + ".weight")
                    .filter(shape -> shape.length == 4)
                    .isPresent();
            return new Projection(
                    kernel
                            ? weights.take(used + ".weight", channels, channels, 1, 1)
                            : weights.take(used + ".weight", channels, channels),
                    weights.keep(new TensorOptional(weights.take(used + ".bias", channels))));
        }

        Tensor forward(Tensor x) {
            return torch.linear(x, weight.dim() == 4 ? weight.flatten(1, -1) : weight, bias);
        }
    }
}
