package io.github.tachyscope.diffusion;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.regex.Pattern;

/**
 * Whether a description that was compiled elsewhere is complete: nothing in it is null, its id can stand in an address,
 * and its parameters make a schema. Found out once, so that no client has to.
 */
final class SpecCheck {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    private SpecCheck() {}

    /** What is missing; fit for the client. */
    static final class Incomplete extends Exception {
        private static final long serialVersionUID = 1;

        Incomplete(String message) {
            super(message);
        }
    }

    static void check(PipelineSpec spec) throws Incomplete {
        complete("its description", spec);
        if (!ID.matcher(spec.id()).matches()) {
            throw new Incomplete("its pipeline id must be 1 to 64 letters, digits, dots, dashes and underscores");
        }
        if (spec.dimensionMultiple() < 1 || spec.minDimension() < 1 || spec.minDimension() > spec.maxDimension()) {
            throw new Incomplete("the sizes that pipeline " + spec.id() + " allows contradict each other");
        }
        for (ModeDefaults mode : spec.modes().values()) {
            complete("a mode of pipeline " + spec.id(), mode);
        }
        for (ParameterSpec parameter : spec.parameters().parameters()) {
            complete("a parameter of pipeline " + spec.id(), parameter);
        }
        spec.parameters().toJsonSchema();
    }

    private static void complete(String what, Record record) throws Incomplete {
        if (record == null) {
            throw new Incomplete(what + " is missing");
        }
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            if (value(record, component) == null) {
                throw new Incomplete(what + " has no " + component.getName());
            }
        }
    }

    private static Object value(Record record, RecordComponent component) {
        try {
            return component.getAccessor().invoke(record);
        } catch (IllegalAccessException | InvocationTargetException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
