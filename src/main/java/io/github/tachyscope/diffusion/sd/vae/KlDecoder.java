package io.github.tachyscope.diffusion.sd.vae;

import io.github.tachyscope.tensor.Conv2d;
import io.github.tachyscope.tensor.GroupNorm;
import io.github.tachyscope.tensor.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The way up: latents to a picture. Its levels are numbered from the coarsest. */
final class KlDecoder {
    private final Conv2d in;
    private final KlMiddle middle;
    private final List<UnaryOperator<Tensor>> levels = new ArrayList<>();
    private final GroupNorm norm;
    private final Conv2d out;

    private KlDecoder(Weights weights, AutoencoderKlConfig config) {
        int count = config.channels().size();
        int channels = config.channels().get(count - 1);
        in = Conv2d.take(weights, "decoder.conv_in", config.latentChannels(), channels, 3);
        middle = KlMiddle.take(weights, "decoder.mid_block", config, channels);
        for (int i = 0; i < count; i++) {
            int width = config.channels().get(count - 1 - i);
            String level = "decoder.up_blocks." + i;
            for (int j = 0; j <= config.resnets(); j++) {
                levels.add(KlResnet.take(weights, level + ".resnets." + j, channels, width, config.groups())::forward);
                channels = width;
            }
            if (i < count - 1) {
                Conv2d smooth = Conv2d.take(weights, level + ".upsamplers.0.conv", width, width, 3);
                levels.add(x -> smooth.forward(torch.upsample_nearest2d(x, 2 * x.size(2), 2 * x.size(3))));
            }
        }
        norm = GroupNorm.take(weights, "decoder.conv_norm_out", channels, config.groups(), AutoencoderKl.EPS);
        out = Conv2d.take(weights, "decoder.conv_out", channels, config.outChannels(), 3);
    }

    static KlDecoder take(Weights weights, AutoencoderKlConfig config) {
        return new KlDecoder(weights, config);
    }

    Tensor forward(Tensor latents) {
        Tensor h = middle.forward(in.forward(latents));
        for (UnaryOperator<Tensor> layer : levels) {
            h = layer.apply(h);
        }
        return out.forward(torch.silu(norm.forward(h)));
    }
}
