package io.github.tachyscope.diffusion.tiny;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** The sizes of the bundled model, as configurations of the families its parts belong to. */
public final class TinyForm {
    /** Tokens of a prompt, the start and end token among them. */
    public static final int PROMPT_TOKENS = 24;

    /** Merges of the tokenizer. */
    public static final int MERGES = 1200;

    /** Width of a token's state and of the pooled prompt. */
    public static final int TEXT_WIDTH = 96;

    /** Channels of a latent. */
    public static final int LATENT_CHANNELS = 12;

    /** Pixels per latent each way. */
    public static final int REDUCTION = 4;

    private TinyForm() {}

    /** Pictures in [0, 1], folded by 2; together with one strided convolution a reduction of 4. */
    public static JsonNode autoencoder() {
        return json("""
                {"_class_name": "AutoencoderTiny", "in_channels": 3, "out_channels": 3, "patch_size": 2,
                 "pixel_range": [0, 1], "latent_channels": 12,
                 "encoder_block_out_channels": [32, 32], "num_encoder_blocks": [1, 2],
                 "decoder_block_out_channels": [32, 32], "num_decoder_blocks": [3, 1], "scaling_factor": 1.0}""");
    }

    /** Predicts the clean latent; attends on the coarsest level only, so that its cost grows with the picture's area. */
    public static JsonNode denoiser() {
        return json("""
                {"_class_name": "UNet2DConditionModel", "in_channels": 12, "out_channels": 12,
                 "block_out_channels": [48, 72, 96], "layers_per_block": 1, "norm_num_groups": 8,
                 "down_block_types": ["DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"],
                 "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"],
                 "mid_block_type": "UNetMidBlock2DCrossAttn", "attention_head_dim": [1, 1, 3],
                 "transformer_layers_per_block": 1, "cross_attention_dim": 96, "use_linear_projection": true,
                 "resnet_time_scale_shift": "scale_shift", "class_embed_type": "projection",
                 "projection_class_embeddings_input_dim": 96, "prediction_type": "sample"}""");
    }

    /**
     * @param vocabulary number of tokens
     * @param endToken id of the end token
     */
    public static JsonNode textEncoder(int vocabulary, long endToken) {
        return json("""
                {"architectures": ["CLIPTextModel"], "model_type": "clip_text_model", "hidden_size": 96,
                 "intermediate_size": 384, "num_hidden_layers": 2, "num_attention_heads": 4,
                 "max_position_embeddings": 24, "hidden_act": "quick_gelu", "vocab_size": %d, "eos_token_id": %d}""".formatted(vocabulary, endToken));
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
