package io.github.tachyscope.diffusion.sd.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineProvider.PipelineLoadFailed;
import java.util.ArrayList;
import java.util.List;

/**
 * Which model is loaded, and how.
 *
 * @param lcmLora whether the LCM LoRA of the family is merged where the model needs one
 * @param autoencoder {@link #FULL}, {@link #TINY}, or the name of another folder with a full one
 * @param previews whether the tiny autoencoder is loaded beside another one if it is there, for a quick look
 */
public record ModelRequest(
        String model,
        Acceleration acceleration,
        boolean lcmLora,
        String autoencoder,
        boolean previews,
        List<Lora> loras) {
    /** The model's own autoencoder. */
    public static final String FULL = "full";

    /** The tiny one of the model's family. */
    public static final String TINY = "tiny";

    /**
     * An adapter.
     *
     * @param path as the client gave it
     * @param textScale in the text encoders; another one than in the denoiser only where it cannot change later
     * @param runtime whether its scale may change later; else it becomes part of the weights
     */
    public record Lora(String path, double scale, double textScale, boolean runtime) {
        /** With the same scale everywhere. */
        public Lora(String path, double scale, boolean runtime) {
            this(path, scale, scale, runtime);
        }
    }

    public ModelRequest {
        loras = List.copyOf(loras);
    }

    /** @param parameters checked, defaults filled in */
    public static ModelRequest of(Parameters parameters, boolean lcmLora, String autoencoder, boolean previews) {
        return new ModelRequest(
                text(parameters, ModelParameters.MODEL),
                Acceleration.of(text(parameters, ModelParameters.ACCELERATION)),
                lcmLora,
                autoencoder,
                previews,
                loras(parameters));
    }

    private static String text(Parameters parameters, String name) {
        return parameters.value(name).orElseThrow().asText();
    }

    private static List<Lora> loras(Parameters parameters) {
        List<Lora> loras = new ArrayList<>();
        String mode = text(parameters, ModelParameters.LORA_MERGE_MODE);
        parameters.value(ModelParameters.LORAS).ifPresent(list -> list.forEach(item -> loras.add(lora(item, mode))));
        return loras;
    }

    private static Lora lora(JsonNode item, String usualMode) {
        JsonNode path = item.path("path");
        if (!path.isTextual() || path.textValue().isBlank()) {
            throw new PipelineLoadFailed("loras: each needs a path, not " + item);
        }
        String mode = item.hasNonNull("merge_mode") ? item.get("merge_mode").asText() : usualMode;
        if (!ModelParameters.MERGE_MODES.contains(mode)) {
            throw new PipelineLoadFailed("loras: merge_mode must be one of "
                    + String.join(", ", ModelParameters.MERGE_MODES) + ", not " + mode);
        }
        double scale = scale(item, "scale", 1);
        double textScale = scale(item, "text_scale", scale);
        boolean runtime = mode.equals(ModelParameters.RUNTIME);
        if (runtime && textScale != scale) {
            throw new PipelineLoadFailed("loras: text_scale is for merge_mode " + ModelParameters.PERMANENT
                    + "; a scale that may change is the same in denoiser and text encoders");
        }
        return new Lora(path.textValue(), scale, textScale, runtime);
    }

    private static double scale(JsonNode item, String name, double preset) {
        return ModelParameters.scale(item.path(name), preset)
                .orElseThrow(() -> new PipelineLoadFailed(
                        "loras: " + name + " must be between -10 and 10, not " + item.path(name)));
    }
}
