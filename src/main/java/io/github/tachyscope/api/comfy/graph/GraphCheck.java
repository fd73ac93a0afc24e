package io.github.tachyscope.api.comfy.graph;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Holds a graph against the node classes and what the server offers. Only what the wanted outputs need is looked at;
 * outputs with something wrong before them are dropped, and if none is left the graph is refused.
 */
public final class GraphCheck {
    private GraphCheck() {}

    /**
     * Checks a graph.
     *
     * @throws GraphRefused if it cannot be accepted
     */
    public static CheckedGraph check(PromptRequest request, Offer offer) {
        Map<String, Entry> entries = Entry.all(request.prompt());
        List<String> wanted = entries.values().stream()
                .filter(entry -> entry.type().saves())
                .map(Entry::id)
                .filter(id -> request.targets().map(ids -> ids.contains(id)).orElse(true))
                .toList();
        if (wanted.isEmpty()) {
            throw new GraphRefused("prompt_no_outputs", "The graph has no outputs to run, such as a SaveImage");
        }
        InputCheck check = new InputCheck(entries, offer);
        Walk walk = new Walk(entries, check);
        List<String> outputs = wanted.stream().filter(walk::isRight).toList();
        ObjectNode nodeErrors = nodeErrors(walk);
        if (outputs.isEmpty()) {
            throw new GraphRefused(
                    "prompt_outputs_failed_validation",
                    "Every output of the graph has something wrong before it",
                    walk.troubled().stream()
                            .flatMap(node -> walk.problems(node).stream())
                            .map(problem -> problem.message() + ": " + problem.details())
                            .collect(Collectors.joining("\n")),
                    NodeProblem.object(),
                    nodeErrors);
        }
        Map<String, Node> right = walk.right();
        Map<String, Node> nodes = new LinkedHashMap<>();
        new ExecutionOrder(right).upTo(outputs).forEach(id -> nodes.put(id, right.get(id)));
        return new CheckedGraph(
                nodes, outputs, nodeErrors, Signatures.of(new ArrayList<>(nodes.values()), check::fingerprint));
    }

    private static ObjectNode nodeErrors(Walk walk) {
        ObjectNode errors = NodeProblem.object();
        Map<String, List<Node>> users = walk.users();
        for (Node node : walk.troubled()) {
            ObjectNode error =
                    errors.putObject(node.id()).put("class_type", node.type().name());
            ArrayNode problems = error.putArray("errors");
            walk.problems(node).forEach(problem -> problems.add(problem.json()));
            ArrayNode dependents = error.putArray("dependent_outputs");
            Walk.outputsOf(node, users).forEach(dependents::add);
        }
        return errors;
    }
}
