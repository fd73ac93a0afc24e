package io.github.tachyscope.diffusion.sd.vae;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.tensor.WeightsRejected;
import java.util.ArrayList;
import java.util.List;

/**
 * The form of a tiny autoencoder, as {@code vae/config.json} gives it.
 *
 * <p>Two keys are this server's own: {@code patch_size} folds squares of pixels into channels before the encoder and
 * unfolds them behind the decoder, {@code pixel_range} is {@code [-1, 1]} (the published models) or {@code [0, 1]}, the
 * range of pictures outside; the network itself always works on [0, 1].
 *
 * @param imageChannels of the pictures
 * @param latentChannels of the latents
 * @param patch side of the folded squares, 1 for none
 * @param unitRange whether pictures are in [0, 1] instead of [-1, 1]
 * @param encoder stages, from the finest
 * @param decoder stages, from the coarsest
 * @param scaling factor between the network's latents and the denoiser's
 * @param magnitude half the range of latents that {@code scaleLatents} maps to [0, 1]
 * @param shift of that mapping
 */
public record AutoencoderTinyConfig(
        int imageChannels,
        int latentChannels,
        int patch,
        boolean unitRange,
        List<Stage> encoder,
        List<Stage> decoder,
        double scaling,
        double magnitude,
        double shift) {

    /**
     * @param channels width of its features
     * @param blocks number of residual blocks
     */
    public record Stage(int channels, int blocks) {}

    /** Pixels per latent each way. */
    public int reduction() {
        return patch << (encoder.size() - 1);
    }

    /** Channels that the network sees. */
    int foldedChannels() {
        return imageChannels * patch * patch;
    }

    /** @throws WeightsRejected if the configuration asks for something unsupported; the message names the key */
    public static AutoencoderTinyConfig read(JsonNode config) {
        only(config, "act_fn", "relu");
        only(config, "upsample_fn", "nearest");
        only(config, "upsampling_scaling_factor", "2");
        if (config.path("shift_factor").asDouble(0) != 0) {
            throw rejected(config, "shift_factor", "0");
        }
        int in = config.path("in_channels").asInt(3);
        if (config.path("out_channels").asInt(3) != in) {
            throw rejected(config, "out_channels", "the same as in_channels");
        }
        int patch = config.path("patch_size").asInt(1);
        if (patch < 1 || patch > 8) {
            throw rejected(config, "patch_size", "1 to 8");
        }
        List<Stage> encoder = stages(config, "encoder_block_out_channels", "num_encoder_blocks", 1, 3, 3, 3);
        List<Stage> decoder = stages(config, "decoder_block_out_channels", "num_decoder_blocks", 3, 3, 3, 1);
        if (encoder.size() != decoder.size()) {
            throw rejected(config, "num_decoder_blocks", "as many numbers as num_encoder_blocks has");
        }
        return new AutoencoderTinyConfig(
                in,
                config.path("latent_channels").asInt(4),
                patch,
                unitRange(config),
                encoder,
                decoder,
                config.path("scaling_factor").asDouble(1),
                config.path("latent_magnitude").asDouble(3),
                config.path("latent_shift").asDouble(0.5));
    }

    private static boolean unitRange(JsonNode config) {
        JsonNode range = config.path("pixel_range");
        if (range.isMissingNode()) {
            return false;
        }
        if (range.size() == 2 && range.path(1).asDouble() == 1) {
            double low = range.path(0).asDouble();
            if (low == 0 || low == -1) {
                return low == 0;
            }
        }
        throw rejected(config, "pixel_range", "[-1, 1] or [0, 1]");
    }

    private static List<Stage> stages(JsonNode config, String channelsKey, String blocksKey, int... presetBlocks) {
        JsonNode channels = config.path(channelsKey);
        JsonNode blocks = config.path(blocksKey);
        int count = blocks.isArray() ? blocks.size() : presetBlocks.length;
        if (channels.isArray() && channels.size() != count) {
            throw rejected(config, channelsKey, count + " numbers, as many as " + blocksKey + " has");
        }
        List<Stage> stages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int width = channels.isArray() ? channels.path(i).asInt() : 64;
            int number = blocks.isArray() ? blocks.path(i).asInt(-1) : presetBlocks[i];
            if (width < 1 || number < 0) {
                throw rejected(config, width < 1 ? channelsKey : blocksKey, "positive numbers");
            }
            stages.add(new Stage(width, number));
        }
        if (stages.isEmpty()) {
            throw rejected(config, blocksKey, "one number per stage");
        }
        return List.copyOf(stages);
    }

    private static void only(JsonNode config, String key, String allowed) {
        if (config.hasNonNull(key) && !config.get(key).asText().equals(allowed)) {
            throw rejected(config, key, allowed);
        }
    }

    private static WeightsRejected rejected(JsonNode config, String key, String supported) {
        return new WeightsRejected(
                "the autoencoder's " + key + " is " + config.path(key) + "; supported is " + supported);
    }
}
