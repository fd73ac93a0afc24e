package io.github.tachyscope.diffusion.streamdiffusion;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.sd.model.ModelRequest;

/**
 * What is fixed when a model is loaded.
 *
 * @param frames that enter the stream batch together
 */
record LoadRequest(ModelRequest model, int width, int height, int frames) {

    /** @param parameters checked, defaults filled in */
    static LoadRequest of(Parameters parameters) {
        return new LoadRequest(
                ModelRequest.of(
                        parameters,
                        value(parameters, Schema.USE_LCM_LORA).asBoolean(),
                        value(parameters, Schema.USE_TAESD).asBoolean() ? ModelRequest.TINY : ModelRequest.FULL,
                        false),
                value(parameters, CommonParameters.WIDTH).asInt(),
                value(parameters, CommonParameters.HEIGHT).asInt(),
                value(parameters, Schema.FRAME_BUFFER_SIZE).asInt());
    }

    private static JsonNode value(Parameters parameters, String name) {
        return parameters.value(name).orElseThrow();
    }
}
