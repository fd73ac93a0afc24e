package io.github.tachyscope.diffusion.sd.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.tensor.WeightsRejected;
import java.util.Optional;

/**
 * The form of a text encoder, as {@code text_encoder/config.json} gives it.
 *
 * @param vocabulary number of tokens
 * @param width of a token's state
 * @param innerWidth of the feed-forward
 * @param layers number of transformer layers
 * @param heads of an attention
 * @param positions most tokens of a prompt
 * @param eps of the layer norms
 * @param activation of the feed-forward
 * @param endToken whose position gives the pooled state; 2 means "the largest token", see {@link ClipTextModel}
 * @param projection width of the projected pooled state, if the encoder has a projection
 */
public record ClipTextConfig(
        int vocabulary,
        int width,
        int innerWidth,
        int layers,
        int heads,
        int positions,
        double eps,
        Activation activation,
        long endToken,
        Optional<Integer> projection) {

    /** Activations of published encoders. */
    public enum Activation {
        /** {@code x sigmoid(1.702 x)}. */
        QUICK_GELU,
        GELU
    }

    /** @throws WeightsRejected if the configuration asks for something unsupported; the message names the key */
    public static ClipTextConfig read(JsonNode config) {
        boolean projected = false;
        for (JsonNode architecture : config.path("architectures")) {
            projected |= architecture.asText().endsWith("WithProjection");
        }
        int width = positive(config, "hidden_size", 512);
        int heads = positive(config, "num_attention_heads", 8);
        if (width % heads != 0) {
            throw new WeightsRejected("the text encoder's num_attention_heads " + heads + " do not divide " + width);
        }
        return new ClipTextConfig(
                positive(config, "vocab_size", 49408),
                width,
                positive(config, "intermediate_size", 2048),
                positive(config, "num_hidden_layers", 12),
                heads,
                positive(config, "max_position_embeddings", 77),
                config.path("layer_norm_eps").asDouble(1e-5),
                activation(config.path("hidden_act").asText("quick_gelu")),
                config.path("eos_token_id").asLong(2),
                projected ? Optional.of(positive(config, "projection_dim", 512)) : Optional.empty());
    }

    private static Activation activation(String name) {
        return switch (name) {
            case "quick_gelu" -> Activation.QUICK_GELU;
            case "gelu" -> Activation.GELU;
            default ->
                throw new WeightsRejected(
                        "the text encoder's hidden_act is \"" + name + "\"; supported are quick_gelu and gelu");
        };
    }

    private static int positive(JsonNode config, String key, int preset) {
        int value = config.path(key).asInt(config.hasNonNull(key) ? -1 : preset);
        if (value < 1) {
            throw new WeightsRejected(
                    "the text encoder's " + key + " is " + config.get(key) + "; a positive number is needed");
        }
        return value;
    }
}
