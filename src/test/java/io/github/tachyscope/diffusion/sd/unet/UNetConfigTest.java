package io.github.tachyscope.diffusion.sd.unet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.tensor.WeightsRejected;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UNetConfigTest {
    /** What SD 1.5 writes, without what it writes only for other models. */
    private static final String CLASSIC = """
            {"_class_name": "UNet2DConditionModel", "block_out_channels": [320, 640, 1280, 1280],
             "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
             "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
             "attention_head_dim": 8, "cross_attention_dim": 768, "num_attention_heads": null, "some_later_key": 5}""";

    @Test
    void absentKeysTakeTheReferencesPresets() {
        UNetConfig config = UNetConfig.read(json(CLASSIC));
        assertEquals(
                new UNetConfig(
                        4,
                        4,
                        List.of(
                                new UNetConfig.Level(320, 2, true, true, 1, 8),
                                new UNetConfig.Level(640, 2, true, true, 1, 8),
                                new UNetConfig.Level(1280, 2, true, true, 1, 8),
                                new UNetConfig.Level(1280, 2, false, false, 1, 8)),
                        768,
                        32,
                        1e-5,
                        false,
                        false,
                        true,
                        0,
                        Optional.empty(),
                        Optional.empty()),
                config);
        assertEquals(1280, config.timeWidth());
    }

    @Test
    void valuesMayBeOnePerLevel() {
        ObjectNode config = json(CLASSIC);
        config.set("attention_head_dim", value("[5, 10, 20, 4]"));
        config.set("layers_per_block", value("[1, 2, 3, 4]"));
        config.set("transformer_layers_per_block", value("[1, 2, 10, 1]"));
        config.set("cross_attention_dim", value("[1024, 1024, 1024, 1024]"));
        UNetConfig read = UNetConfig.read(config);
        assertEquals(1024, read.crossWidth());
        assertEquals(
                new UNetConfig.Level(1280, 3, true, true, 10, 20), read.levels().get(2));
        assertEquals(
                new UNetConfig.Level(1280, 4, false, false, 1, 4), read.levels().get(3));
    }

    @Test
    void theBundledFormAttendsWithThreeHeadsOfWidth32() {
        UNetConfig config = UNetConfig.read(json(SmallUNets.BUNDLED));
        UNetConfig.Level coarsest = config.levels().get(2);
        assertEquals(new UNetConfig.Level(96, 1, true, true, 1, 3), coarsest);
        assertEquals(32, coarsest.channels() / coarsest.heads());
        assertTrue(config.scaleShift());
        assertEquals(Optional.of(96), config.pooledWidth());
        assertFalse(config.levels().get(1).crossDown() || config.levels().get(1).crossUp());
    }

    @Test
    void headsMatterOnlyWhereALevelAttends() {
        ObjectNode config = json(SmallUNets.BUNDLED);
        config.put("attention_head_dim", 3);
        config.set("block_out_channels", value("[48, 80, 96]"));
        assertEquals(80, UNetConfig.read(config).levels().get(1).channels());
    }

    @Test
    void sizesOfAnAddedPromptAreRead() {
        ObjectNode config = json(CLASSIC);
        config.put("addition_embed_type", "text_time").put("projection_class_embeddings_input_dim", 2816);
        assertEquals(
                Optional.of(new UNetConfig.AddedTime(256, 2816)),
                UNetConfig.read(config).addedTime());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "_class_name | \"UNet3DConditionModel\"",
                "class_embed_type | \"timestep\"",
                "class_embed_type | \"identity\"",
                "class_embed_type | \"simple_projection\"",
                "num_class_embeds | 10",
                "encoder_hid_dim | 1024",
                "encoder_hid_dim_type | \"text_proj\"",
                "addition_embed_type | \"image\"",
                "addition_embed_type | \"text\"",
                "dual_cross_attention | true",
                "only_cross_attention | true",
                "only_cross_attention | [false, false, false, true]",
                "mid_block_only_cross_attention | true",
                "resnet_time_scale_shift | \"spatial\"",
                "resnet_skip_time_act | true",
                "class_embeddings_concat | true",
                "center_input_sample | true",
                "time_cond_proj_dim | 256",
                "time_embedding_type | \"fourier\"",
                "time_embedding_dim | 256",
                "time_embedding_act_fn | \"silu\"",
                "timestep_post_act | \"silu\"",
                "mid_block_type | \"UNetMidBlock2DSimpleCrossAttn\"",
                "mid_block_type | \"UNetMidBlock2D\"",
                "mid_block_type | null",
                "attention_type | \"gated\"",
                "cross_attention_norm | \"layer_norm\"",
                "reverse_transformer_layers_per_block | [[1, 1], [1, 1], [1, 1], [1, 1]]",
                "act_fn | \"gelu\"",
                "conv_in_kernel | 1",
                "conv_out_kernel | 5",
                "downsample_padding | 0",
                "mid_block_scale_factor | 1.5",
                "resnet_out_scale_factor | 1.4",
                "num_attention_heads | 8",
                "num_attention_heads | [5, 10, 20, 20]",
                "norm_num_groups | null",
                "norm_num_groups | 0",
                "norm_num_groups | 48",
                "norm_eps | 0",
                "norm_eps | \"small\"",
                "in_channels | 0",
                "in_channels | 4.5",
                "in_channels | \"4\"",
                "out_channels | 3000000000",
                "freq_shift | 160",
                "freq_shift | -1",
                "flip_sin_to_cos | \"yes\"",
                "use_linear_projection | 1",
                "block_out_channels | [320, 640, 1280]",
                "block_out_channels | [320, 640, 1280, 99999999]",
                "layers_per_block | [2, 2, 2]",
                "layers_per_block | -2",
                "transformer_layers_per_block | [[1, 1], [2, 2], [1, 1], [1, 1]]",
                "transformer_layers_per_block | 0",
                "attention_head_dim | 7",
                "attention_head_dim | [8, 8, 8, 9]",
                "cross_attention_dim | [768, 768, 1024, 768]",
                "down_block_types | [\"AttnDownBlock2D\", \"DownBlock2D\", \"DownBlock2D\", \"DownBlock2D\"]",
                "down_block_types | []",
                "up_block_types | [\"UpBlock2D\", \"UpBlock2D\", \"UpBlock2D\"]",
                "up_block_types | \"UpBlock2D\"",
            })
    void refusesByNameWhatItCannotHonour(String key, String value) {
        ObjectNode config = json(CLASSIC);
        config.set(key, value(value));
        assertRefused(config, key);
    }

    @Test
    void refusesIncompleteEmbeddings() {
        ObjectNode projected = json(CLASSIC).put("class_embed_type", "projection");
        assertRefused(projected, "projection_class_embeddings_input_dim");
        ObjectNode added = json(CLASSIC).put("addition_embed_type", "text_time");
        assertRefused(added, "projection_class_embeddings_input_dim");
        assertRefused(
                added.deepCopy().put("projection_class_embeddings_input_dim", 6 * 256),
                "projection_class_embeddings_input_dim");
        assertRefused(added.deepCopy().put("addition_time_embed_dim", 255), "addition_time_embed_dim");
        assertRefused(
                added.deepCopy()
                        .put("class_embed_type", "projection")
                        .put("projection_class_embeddings_input_dim", 2816),
                "class_embed_type");
    }

    @Test
    void refusesAConfigurationWithoutLevels() {
        assertRefused(value("{}"), "down_block_types");
        assertRefused(value("[]"), "down_block_types");
        ObjectNode config = json(CLASSIC);
        config.remove("block_out_channels");
        assertRefused(config, "block_out_channels");
    }

    private static void assertRefused(JsonNode config, String key) {
        String message = assertThrows(WeightsRejected.class, () -> UNetConfig.read(config), config::toString)
                .getMessage();
        assertTrue(message.contains("the denoiser's " + key + " is "), message);
    }

    private static ObjectNode json(String text) {
        return (ObjectNode) value(text);
    }

    private static JsonNode value(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException malformed) {
            throw new IllegalArgumentException(text, malformed);
        }
    }
}
