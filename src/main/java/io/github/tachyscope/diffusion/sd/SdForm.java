package io.github.tachyscope.diffusion.sd;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Published denoisers, as their configurations have them. */
public enum SdForm {
    SD15(768, 0, """
            {"in_channels": 4, "out_channels": 4, "block_out_channels": [320, 640, 1280, 1280],
             "down_block_types":
                 ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
             "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
             "layers_per_block": 2, "attention_head_dim": 8, "cross_attention_dim": 768, "norm_num_groups": 32}"""),
    SD_TURBO(1024, 0, """
            {"in_channels": 4, "out_channels": 4, "block_out_channels": [320, 640, 1280, 1280],
             "down_block_types":
                 ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
             "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
             "layers_per_block": 2, "attention_head_dim": [5, 10, 20, 20], "cross_attention_dim": 1024,
             "use_linear_projection": true, "norm_num_groups": 32}"""),
    SDXL(2048, 1280, """
            {"in_channels": 4, "out_channels": 4, "block_out_channels": [320, 640, 1280],
             "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
             "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
             "layers_per_block": 2, "attention_head_dim": [5, 10, 20], "cross_attention_dim": 2048,
             "transformer_layers_per_block": [1, 2, 10], "use_linear_projection": true, "norm_num_groups": 32,
             "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
             "projection_class_embeddings_input_dim": 2816}""");

    final int promptWidth;
    /** Width of the pooled prompt, 0 for none. */
    final int pooledWidth;

    private final String json;

    SdForm(int promptWidth, int pooledWidth, String json) {
        this.promptWidth = promptWidth;
        this.pooledWidth = pooledWidth;
        this.json = json;
    }

    /** Its {@code config.json}. */
    public JsonNode denoiser() {
        try {
            return new ObjectMapper().readTree(json);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Whether {@link StepFloor} can narrow it. */
    public boolean hasFloor() {
        return pooledWidth == 0;
    }
}
