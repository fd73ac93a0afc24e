package io.github.tachyscope.diffusion.sd.unet;

import io.github.tachyscope.tensor.Conv2d;
import io.github.tachyscope.tensor.GroupNorm;
import io.github.tachyscope.tensor.Linear;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.Weights;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Two convolutions around the time embedding, with a residual. */
final class ResnetBlock {
    private final GroupNorm norm1;
    private final Conv2d conv1;
    private final Linear time;
    private final GroupNorm norm2;
    private final Conv2d conv2;
    private final Optional<Conv2d> shortcut;
    private final boolean scaleShift;

    private ResnetBlock(Weights weights, String name, int in, int out, UNetConfig config) {
        scaleShift = config.scaleShift();
        norm1 = GroupNorm.take(weights, name + ".norm1", in, config.groups(), config.eps());
        conv1 = Conv2d.take(weights, name + ".conv1", in, out, 3);
        time = Linear.take(weights, name + ".time_emb_proj", config.timeWidth(), scaleShift ? 2L * out : out);
        norm2 = GroupNorm.take(weights, name + ".norm2", out, config.groups(), config.eps());
        conv2 = Conv2d.take(weights, name + ".conv2", out, out, 3);
        shortcut =
                in == out ? Optional.empty() : Optional.of(Conv2d.take(weights, name + ".conv_shortcut", in, out, 1));
    }

    static ResnetBlock take(Weights weights, String name, int in, int out, UNetConfig config) {
        return new ResnetBlock(weights, name, in, out, config);
    }

    /** This block's share of the activated time embedding: a shift {@code [B, C, 1, 1]}, after a factor if it scales. */
    Tensor project(Tensor activatedTime) {
        Tensor projected = time.forward(activatedTime).unsqueeze(-1).unsqueeze(-1);
        if (!scaleShift) {
            return projected;
        }
        long channels = projected.size(1) / 2;
        Tensor factor = projected.narrow(1, 0, channels).add(new Scalar(1.0));
        return torch.cat(new TensorVector(factor, projected.narrow(1, channels, channels)), 1);
    }

    /** @param projected what {@link #project} gave */
    Tensor forward(Tensor x, Tensor projected) {
        try (TensorScope scope = TensorScope.plain()) {
            Tensor h = conv1.forward(torch.silu(norm1.forward(x)));
            if (scaleShift) {
                long channels = projected.size(1) / 2;
                Tensor factor = projected.narrow(1, 0, channels);
                Tensor shift = projected.narrow(1, channels, channels);
                h = torch.addcmul(shift, norm2.forward(h), factor);
            } else {
                h = norm2.forward(h.add(projected));
            }
            h = conv2.forward(torch.silu(h));
            return scope.handOut(shortcut.map(conv -> conv.forward(x)).orElse(x).add(h));
        }
    }
}
