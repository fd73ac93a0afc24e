package io.github.tachyscope.diffusion.sd;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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

/**
 * The networks that a live step of Stable Diffusion 1.5 runs through (denoiser, tiny autoencoder), in their true size
 * and with random weights: what they cost does not depend on what they learned.
 */
public final class UntrainedSd implements AutoCloseable {
    /** Side of the measured picture, in pixels. */
    public static final int SIDE = 256;

    private static final int REDUCTION = 8;
    private static final int LATENT_CHANNELS = 4;
    private static final int TOKENS = 77;
    private static final int PROMPT_WIDTH = 768;

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

    /** Makes 860 million numbers, one tensor after the other, in the placement's precision. */
    public UntrainedSd(Placement placement) {
        this.placement = placement;
        denoiserWeights = new RandomWeights(1, placement);
        autoencoderWeights = new RandomWeights(2, placement);
        try {
            denoiser = UNet.take(UNetConfig.read(denoiserForm()), denoiserWeights);
            autoencoder = AutoencoderTiny.take(
                    AutoencoderTinyConfig.read(JsonNodeFactory.instance.objectNode()), autoencoderWeights);
        } catch (RuntimeException | Error full) {
            close();
            throw full;
        }
    }

    /** The configuration of SD 1.5's denoiser. */
    public static JsonNode denoiserForm() {
        try {
            return new ObjectMapper().readTree("""
                    {"in_channels": 4, "out_channels": 4, "block_out_channels": [320, 640, 1280, 1280],
                     "down_block_types":
                         ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
                     "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
                     "layers_per_block": 2, "attention_head_dim": 8, "cross_attention_dim": 768,
                     "norm_num_groups": 32}""");
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** @param span measured per stage, after a run that does not count */
    public Stages measure(int batch, Duration span) {
        int side = SIDE / REDUCTION;
        try (TensorScope scope = TensorScope.inference()) {
            Tensor picture = Noise.normal(1, placement, batch, 3, SIDE, SIDE).contiguous(MemoryFormat.ChannelsLast);
            Tensor latent = Noise.normal(2, placement, batch, LATENT_CHANNELS, side, side)
                    .contiguous(MemoryFormat.ChannelsLast);
            Conditioning prompt = denoiser.condition(Noise.normal(3, placement, batch, TOKENS, PROMPT_WIDTH));
            TimeConditioning time = denoiser.time(Noise.normal(4, placement, 1), prompt);
            return new Stages(
                    Timing.median(span, () -> autoencoder.encode(picture)),
                    Timing.median(span, () -> denoiser.forward(latent, time, prompt)),
                    Timing.median(span, () -> autoencoder.decode(latent)));
        }
    }

    @Override
    public void close() {
        denoiserWeights.close();
        autoencoderWeights.close();
    }
}
