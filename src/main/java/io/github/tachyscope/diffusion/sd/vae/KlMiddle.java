package io.github.tachyscope.diffusion.sd.vae;

import io.github.tachyscope.tensor.Weights;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** The middle of either half, at the coarsest resolution: two ResNet blocks, attention between them. */
final class KlMiddle {
    private final KlResnet first;
    private final Optional<KlAttention> attention;
    private final KlResnet second;

    private KlMiddle(Weights weights, String name, AutoencoderKlConfig config, int channels) {
        first = KlResnet.take(weights, name + ".resnets.0", channels, channels, config.groups());
        attention = config.middleAttention()
                ? Optional.of(KlAttention.take(weights, name + ".attentions.0", channels, config.groups()))
                : Optional.empty();
        second = KlResnet.take(weights, name + ".resnets.1", channels, channels, config.groups());
    }

    static KlMiddle take(Weights weights, String name, AutoencoderKlConfig config, int channels) {
        return new KlMiddle(weights, name, config, channels);
    }

    Tensor forward(Tensor x) {
        Tensor h = first.forward(x);
        if (attention.isPresent()) {
            h = attention.get().forward(h);
        }
        return second.forward(h);
    }
}
