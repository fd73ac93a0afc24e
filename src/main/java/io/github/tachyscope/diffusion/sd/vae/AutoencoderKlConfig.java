package io.github.tachyscope.diffusion.sd.vae;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.tensor.WeightsRejected;
import java.util.ArrayList;
import java.util.List;

/**
 * The form of a full autoencoder, as {@code vae/config.json} gives it.
 *
 * @param inChannels of the pictures that go in
 * @param outChannels of the pictures that come out
 * @param latentChannels of the latents
 * @param channels width of the features at each resolution, from the finest
 * @param resnets number of ResNet blocks per resolution on the way down; one more on the way up
 * @param groups of the group norms
 * @param middleAttention whether the middle blocks attend
 * @param quantConv whether a 1x1 convolution follows the encoder
 * @param postQuantConv whether a 1x1 convolution precedes the decoder
 * @param scaling factor from the network's latents to the denoiser's
 * @param shift subtracted before scaling
 * @param overflowsInHalf whether features may exceed the range of fp16; bf16 and fp32 hold them
 */
public record AutoencoderKlConfig(
        int inChannels,
        int outChannels,
        int latentChannels,
        List<Integer> channels,
        int resnets,
        int groups,
        boolean middleAttention,
        boolean quantConv,
        boolean postQuantConv,
        double scaling,
        double shift,
        boolean overflowsInHalf) {
    /** More than any published model; keeps a damaged file from asking for endless layers. */
    private static final int MOST_LEVELS = 16;

    private static final int MOST_RESNETS = 64;

    /** Pixels per latent each way. */
    public int reduction() {
        return 1 << (channels.size() - 1);
    }

    /** @throws WeightsRejected if the configuration asks for something unsupported; the message names the key */
    public static AutoencoderKlConfig read(JsonNode config) {
        if (!config.path("act_fn").asText("silu").matches("silu|swish")) {
            throw rejected(config, "act_fn", "silu");
        }
        for (String key : List.of("latents_mean", "latents_std")) {
            if (config.hasNonNull(key)) {
                throw rejected(config, key, "null");
            }
        }
        int groups = positive(config, "norm_num_groups", 32);
        List<Integer> channels = channels(config, groups);
        allOf(config, "down_block_types", "DownEncoderBlock2D", channels.size());
        allOf(config, "up_block_types", "UpDecoderBlock2D", channels.size());
        int resnets = positive(config, "layers_per_block", 2);
        if (resnets > MOST_RESNETS) {
            throw rejected(config, "layers_per_block", "at most " + MOST_RESNETS);
        }
        return new AutoencoderKlConfig(
                positive(config, "in_channels", 3),
                positive(config, "out_channels", 3),
                positive(config, "latent_channels", 4),
                channels,
                resnets,
                groups,
                flag(config, "mid_block_add_attention"),
                flag(config, "use_quant_conv"),
                flag(config, "use_post_quant_conv"),
                scaling(config),
                number(config, "shift_factor", 0),
                flag(config, "force_upcast"));
    }

    private static List<Integer> channels(JsonNode config, int groups) {
        JsonNode widths = config.path("block_out_channels");
        if (widths.isMissingNode()) {
            return List.of(128, 256, 512, 512);
        }
        List<Integer> channels = new ArrayList<>();
        widths.forEach(width -> channels.add(width.asInt()));
        if (channels.isEmpty()
                || channels.size() > MOST_LEVELS
                || channels.stream().anyMatch(width -> width < 1 || width % groups != 0)) {
            throw rejected(config, "block_out_channels", "1 to " + MOST_LEVELS + " multiples of norm_num_groups");
        }
        return List.copyOf(channels);
    }

    private static void allOf(JsonNode config, String key, String type, int count) {
        if (!config.has(key)) {
            return;
        }
        boolean same = config.get(key).size() == count;
        for (JsonNode each : config.get(key)) {
            same &= each.asText().equals(type);
        }
        if (!same) {
            throw rejected(config, key, count + " times " + type);
        }
    }

    private static double scaling(JsonNode config) {
        double scaling = number(config, "scaling_factor", 0.18215);
        if (scaling == 0) {
            throw rejected(config, "scaling_factor", "a number other than 0");
        }
        return scaling;
    }

    private static double number(JsonNode config, String key, double preset) {
        if (!config.hasNonNull(key)) {
            return preset;
        }
        if (!config.get(key).isNumber()) {
            throw rejected(config, key, "a number");
        }
        return config.get(key).asDouble();
    }

    private static int positive(JsonNode config, String key, int preset) {
        int value = config.path(key).asInt(config.hasNonNull(key) ? -1 : preset);
        if (value < 1) {
            throw rejected(config, key, "a positive number");
        }
        return value;
    }

    private static boolean flag(JsonNode config, String key) {
        if (!config.hasNonNull(key)) {
            return true;
        }
        if (!config.get(key).isBoolean()) {
            throw rejected(config, key, "true or false");
        }
        return config.get(key).asBoolean();
    }

    private static WeightsRejected rejected(JsonNode config, String key, String supported) {
        return new WeightsRejected(
                "the autoencoder's " + key + " is " + config.path(key) + "; supported is " + supported);
    }
}
