package io.github.tachyscope.diffusion.sd.vae;

import io.github.tachyscope.tensor.Conv2d;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.Weights;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * The full autoencoder of the Stable Diffusion family (Rombach et al. 2022): pictures in [-1, 1] to a distribution of
 * latents, and latents to pictures. Immutable.
 *
 * <pre>
 * image --encode--> Posterior --mean or sample--> z --scale--> latents of the denoiser --decode--> image
 * </pre>
 */
public final class AutoencoderKl {
    /** Of every group norm; no configuration changes it. */
    static final double EPS = 1e-6;

    /** Bounds of the logarithmic variance, so that its exponential stays a number in every precision. */
    private static final ScalarOptional LOWEST = bound(-30);

    private static final ScalarOptional HIGHEST = bound(20);

    private final AutoencoderKlConfig config;
    private final KlEncoder encoder;
    private final Optional<Conv2d> quant;
    private final Optional<Conv2d> postQuant;
    private final KlDecoder decoder;

    private AutoencoderKl(AutoencoderKlConfig config, Weights weights) {
        int latent = config.latentChannels();
        this.config = config;
        encoder = KlEncoder.take(weights, config);
        quant = config.quantConv()
                ? Optional.of(Conv2d.take(weights, "quant_conv", 2L * latent, 2L * latent, 1))
                : Optional.empty();
        postQuant = config.postQuantConv()
                ? Optional.of(Conv2d.take(weights, "post_quant_conv", latent, latent, 1))
                : Optional.empty();
        decoder = KlDecoder.take(weights, config);
    }

    private static ScalarOptional bound(double value) {
        return TensorScope.keep(new ScalarOptional(new Scalar(value)));
    }

    /** @throws io.github.tachyscope.tensor.WeightsRejected if a tensor is missing or has another shape */
    public static AutoencoderKl take(AutoencoderKlConfig config, Weights weights) {
        return new AutoencoderKl(config, weights);
    }

    public AutoencoderKlConfig config() {
        return config;
    }

    /** @param image {@code [N, C, H, W]} in [-1, 1], H and W multiples of the reduction */
    public Posterior encode(Tensor image) {
        Tensor encoded = encoder.forward(image.contiguous(MemoryFormat.ChannelsLast));
        Tensor moments = quant.map(conv -> conv.forward(encoded)).orElse(encoded);
        int latent = config.latentChannels();
        return new Posterior(
                moments.narrow(1, 0, latent), moments.narrow(1, latent, latent).clamp(LOWEST, HIGHEST));
    }

    /** The denoiser's latents for a mean or a sample of {@link #encode}. */
    public Tensor scale(Tensor z) {
        Tensor centred = config.shift() == 0 ? z : z.sub(new Scalar(config.shift()));
        return centred.mul(new Scalar(config.scaling()));
    }

    /** What {@link #scale} mapped. */
    public Tensor unscale(Tensor latents) {
        Tensor z = latents.div(new Scalar(config.scaling()));
        return config.shift() == 0 ? z : z.add(new Scalar(config.shift()));
    }

    /**
     * @param latents as {@link #scale} gives them
     * @return a picture in [-1, 1], not clamped to it
     */
    public Tensor decode(Tensor latents) {
        Tensor z = unscale(latents).contiguous(MemoryFormat.ChannelsLast);
        return decoder.forward(postQuant.map(conv -> conv.forward(z)).orElse(z));
    }
}
