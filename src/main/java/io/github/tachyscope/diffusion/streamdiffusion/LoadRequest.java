package io.github.tachyscope.diffusion.streamdiffusion;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineProvider.PipelineLoadFailed;
import java.util.ArrayList;
import java.util.List;

/**
 * What is fixed when a model is loaded.
 *
 * @param frames that enter the stream batch together
 */
record LoadRequest(
        String model,
        int width,
        int height,
        int frames,
        Acceleration acceleration,
        boolean lcmLora,
        boolean tinyAutoencoder,
        List<Lora> loras) {
    /** Adapters of one model; each holds its factors in memory. */
    static final int MAX_LORAS = 16;

    /**
     * An adapter.
     *
     * @param path as the client gave it
     * @param runtime whether its scale may change later; else it becomes part of the weights
     */
    record Lora(String path, double scale, boolean runtime) {}

    LoadRequest {
        loras = List.copyOf(loras);
    }

    /** @param parameters checked, defaults filled in */
    static LoadRequest of(Parameters parameters) {
        return new LoadRequest(
                text(parameters, Schema.MODEL),
                number(parameters, CommonParameters.WIDTH),
                number(parameters, CommonParameters.HEIGHT),
                number(parameters, Schema.FRAME_BUFFER_SIZE),
                Acceleration.of(text(parameters, Schema.ACCELERATION)),
                flag(parameters, Schema.USE_LCM_LORA),
                flag(parameters, Schema.USE_TAESD),
                loras(parameters));
    }

    private static String text(Parameters parameters, String name) {
        return parameters.value(name).orElseThrow().asText();
    }

    private static int number(Parameters parameters, String name) {
        return parameters.value(name).orElseThrow().asInt();
    }

    private static boolean flag(Parameters parameters, String name) {
        return parameters.value(name).orElseThrow().asBoolean();
    }

    private static List<Lora> loras(Parameters parameters) {
        List<Lora> loras = new ArrayList<>();
        String mode = text(parameters, Schema.LORA_MERGE_MODE);
        parameters.value(Schema.LORAS).ifPresent(list -> list.forEach(item -> loras.add(lora(item, mode))));
        return loras;
    }

    private static Lora lora(JsonNode item, String usualMode) {
        JsonNode path = item.path("path");
        if (!path.isTextual() || path.textValue().isBlank()) {
            throw new PipelineLoadFailed("loras: each needs a path, not " + item);
        }
        String mode = item.hasNonNull("merge_mode") ? item.get("merge_mode").asText() : usualMode;
        if (!Schema.MERGE_MODES.contains(mode)) {
            throw new PipelineLoadFailed(
                    "loras: merge_mode must be one of " + String.join(", ", Schema.MERGE_MODES) + ", not " + mode);
        }
        double scale = Schema.scale(item.path("scale"), 1)
                .orElseThrow(() ->
                        new PipelineLoadFailed("loras: scale must be between -10 and 10, not " + item.path("scale")));
        return new Lora(path.textValue(), scale, mode.equals(Schema.RUNTIME));
    }
}
