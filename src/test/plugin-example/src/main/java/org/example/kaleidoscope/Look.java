package org.example.kaleidoscope;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.Parameters;

/** The run-time parameters; the server has checked them against the schema. */
record Look(int segments, double angle, double zoom, boolean mirrored, double hue) {
    static Look of(Parameters parameters) {
        return new Look(
                parameters.value(KaleidoscopeProvider.SEGMENTS).map(JsonNode::asInt).orElse(6),
                Math.toRadians(number(parameters, KaleidoscopeProvider.ANGLE, 0)),
                number(parameters, KaleidoscopeProvider.ZOOM, 1),
                parameters.value(KaleidoscopeProvider.MIRRORED).map(JsonNode::asBoolean).orElse(true),
                Math.toRadians(number(parameters, KaleidoscopeProvider.HUE, 0)));
    }

    private static double number(Parameters parameters, String name, double preset) {
        return parameters.value(name).map(JsonNode::asDouble).orElse(preset);
    }
}
