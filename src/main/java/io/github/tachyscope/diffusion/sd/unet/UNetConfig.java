package io.github.tachyscope.diffusion.sd.unet;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.tensor.WeightsRejected;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The form of a denoiser, as {@code unet/config.json} gives it.
 *
 * @param inChannels of the latent
 * @param outChannels of the prediction
 * @param levels from the finest to the coarsest
 * @param midCross whether the middle block attends to the prompt
 * @param crossWidth width of the prompt's token states
 * @param groups of the group norms
 * @param eps of the group norms
 * @param linearProjection whether transformers project by matrix instead of 1x1 convolution
 * @param scaleShift whether the time embedding scales and shifts the normalised features, instead of being added
 * @param cosineFirst order of the time sinusoid's halves
 * @param frequencyShift of the time sinusoid
 * @param addedTime SDXL's conditioning on sizes and a pooled prompt, if the model has it
 * @param pooledWidth width of a pooled prompt that is projected onto the time embedding, if the model takes one
 */
public record UNetConfig(
        int inChannels,
        int outChannels,
        List<Level> levels,
        boolean midCross,
        int crossWidth,
        int groups,
        double eps,
        boolean linearProjection,
        boolean scaleShift,
        boolean cosineFirst,
        double frequencyShift,
        Optional<AddedTime> addedTime,
        Optional<Integer> pooledWidth) {

    /**
     * One resolution.
     *
     * @param channels width of its features
     * @param resnets number of ResNet blocks on the way down; one more on the way up
     * @param crossDown whether the way down attends to the prompt
     * @param crossUp whether the way up does
     * @param transformers layers per attention
     * @param heads of an attention
     */
    public record Level(int channels, int resnets, boolean crossDown, boolean crossUp, int transformers, int heads) {}

    /**
     * @param width of one number's sinusoid
     * @param inputWidth of the pooled prompt and all sinusoids together
     */
    public record AddedTime(int width, int inputWidth) {}

    /** Width of the time embedding. */
    int timeWidth() {
        return 4 * levels.get(0).channels();
    }

    private static final Set<String> UNSUPPORTED_UNLESS_ABSENT = Set.of(
            "encoder_hid_dim",
            "encoder_hid_dim_type",
            "num_attention_heads",
            "num_class_embeds",
            "time_cond_proj_dim",
            "time_embedding_dim",
            "time_embedding_act_fn",
            "timestep_post_act",
            "cross_attention_norm",
            "reverse_transformer_layers_per_block");
    private static final Set<String> UNSUPPORTED_UNLESS_FALSE = Set.of(
            "dual_cross_attention",
            "only_cross_attention",
            "mid_block_only_cross_attention",
            "center_input_sample",
            "resnet_skip_time_act",
            "class_embeddings_concat");

    /** @throws WeightsRejected if the configuration asks for something unsupported; the message names the key */
    public static UNetConfig read(JsonNode config) {
        refuseUnsupported(config);
        List<String> down = texts(config, "down_block_types");
        List<String> up = texts(config, "up_block_types");
        int[] channels = perBlock(config, "block_out_channels", down.size(), -1);
        int[] resnets = perBlock(config, "layers_per_block", down.size(), 2);
        int[] transformers = perBlock(config, "transformer_layers_per_block", down.size(), 1);
        // Despite its name the key holds the number of heads; published files rely on it.
        int[] heads = perBlock(config, "attention_head_dim", down.size(), 8);
        if (up.size() != down.size()) {
            throw new WeightsRejected("up_block_types has " + up.size() + " entries for " + down.size() + " levels");
        }
        int crossWidth = perBlock(config, "cross_attention_dim", down.size(), 1280)[0];
        List<Level> levels = new ArrayList<>();
        for (int i = 0; i < channels.length; i++) {
            boolean crossDown = cross(down.get(i), "down_block_types", "DownBlock2D", "CrossAttnDownBlock2D");
            boolean crossUp = cross(up.get(up.size() - 1 - i), "up_block_types", "UpBlock2D", "CrossAttnUpBlock2D");
            if (heads[i] < 1 || channels[i] % heads[i] != 0) {
                throw new WeightsRejected(
                        "attention_head_dim means " + heads[i] + " heads, which do not divide " + channels[i]);
            }
            levels.add(new Level(channels[i], resnets[i], crossDown, crossUp, transformers[i], heads[i]));
        }
        boolean addedTime =
                "text_time".equals(config.path("addition_embed_type").asText());
        boolean projected = "projection".equals(config.path("class_embed_type").asText());
        int inputWidth = config.path("projection_class_embeddings_input_dim").asInt();
        return new UNetConfig(
                config.path("in_channels").asInt(4),
                config.path("out_channels").asInt(4),
                List.copyOf(levels),
                true,
                crossWidth,
                config.path("norm_num_groups").asInt(32),
                config.path("norm_eps").asDouble(1e-5),
                config.path("use_linear_projection").asBoolean(false),
                "scale_shift".equals(config.path("resnet_time_scale_shift").asText()),
                config.path("flip_sin_to_cos").asBoolean(true),
                config.path("freq_shift").asDouble(0),
                addedTime
                        ? Optional.of(new AddedTime(
                                config.path("addition_time_embed_dim").asInt(256), inputWidth))
                        : Optional.empty(),
                projected ? Optional.of(inputWidth) : Optional.empty());
    }

    private static void refuseUnsupported(JsonNode config) {
        UNSUPPORTED_UNLESS_ABSENT.forEach(key -> {
            if (config.hasNonNull(key)) {
                throw unsupported(config, key, "null");
            }
        });
        UNSUPPORTED_UNLESS_FALSE.forEach(key -> {
            JsonNode value = config.path(key);
            if (value.isBoolean() ? value.asBoolean() : config.hasNonNull(key)) {
                throw unsupported(config, key, "false");
            }
        });
        onlyValues(config, "class_embed_type", "projection");
        onlyValues(config, "addition_embed_type", "text_time");
        onlyValues(config, "resnet_time_scale_shift", "default", "scale_shift");
        onlyValues(config, "mid_block_type", "UNetMidBlock2DCrossAttn");
        onlyValues(config, "time_embedding_type", "positional");
        onlyValues(config, "attention_type", "default");
        onlyValues(config, "act_fn", "silu", "swish");
        onlyValues(config, "conv_in_kernel", "3");
        onlyValues(config, "conv_out_kernel", "3");
        onlyValues(config, "downsample_padding", "1");
        onlyValues(config, "mid_block_scale_factor", "1", "1.0");
        onlyValues(config, "resnet_out_scale_factor", "1", "1.0");
    }

    private static void onlyValues(JsonNode config, String key, String... allowed) {
        if (config.hasNonNull(key) && !Set.of(allowed).contains(config.get(key).asText())) {
            throw unsupported(config, key, String.join(" or ", allowed));
        }
    }

    private static WeightsRejected unsupported(JsonNode config, String key, String supported) {
        return new WeightsRejected("the denoiser's " + key + " is " + config.get(key) + "; supported is " + supported);
    }

    private static boolean cross(String type, String key, String plain, String attending) {
        if (type.equals(plain) || type.equals(attending)) {
            return type.equals(attending);
        }
        throw new WeightsRejected(
                "the denoiser's " + key + " has " + type + "; supported are " + plain + " and " + attending);
    }

    private static List<String> texts(JsonNode config, String key) {
        List<String> texts = new ArrayList<>();
        config.path(key).forEach(node -> texts.add(node.asText()));
        if (texts.isEmpty()) {
            throw new WeightsRejected("the denoiser's configuration has no " + key);
        }
        return texts;
    }

    /** One number per level; a single number counts for all. */
    private static int[] perBlock(JsonNode config, String key, int blocks, int preset) {
        JsonNode node = config.path(key);
        int[] values = new int[blocks];
        for (int i = 0; i < blocks; i++) {
            JsonNode value = node.isArray() ? node.path(i) : node;
            values[i] = value.isIntegralNumber() ? value.asInt() : node.isArray() ? -1 : preset;
            if (values[i] < 1 || (node.isArray() && node.size() != blocks)) {
                throw new WeightsRejected("the denoiser's " + key + " is " + node
                        + "; a positive number, or one for each of the " + blocks + " levels, is needed");
            }
        }
        return values;
    }
}
