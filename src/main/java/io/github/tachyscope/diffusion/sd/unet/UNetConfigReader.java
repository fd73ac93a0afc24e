package io.github.tachyscope.diffusion.sd.unet;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.tensor.WeightsRejected;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads {@code unet/config.json}. Unknown keys are ignored, absent ones have the reference's presets; what would need
 * another network than {@link UNet} is refused, so that a model never runs in a form it was not trained in.
 */
final class UNetConfigReader {
    /** Far above any published width or depth; keeps sizes within an int and a mistyped file from filling the memory. */
    private static final int MAX_SIZE = 1 << 16;

    /** Height, width, crop and target sizes: so many numbers come with SDXL's prompt. */
    private static final int ADDED_SIZES = 6;

    private static final List<String> ONLY_ABSENT = List.of(
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
    private static final List<String> ONLY_FALSE = List.of(
            "dual_cross_attention",
            "only_cross_attention",
            "mid_block_only_cross_attention",
            "center_input_sample",
            "resnet_skip_time_act",
            "class_embeddings_concat");

    private final JsonNode config;

    UNetConfigReader(JsonNode config) {
        this.config = config;
    }

    UNetConfig read() {
        refuseUnsupported();
        List<UNetConfig.Level> levels = levels();
        int groups = size("norm_num_groups", 32);
        for (UNetConfig.Level level : levels) {
            check(
                    level.channels() % groups == 0,
                    "norm_num_groups",
                    "a divisor of every level's width, such as " + level.channels());
        }
        double frequencyShift = real("freq_shift", 0);
        int finest = levels.get(0).channels();
        check(finest % 2 == 0, "block_out_channels", "an even width of the first level");
        check(
                frequencyShift >= 0 && frequencyShift < finest / 2,
                "freq_shift",
                "less than half the first level's width");
        double eps = real("norm_eps", 1e-5);
        check(eps > 0, "norm_eps", "a positive number");
        return new UNetConfig(
                size("in_channels", 4),
                size("out_channels", 4),
                levels,
                crossWidth(levels.size()),
                groups,
                eps,
                flag("use_linear_projection", false),
                is("resnet_time_scale_shift", "scale_shift"),
                flag("flip_sin_to_cos", true),
                frequencyShift,
                addedTime(),
                is("class_embed_type", "projection")
                        ? Optional.of(size("projection_class_embeddings_input_dim", 0))
                        : Optional.empty());
    }

    private void refuseUnsupported() {
        onlyValues("_class_name", "UNet2DConditionModel");
        ONLY_ABSENT.forEach(key -> check(!config.hasNonNull(key), key, "null"));
        ONLY_FALSE.forEach(key -> check(!config.hasNonNull(key) || isFalse(config.get(key)), key, "false"));
        onlyValues("class_embed_type", "projection");
        onlyValues("addition_embed_type", "text_time");
        // Both would share the one key that gives their input's width.
        check(
                !(is("class_embed_type", "projection") && is("addition_embed_type", "text_time")),
                "class_embed_type",
                "null beside an addition_embed_type");
        onlyValues("resnet_time_scale_shift", "default", "scale_shift");
        onlyValues("mid_block_type", "UNetMidBlock2DCrossAttn");
        check(!config.path("mid_block_type").isNull(), "mid_block_type", "UNetMidBlock2DCrossAttn");
        onlyValues("time_embedding_type", "positional");
        onlyValues("attention_type", "default");
        onlyValues("act_fn", "silu", "swish");
        onlyValues("conv_in_kernel", "3");
        onlyValues("conv_out_kernel", "3");
        onlyValues("downsample_padding", "1");
        onlyValues("mid_block_scale_factor", "1", "1.0");
        onlyValues("resnet_out_scale_factor", "1", "1.0");
    }

    private List<UNetConfig.Level> levels() {
        List<String> down = texts("down_block_types");
        List<String> up = texts("up_block_types");
        int count = down.size();
        check(up.size() == count, "up_block_types", "one entry for each of the " + count + " of down_block_types");
        int[] channels = perLevel("block_out_channels", count, 0);
        int[] resnets = perLevel("layers_per_block", count, 2);
        int[] transformers = perLevel("transformer_layers_per_block", count, 1);
        // Despite its name the key holds the number of heads: the reference reads it so, and published files rely on
        // it.
        int[] heads = perLevel("attention_head_dim", count, 8);
        List<UNetConfig.Level> levels = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean crossDown = attends(down.get(i), "down_block_types", "DownBlock2D", "CrossAttnDownBlock2D");
            boolean crossUp = attends(up.get(count - 1 - i), "up_block_types", "UpBlock2D", "CrossAttnUpBlock2D");
            boolean crossMid = i == count - 1;
            check(
                    !(crossDown || crossUp || crossMid) || channels[i] % heads[i] == 0,
                    "attention_head_dim",
                    "a number of heads that divides the level's width of " + channels[i]);
            levels.add(new UNetConfig.Level(channels[i], resnets[i], crossDown, crossUp, transformers[i], heads[i]));
        }
        return List.copyOf(levels);
    }

