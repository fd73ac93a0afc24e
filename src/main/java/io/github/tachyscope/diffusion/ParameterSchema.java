package io.github.tachyscope.diffusion;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The parameters of a pipeline: their JSON Schema, and the check of values against it. */
public final class ParameterSchema {
    private final List<ParameterSpec> parameters;

    public ParameterSchema(List<ParameterSpec> parameters) {
        this.parameters = List.copyOf(parameters);
    }

    public List<ParameterSpec> parameters() {
        return parameters;
    }

    /**
     * Checks run-time values: integral floats become integers, wrong ones are left out and named.
     *
     * @param incoming values as the client sent them; names unknown to the schema pass through unchecked
     */
    public Checked checkRuntime(Parameters incoming) {
        throw new UnsupportedOperationException();
    }

    /** Checks load-time values and fills in the defaults. */
    public Checked checkLoad(Parameters incoming) {
        throw new UnsupportedOperationException();
    }

    /** A JSON Schema object with {@code properties}, each with its {@code ui} hints. */
    public ObjectNode toJsonSchema() {
        throw new UnsupportedOperationException();
    }

    /**
     * The outcome of a check.
     *
     * @param accepted the values that are right
     * @param refused what was wrong with the others
     */
    public record Checked(Parameters accepted, List<Refusal> refused) {}

    /**
     * One value that is not allowed.
     *
     * @param name the parameter
     * @param message what was wrong and what is allowed, fit for the client
     */
    public record Refusal(String name, String message) {}
}
