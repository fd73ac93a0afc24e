package io.github.tachyscope.diffusion.sd.vae;

import io.github.tachyscope.tensor.Conv2d;
import io.github.tachyscope.tensor.GroupNorm;
import io.github.tachyscope.tensor.Weights;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Two normalised convolutions with a residual. */
final class KlResnet {
    private final GroupNorm norm1;
    private final Conv2d conv1;
    private final GroupNorm norm2;
    private final Conv2d conv2;
    private final Optional<Conv2d> shortcut;

    private KlResnet(Weights weights, String name, int in, int out, int groups) {
        norm1 = GroupNorm.take(weights, name + ".norm1", in, groups, AutoencoderKl.EPS);
        conv1 = Conv2d.take(weights, name + ".conv1", in, out, 3);
        norm2 = GroupNorm.take(weights, name + ".norm2", out, groups, AutoencoderKl.EPS);
        conv2 = Conv2d.take(weights, name + ".conv2", out, out, 3);
        shortcut =
                in == out ? Optional.empty() : Optional.of(Conv2d.take(weights, name + ".conv_shortcut", in, out, 1));
    }

    static KlResnet take(Weights weights, String name, int in, int out, int groups) {
        return new KlResnet(weights, name, in, out, groups);
    }

    Tensor forward(Tensor x) {
        Tensor h = conv1.forward(torch.silu(norm1.forward(x)));
        h = conv2.forward(torch.silu(norm2.forward(h)));
        return shortcut.map(conv -> conv.forward(x)).orElse(x).add(h);
    }
}
