package io.github.tachyscope.diffusion.sd.vae;

import io.github.tachyscope.tensor.Conv2d;
import io.github.tachyscope.tensor.GroupNorm;
import io.github.tachyscope.tensor.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The way down: a picture to the mean and logarithmic variance of its latents. */
final class KlEncoder {
    /** Zeros on the right and below only: the strided convolutions of this family see no border on the other sides. */
    private static final long[] RIGHT_AND_BELOW = {0, 1, 0, 1};

    private final Conv2d in;
    private final List<UnaryOperator<Tensor>> levels = new ArrayList<>();
    private final KlMiddle middle;
    private final GroupNorm norm;
    private final Conv2d out;

    private KlEncoder(Weights weights, AutoencoderKlConfig config) {
        int channels = config.channels().get(0);
        in = Conv2d.take(weights, "encoder.conv_in", config.inChannels(), channels, 3);
        for (int i = 0; i < config.channels().size(); i++) {
            int width = config.channels().get(i);
            String level = "encoder.down_blocks." + i;
            for (int j = 0; j < config.resnets(); j++) {
                levels.add(KlResnet.take(weights, level + ".resnets." + j, channels, width, config.groups())::forward);
                channels = width;
            }
            if (i < config.channels().size() - 1) {
                Conv2d halve = Conv2d.take(weights, level + ".downsamplers.0.conv", width, width, 3, 2, 0);
                levels.add(x -> halve.forward(torch.constant_pad_nd(x, RIGHT_AND_BELOW)));
            }
        }
        middle = KlMiddle.take(weights, "encoder.mid_block", config, channels);
        norm = GroupNorm.take(weights, "encoder.conv_norm_out", channels, config.groups(), AutoencoderKl.EPS);
        out = Conv2d.take(weights, "encoder.conv_out", channels, 2L * config.latentChannels(), 3);
    }

    static KlEncoder take(Weights weights, AutoencoderKlConfig config) {
        return new KlEncoder(weights, config);
    }

    Tensor forward(Tensor image) {
        Tensor h = in.forward(image);
        for (UnaryOperator<Tensor> layer : levels) {
            h = layer.apply(h);
        }
        return out.forward(torch.silu(norm.forward(middle.forward(h))));
    }
}
