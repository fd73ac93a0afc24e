package io.github.tachyscope.session;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Parameters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The {@code initialParameters} of an offer.
 *
 * @param pipelineIds the chain asked for; empty means the loaded one
 * @param control everything else
 */
record OfferParameters(List<String> pipelineIds, ControlMessage control) {
    /** A value that makes the offer unacceptable. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        private final transient Problem problem;

        Refused(Problem problem) {
            super(problem.message(), null, false, false);
            this.problem = problem;
        }

        Problem problem() {
            return problem;
        }
    }

    static OfferParameters parse(JsonNode node) throws Refused {
        if (node.isNull() || node.isMissingNode()) {
            return new OfferParameters(List.of(), ControlMessage.of(Parameters.none()));
        }
        if (!node.isObject()) {
            throw invalid("initialParameters", "must be an object", "dict_type");
        }
        Parameters all = Parameters.of(node);
        Optional<JsonNode> mode = all.value("input_mode");
        if (mode.isPresent() && InputMode.ofWireName(mode.get().asText()).isEmpty()) {
            throw invalid("input_mode", "must be 'text' or 'video'", "literal_error");
        }
        Optional<JsonNode> paused = all.value("paused");
        if (paused.isPresent() && !paused.get().isBoolean()) {
            throw invalid("paused", "must be true or false", "bool_type");
        }
        return new OfferParameters(chain(all), ControlMessage.of(all));
    }

    private static List<String> chain(Parameters all) throws Refused {
        Optional<JsonNode> ids = all.value("pipeline_ids");
        if (ids.isEmpty()) {
            Optional<JsonNode> graph = all.value("graph");
            return graph.isPresent() ? linear(graph.get()) : List.of();
        }
        List<String> chain = new ArrayList<>();
        for (JsonNode id : ids.get()) {
            if (!id.isTextual()) {
                throw invalid("pipeline_ids", "must be a list of pipeline ids", "string_type");
            }
            chain.add(id.asText());
        }
        if (!ids.get().isArray() || chain.size() > PipelineRegistry.MAX_CHAIN) {
            throw invalid(
                    "pipeline_ids",
                    "must be a list of at most " + PipelineRegistry.MAX_CHAIN + " pipeline ids",
                    "list_type");
        }
        return chain;
    }

    /** The pipelines of a graph that is one line from a source, or from nothing, to a sink. */
    private static List<String> linear(JsonNode graph) throws Refused {
        Map<String, JsonNode> pipelines = new HashMap<>();
        Map<String, String> next = new HashMap<>();
        Set<String> fed = new HashSet<>();
        for (JsonNode node : graph.path("nodes")) {
            if (node.path("type").asText().equals("pipeline")) {
                pipelines.put(node.path("id").asText(), node);
            }
        }
        for (JsonNode edge : graph.path("edges")) {
            String from = edge.path("from").asText();
            String to = edge.path("to_node").asText();
            if (pipelines.containsKey(from) && pipelines.containsKey(to)) {
                if (next.put(from, to) != null || !fed.add(to)) {
                    throw new Refused(Problem.badRequest(
                            "this graph branches; supported are graphs that are one line of pipelines"));
                }
            }
        }
        List<String> starts =
                pipelines.keySet().stream().filter(id -> !fed.contains(id)).toList();
        if (starts.size() != 1 || pipelines.size() > PipelineRegistry.MAX_CHAIN) {
            throw new Refused(Problem.badRequest(
                    "this graph is not one line of 1 to " + PipelineRegistry.MAX_CHAIN + " pipelines"));
        }
        List<String> chain = new ArrayList<>();
        for (String id = starts.get(0); id != null; id = next.get(id)) {
            chain.add(pipelines.get(id).path("pipeline_id").asText());
        }
        return chain;
    }

    private static Refused invalid(String name, String message, String type) {
        List<String> path = name.equals("initialParameters") ? List.of(name) : List.of("initialParameters", name);
        return new Refused(Problem.invalid(name + " " + message, List.of(new Problem.Field(path, message, type))));
    }
}
