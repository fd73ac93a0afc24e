package io.github.tachyscope.api.comfy.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A class of nodes, as data.
 *
 * @param saves whether it is an output, from which graphs are run
 * @param alwaysRuns whether it runs again although nothing has changed
 */
record NodeClass(
        String name,
        String displayName,
        String category,
        List<Input> inputs,
        List<Output> outputs,
        boolean saves,
        boolean alwaysRuns) {

    /** @param alias other name under which it is looked for */
    record Input(String name, InputType type, boolean required, Optional<String> alias) {}

    record Output(String type, String name) {}

    NodeClass {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    static NodeClass of(String name, String displayName, String category) {
        return new NodeClass(name, displayName, category, List.of(), List.of(), false, false);
    }

    NodeClass needs(String input, InputType type) {
        return with(new Input(input, type, true, Optional.empty()));
    }

    NodeClass needsEither(String input, String alias, InputType type) {
        return with(new Input(input, type, true, Optional.of(alias)));
    }

    NodeClass takes(String input, InputType type) {
        return with(new Input(input, type, false, Optional.empty()));
    }

    private NodeClass with(Input input) {
        List<Input> more = new ArrayList<>(inputs);
        more.add(input);
        return new NodeClass(name, displayName, category, more, outputs, saves, alwaysRuns);
    }

    NodeClass gives(String type) {
        return gives(type, type);
    }

    NodeClass gives(String type, String as) {
        List<Output> more = new ArrayList<>(outputs);
        more.add(new Output(type, as));
        return new NodeClass(name, displayName, category, inputs, more, saves, alwaysRuns);
    }

    NodeClass isOutput() {
        return new NodeClass(name, displayName, category, inputs, outputs, true, alwaysRuns);
    }

    NodeClass runsAlways() {
        return new NodeClass(name, displayName, category, inputs, outputs, saves, true);
    }
}
