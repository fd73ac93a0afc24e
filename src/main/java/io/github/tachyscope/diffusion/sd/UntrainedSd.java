package io.github.tachyscope.diffusion.sd;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.tachyscope.diffusion.sd.unet.Conditioning;
import io.github.tachyscope.diffusion.sd.unet.TimeConditioning;
import io.github.tachyscope.diffusion.sd.unet.UNet;
import io.github.tachyscope.diffusion.sd.unet.UNetConfig;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderTiny;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderTinyConfig;
import io.github.tachyscope.tensor.Noise;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.RandomWeights;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.Weights;
import java.time.Duration;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The networks that a live step of Stable Diffusion runs through (denoiser, tiny autoencoder), in their true size and
 * with random weights: what they cost does not depend on what they learned.
 */
public final class UntrainedSd implements AutoCloseable {
    private static final int REDUCTION = 8;
    private static final int LATENT_CHANNELS = 4;
    private static final int TOKENS = 77;

    private final SdForm form;
    private final Placement placement;
    private final Weights denoiserWeights;
    private final Weights autoencoderWeights;
    private final UNet denoiser;
    private final AutoencoderTiny autoencoder;

    /** Median milliseconds of each stage, for a whole batch. */
    public record Stages(double encode, double denoise, double decode) {
        public double frame() {
            return encode + denoise + decode;
        }
    }

    /** Makes 860 million numbers or more, one tensor after the other, in the placement's precision. */
    public UntrainedSd(SdForm form, Placement placement) {
        this.form = form;
        this.placement = placement;
        denoiserWeights = new RandomWeights(1, placement);
        autoencoderWeights = new RandomWeights(2, placement);
        try {
            denoiser = UNet.take(UNetConfig.read(form.denoiser()), denoiserWeights);
            autoencoder = AutoencoderTiny.take(
                    AutoencoderTinyConfig.read(JsonNodeFactory.instance.objectNode()), autoencoderWeights);
        } catch (RuntimeException | Error full) {
            close();
            throw full;
        }
    }

    /**
     * @param frames pictures that are encoded and decoded
     * @param rows that the denoiser works on
     * @param pixels side of the pictures, a multiple of 8
     * @param span measured per stage, after a run that does not count
     */
    public Stages measure(int frames, int rows, int pixels, Duration span) {
        int side = pixels / REDUCTION;
        try (TensorScope scope = TensorScope.inference()) {
            Tensor picture =
                    Noise.normal(1, placement, frames, 3, pixels, pixels).contiguous(MemoryFormat.ChannelsLast);
            Tensor decoded = Noise.normal(2, placement, frames, LATENT_CHANNELS, side, side)
                    .contiguous(MemoryFormat.ChannelsLast);
            Tensor latent = Noise.normal(3, placement, rows, LATENT_CHANNELS, side, side)
                    .contiguous(MemoryFormat.ChannelsLast);
            Conditioning prompt = prompt(rows, pixels);
            TimeConditioning time = denoiser.time(Noise.normal(4, placement, 1), prompt);
            return new Stages(
                    Timing.median(span, () -> autoencoder.encode(picture)),
                    Timing.median(span, () -> denoiser.forward(latent, time, prompt)),
                    Timing.median(span, () -> autoencoder.decode(decoded)));
        }
    }

    private Conditioning prompt(int rows, int pixels) {
        Tensor states = Noise.normal(5, placement, rows, TOKENS, form.promptWidth);
        if (form.pooledWidth == 0) {
            return denoiser.condition(states);
        }
        Tensor pooled = Noise.normal(6, placement, rows, form.pooledWidth);
        float[] sizes = {pixels, pixels, 0, 0, pixels, pixels};
        Tensor told = placement
                .place(Tensor.create(sizes, 1, sizes.length), ScalarType.Float)
                .expand(rows, sizes.length);
        return denoiser.condition(states, pooled, told);
    }

    @Override
    public void close() {
        denoiserWeights.close();
        autoencoderWeights.close();
    }
}
