package io.github.tachyscope.diffusion;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One parameter of a pipeline.
 *
 * @param name key on the wire
 * @param kind when it acts and how long it stays
 * @param jsonSchema type, range, default, description, and {@code ui} hints, as one property of a JSON Schema
 */
public record ParameterSpec(String name, Kind kind, ObjectNode jsonSchema) {
    /** When a parameter acts. */
    public enum Kind {
        /** Fixed when the weights are loaded. */
        LOAD,
        /** Stays until changed. */
        STICKY,
        /** Consumed by exactly one chunk. */
        ONE_SHOT
    }
}
