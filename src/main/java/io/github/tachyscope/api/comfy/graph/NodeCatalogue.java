package io.github.tachyscope.api.comfy.graph;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** All node classes, and how editors are told of them. */
public final class NodeCatalogue {
    private static final Map<String, NodeClass> CLASSES = classes();

    private NodeCatalogue() {}

    private static Map<String, NodeClass> classes() {
        Map<String, NodeClass> classes = new LinkedHashMap<>();
        Stream.of(LoaderNodes.ALL, SamplingNodes.ALL, PictureNodes.ALL)
                .flatMap(List::stream)
                .forEach(type -> classes.put(type.name(), type));
        return Collections.unmodifiableMap(classes);
    }

    /** The names of all classes. */
    public static Set<String> names() {
        return CLASSES.keySet();
    }

    static Optional<NodeClass> find(String name) {
        return Optional.ofNullable(CLASSES.get(name));
    }

    /** Describes all classes. */
    public static ObjectNode objectInfo(Offer offer) {
        ObjectNode all = NodeProblem.object();
        CLASSES.forEach((name, type) -> all.set(name, describe(type, offer)));
        return all;
    }

    /** Describes one class; empty if there is none of that name. */
    public static ObjectNode objectInfo(String name, Offer offer) {
        ObjectNode one = NodeProblem.object();
        find(name).ifPresent(type -> one.set(name, describe(type, offer)));
        return one;
    }

    private static ObjectNode describe(NodeClass type, Offer offer) {
        ObjectNode required = NodeProblem.object();
        ObjectNode optional = NodeProblem.object();
        type.inputs()
                .forEach(input -> (input.required() ? required : optional)
                        .set(input.name(), input.type().config(offer)));
        ObjectNode info = NodeProblem.object();
        ObjectNode inputs = info.putObject("input");
        inputs.set("required", required);
        inputs.set("optional", optional);
        inputs.putObject("hidden");
        ObjectNode order = info.putObject("input_order");
        order.set("required", names(required));
        if (!optional.isEmpty()) {
            order.set("optional", names(optional));
        }
        info.put("is_input_list", false);
        ArrayNode outputs = info.putArray("output");
        ArrayNode lists = info.putArray("output_is_list");
        ArrayNode outputNames = info.putArray("output_name");
        type.outputs().forEach(output -> {
            outputs.add(output.type());
            lists.add(false);
            outputNames.add(output.name());
        });
        info.put("name", type.name()).put("display_name", type.displayName()).put("description", "");
        info.put("python_module", "nodes").put("category", type.category());
        info.put("output_node", type.saves()).put("has_intermediate_output", false);
        info.putArray("search_aliases");
        return info;
    }

    private static ArrayNode names(ObjectNode inputs) {
        ArrayNode names = InputType.JSON.arrayNode();
        inputs.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