    private boolean attends(String type, String key, String plain, String attending) {
        check(type.equals(plain) || type.equals(attending), key, plain + " or " + attending + " for each level");
        return type.equals(attending);
    }

    private int crossWidth(int levels) {
        int[] widths = perLevel("cross_attention_dim", levels, 1280);
        check(Arrays.stream(widths).distinct().count() == 1, "cross_attention_dim", "one width for all levels");
        return widths[0];
    }

    private Optional<UNetConfig.AddedTime> addedTime() {
        if (!is("addition_embed_type", "text_time")) {
            return Optional.empty();
        }
        int width = size("addition_time_embed_dim", 256);
        check(width % 2 == 0, "addition_time_embed_dim", "an even number");
        int input = size("projection_class_embeddings_input_dim", 0);
        check(
                input > ADDED_SIZES * width,
                "projection_class_embeddings_input_dim",
                "more than " + ADDED_SIZES + " times addition_time_embed_dim");
        return Optional.of(new UNetConfig.AddedTime(width, input));
    }

    private boolean is(String key, String value) {
        return value.equals(config.path(key).asText());
    }

    private static boolean isFalse(JsonNode value) {
        return value.isBoolean() && !value.asBoolean();
    }

    private void onlyValues(String key, String... allowed) {
        check(
                !config.hasNonNull(key)
                        || Arrays.asList(allowed).contains(config.get(key).asText()),
                key,
                String.join(" or ", allowed));
    }

    private boolean flag(String key, boolean preset) {
        JsonNode value = config.path(key);
        check(value.isMissingNode() || value.isBoolean(), key, "true or false");
        return value.asBoolean(preset);
    }

    private double real(String key, double preset) {
        JsonNode value = config.path(key);
        check(value.isMissingNode() || value.isNumber(), key, "a number");
        return value.asDouble(preset);
    }

    /** @param preset if the key is absent; 0 if it must not be */
    private int size(String key, int preset) {
        return size(config.path(key), key, preset, "a whole number from 1 to " + MAX_SIZE);
    }

    private int size(JsonNode value, String key, int preset, String needed) {
        int size = value.isMissingNode() ? preset : value.isInt() ? value.asInt() : 0;
        check(size >= 1 && size <= MAX_SIZE, key, needed);
        return size;
    }

    /** One number per level; a single number counts for all. */
    private int[] perLevel(String key, int levels, int preset) {
        JsonNode node = config.path(key);
        String needed = "a whole number from 1 to " + MAX_SIZE + ", or one for each of the " + levels + " levels";
        check(!node.isArray() || node.size() == levels, key, needed);
        int[] sizes = new int[levels];
        for (int i = 0; i < levels; i++) {
            sizes[i] = size(node.isArray() ? node.get(i) : node, key, preset, needed);
        }
        return sizes;
    }

    private List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        config.path(key).forEach(node -> texts.add(node.asText()));
        check(config.path(key).isArray() && !texts.isEmpty(), key, "a list with a block for each level");
        return texts;
    }

    private void check(boolean fulfilled, String key, String needed) {
        if (!fulfilled) {
            JsonNode value = config.path(key);
            throw new WeightsRejected("the denoiser's " + key + " is " + (value.isMissingNode() ? "absent" : value)
                    + "; needed is " + needed);
        }
    }
}
