package io.github.tachyscope.diffusion.sd.unet;

import io.github.tachyscope.tensor.Noise;
import io.github.tachyscope.tensor.Placement;
import org.bytedeco.pytorch.Tensor;

/** Forms of denoisers, and prompts that nobody wrote, for models on random weights. */
final class SmallUNets {
    /** The bundled model's form: heads 3 of width 32 where it attends, time scales and shifts, a pooled prompt. */
    static final String BUNDLED = """
            {"in_channels": 12, "out_channels": 12, "block_out_channels": [48, 72, 96], "layers_per_block": 1,
             "norm_num_groups": 8, "down_block_types": ["DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"],
             "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"],
             "mid_block_type": "UNetMidBlock2DCrossAttn", "attention_head_dim": [1, 1, 3], "cross_attention_dim": 96,
             "use_linear_projection": true, "resnet_time_scale_shift": "scale_shift",
             "class_embed_type": "projection", "projection_class_embeddings_input_dim": 96}""";

    private static final int TOKENS = 24;

    private SmallUNets() {}

    static Conditioning conditioning(UNet unet, UNetConfig config, Placement placement, long rows, long seed) {
        return unet.condition(
                Noise.normal(seed, placement, rows, TOKENS, config.crossWidth()),
                Noise.normal(seed + 1, placement, rows, config.pooledWidth().orElseThrow()));
    }

    static Tensor normal(long seed, long... shape) {
        return Noise.normal(seed, Placement.CPU, shape);
    }

    static Tensor latents(UNetConfig config, Placement placement, long seed, long rows, long height, long width) {
        return Noise.normal(seed, placement, rows, config.inChannels(), height, width);
    }
}
