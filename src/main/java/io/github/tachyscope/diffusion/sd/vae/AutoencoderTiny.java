package io.github.tachyscope.diffusion.sd.vae;

import io.github.tachyscope.tensor.Conv2d;
import io.github.tachyscope.tensor.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * The tiny autoencoder (TAESD, Bohan 2023): convolutions and ReLU only, deterministic both ways. Immutable.
 *
 * <p>Its layers are one flat numbered list; entries without parameters have a number too.
 */
public final class AutoencoderTiny {
    /** Latents beyond this are squeezed softly before decoding. */
    private static final double CLAMP = 3;

    private final AutoencoderTinyConfig config;
    private final List<UnaryOperator<Tensor>> encoder;
    private final List<UnaryOperator<Tensor>> decoder;

    private AutoencoderTiny(AutoencoderTinyConfig config, Weights weights) {
        this.config = config;
        encoder = encoder(config, new Layers(weights, "encoder.layers."));
        decoder = decoder(config, new Layers(weights, "decoder.layers."));
    }

    /** @throws io.github.tachyscope.tensor.WeightsRejected if a tensor is missing or has another shape */
    public static AutoencoderTiny take(AutoencoderTinyConfig config, Weights weights) {
        return new AutoencoderTiny(config, weights);
    }

    public AutoencoderTinyConfig config() {
        return config;
    }

    private static List<UnaryOperator<Tensor>> encoder(AutoencoderTinyConfig config, Layers layers) {
        int channels = config.foldedChannels();
        for (AutoencoderTinyConfig.Stage stage : config.encoder()) {
            if (layers.isEmpty()) {
                layers.conv(channels, stage.channels());
            } else {
                layers.downsample(channels, stage.channels());
            }
            channels = stage.channels();
            layers.blocks(stage.blocks(), channels);
        }
        layers.conv(channels, config.latentChannels());
        return layers.list();
    }

    private static List<UnaryOperator<Tensor>> decoder(AutoencoderTinyConfig config, Layers layers) {
        int channels = config.decoder().get(0).channels();
        layers.conv(config.latentChannels(), channels);
        layers.relu();
        for (int i = 0; i < config.decoder().size(); i++) {
            layers.blocks(config.decoder().get(i).blocks(), channels);
            if (i < config.decoder().size() - 1) {
                int next = config.decoder().get(i + 1).channels();
                layers.upsample(channels, next);
                channels = next;
            }
        }
        layers.conv(channels, config.foldedChannels());
        return layers.list();
    }

    /**
     * @param image {@code [N, C, H, W]} in the configured range, H and W multiples of the reduction
     * @return {@code [N, latentChannels, H / reduction, W / reduction]}, scaled for the denoiser
     */
    public Tensor encode(Tensor image) {
        Tensor x = config.unitRange() ? image : image.add(new Scalar(1.0)).mul(new Scalar(0.5));
        if (config.patch() > 1) {
            x = torch.pixel_unshuffle(x, config.patch());
        }
        Tensor latents = through(encoder, x.contiguous(MemoryFormat.ChannelsLast));
        return config.scaling() == 1 ? latents : latents.mul(new Scalar(config.scaling()));
    }

    /**
     * @param latents scaled as {@link #encode} gives them
     * @return a picture in the configured range, not clamped to it
     */
    public Tensor decode(Tensor latents) {
        Tensor z = config.scaling() == 1 ? latents : latents.div(new Scalar(config.scaling()));
        Tensor soft = torch.tanh(z.mul(new Scalar(1 / CLAMP))).mul(new Scalar(CLAMP));
        Tensor y = through(decoder, soft.contiguous(MemoryFormat.ChannelsLast));
        if (config.patch() > 1) {
            y = torch.pixel_shuffle(y, config.patch());
        }
        return config.unitRange() ? y : y.mul(new Scalar(2.0)).sub(new Scalar(1.0));
    }

    /** Latents as a picture-like tensor in [0, 1]; inverse of {@link #unscaleLatents} within the range. */
    public Tensor scaleLatents(Tensor latents) {
        return latents.div(new Scalar(2 * config.magnitude()))
                .add(new Scalar(config.shift()))
                .clamp(Layers.ZERO, Layers.ONE);
    }

    /** What {@link #scaleLatents} mapped. */
    public Tensor unscaleLatents(Tensor scaled) {
        return scaled.sub(new Scalar(config.shift())).mul(new Scalar(2 * config.magnitude()));
    }

    private static Tensor through(List<UnaryOperator<Tensor>> layers, Tensor x) {
        Tensor y = x;
        for (UnaryOperator<Tensor> layer : layers) {
            y = layer.apply(y);
        }
        return y;
    }

    /**
     * Builds the numbered list.
     *
     * <p>Activations and residuals overwrite what a convolution just made: its gradient needs its input, not its result.
     * Fresh memory for each of them would cost a fifth of the time.
     */
    private static final class Layers {
        private static final org.bytedeco.pytorch.ScalarOptional ZERO = bound(0);
        private static final org.bytedeco.pytorch.ScalarOptional ONE = bound(1);

        private final Weights weights;
        private final String prefix;
        private final List<UnaryOperator<Tensor>> list = new ArrayList<>();
        private int number;

        Layers(Weights weights, String prefix) {
            this.weights = weights;
            this.prefix = prefix;
        }

        private static org.bytedeco.pytorch.ScalarOptional bound(double value) {
            return io.github.tachyscope.tensor.TensorScope.keep(
                    new org.bytedeco.pytorch.ScalarOptional(new Scalar(value)));
        }

        boolean isEmpty() {
            return list.isEmpty();
        }

        List<UnaryOperator<Tensor>> list() {
            return List.copyOf(list);
        }

        private String next() {
            return prefix + number++;
        }

        void conv(int in, int out) {
            list.add(Conv2d.take(weights, next(), in, out, 3)::forward);
        }

        void relu() {
            number++;
            list.add(Tensor::relu_);
        }

        void downsample(int in, int out) {
            list.add(Conv2d.takeWithoutBias(weights, next(), in, out, 3, 2, 1)::forward);
        }

        void upsample(int in, int out) {
            number++;
            Conv2d conv = Conv2d.takeWithoutBias(weights, next(), in, out, 3, 1, 1);
            list.add(x -> conv.forward(torch.upsample_nearest2d(x, 2 * x.size(2), 2 * x.size(3))));
        }

        void blocks(int count, int channels) {
            for (int i = 0; i < count; i++) {
                String name = next() + ".conv.";
                Conv2d first = Conv2d.take(weights, name + 0, channels, channels, 3);
                Conv2d second = Conv2d.take(weights, name + 2, channels, channels, 3);
                Conv2d third = Conv2d.take(weights, name + 4, channels, channels, 3);
                list.add(x -> {
                    Tensor h = second.forward(first.forward(x).relu_()).relu_();
                    return third.forward(h).add_(x).relu_();
                });
            }
        }
    }
}
