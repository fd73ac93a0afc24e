package io.github.tachyscope.api.comfy.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.testkit.Mutations;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GraphFuzzTest {
    private static final long SEED = 20_261_121;
    private static final List<String> CLASSES = List.copyOf(NodeCatalogue.names());
    private static final Offer OFFER = Graphs.offer();
    private static final int DAMAGED = 5_000;
    private static final int CHANGED = 15_000;

    private static final List<JsonNode> VALUES = Stream.of(
                    "null",
                    "true",
                    "0",
                    "1",
                    "-1",
                    "2.5",
                    "33",
                    "1e400",
                    "-1e-400",
                    "18446744073709551615",
                    "123456789012345678901234567890",
                    "\"\"",
                    "\"x\"",
                    "\"1e99999999999\"",
                    "\"12\"",
                    "\"\\ud800\"",
                    "\"../..\"",
                    "\"euler\"",
                    "\"cat.png\"",
                    "[]",
                    "[[]]",
                    "{}",
                    "{\"__value__\": 3}",
                    "{\"__value__\": [\"3\", 0]}",
                    "[\"nowhere\", 0]",
                    "[\"3\", -1]",
                    "[\"3\", 1e300]")
            .map(Graphs::json)
            .toList();

    private enum Outcome {
        REFUSED,
        PLANNED,
        NOT_RUNNABLE
    }

    private static Outcome outcome(byte[] body) {
        try {
            return outcome(PromptRequest.read(body));
        } catch (GraphRefused refused) {
            return Outcome.REFUSED;
        }
    }

    private static Outcome outcome(PromptRequest request) {
        try {
            ObjectNode before = request.prompt().deepCopy();
            CheckedGraph checked = GraphCheck.check(request, OFFER);
            GraphPlan plan = GraphReader.read(checked);
            assertEquals(before, request.prompt(), "the graph was changed by reading it");
            assertEquals(new HashSet<>(plan.order()).size(), plan.order().size(), "each node once");
            assertEquals(
                    checked.outputs().size(),
                    plan.samplings().stream()
                                    .mapToInt(sampling -> sampling.outputs().size())
                                    .sum()
                            + plan.passed().stream()
                                    .mapToInt(passed -> passed.outputs().size())
                                    .sum());
            return Outcome.PLANNED;
        } catch (GraphRefused refused) {
            assertTrue(refused.json().at("/error/type").isTextual());
            return Outcome.REFUSED;
        } catch (NotRunnable stopped) {
            return Outcome.NOT_RUNNABLE;
        }
    }

    @Test
    void damagedBytesAreRefusedOrRead() {
        Mutations mutations = new Mutations(SEED);
        List<byte[]> samples = Graphs.REFERENCE.stream()
                .map(name -> ("{\"prompt\":" + Graphs.load(name) + "}").getBytes(StandardCharsets.UTF_8))
                .toList();
        for (int i = 0; i < DAMAGED; i++) {
            byte[] body = mutations.damaged(samples);
            try {
                outcome(body);
            } catch (RuntimeException | Error escaped) {
                fail("seed " + SEED + ", input " + i + ": " + new String(body, StandardCharsets.UTF_8), escaped);
            }
        }
    }

    @Test
    void changedGraphsAreRefusedOrRead() {
        Random random = new Random(SEED);
        List<ObjectNode> graphs = Graphs.REFERENCE.stream().map(Graphs::load).toList();
        int[] outcomes = new int[Outcome.values().length];
        for (int i = 0; i < CHANGED; i++) {
            ObjectNode graph = graphs.get(random.nextInt(graphs.size())).deepCopy();
            for (int changes = 1 + random.nextInt(8); changes > 0; changes--) {
                change(graph, random);
            }
            try {
                outcomes[outcome(request(graph)).ordinal()]++;
            } catch (RuntimeException | Error escaped) {
                fail("seed " + SEED + ", input " + i + ": " + graph, escaped);
            }
        }
        // Each way is gone often enough.
        for (Outcome outcome : Outcome.values()) {
            assertTrue(outcomes[outcome.ordinal()] > CHANGED / 100, outcome + " " + outcomes[outcome.ordinal()]);
        }
    }

    private static PromptRequest request(ObjectNode graph) {
        return new PromptRequest(
                graph,
                Optional.empty(),
                Optional.empty(),
                NodeProblem.object(),
                Optional.empty(),
                false,
                Optional.empty());
    }

    private static void change(ObjectNode graph, Random random) {
        List<String> ids = names(graph);
        String id = ids.get(random.nextInt(ids.size()));
        if (!(graph.path(id).path("inputs") instanceof ObjectNode inputs)) {
            return;
        }
        List<String> names = names(inputs);
        String name = names.isEmpty() ? "model" : names.get(random.nextInt(names.size()));
        switch (random.nextInt(20)) {
            case 0 -> graph.set(id, value(random));
            case 1 -> inputs.remove(name);
            case 2 -> inputs.set(name, value(random));
            case 3 ->
                inputs.putArray(name).add(ids.get(random.nextInt(ids.size()))).add(random.nextInt(3));
            case 4 ->
                ((ObjectNode) graph.get(id)).put("class_type", type(random).name());
            case 5, 6, 7, 8, 9 -> grow(graph, random);
            default -> rewire(graph, random);
        }
    }

    /** Adds a node whose inputs are right, as far as there is something to link them to. */
    private static void grow(ObjectNode graph, Random random) {
        NodeClass type = type(random);
        ObjectNode node = Graphs.node(type.name());
        ObjectNode inputs = (ObjectNode) node.get("inputs");
        for (NodeClass.Input input : type.inputs()) {
            if (input.type() instanceof InputType.Linked) {
                link(graph, input, random).ifPresent(link -> inputs.set(input.name(), link));
            } else if (input.type() instanceof InputType.Choice choice) {
                List<String> choices = choice.choices().apply(OFFER);
                inputs.put(input.name(), choices.get(random.nextInt(choices.size())));
            } else {
                inputs.put(
                        input.name(), input.type().fallback().orElse("cat.png").toString());
            }
        }
        graph.set("grown" + random.nextInt(5), node);
    }

    /** Links an input of a node to something else of the same type. */
    private static void rewire(ObjectNode graph, Random random) {
        List<String> ids = names(graph);
        JsonNode node = graph.get(ids.get(random.nextInt(ids.size())));
        NodeCatalogue.find(node.path("class_type").asText())
                .filter(type -> node.path("inputs").isObject())
                .ifPresent(type -> {
                    NodeClass.Input input =
                            type.inputs().get(random.nextInt(type.inputs().size()));
                    link(graph, input, random)
                            .ifPresent(link -> ((ObjectNode) node.get("inputs")).set(input.name(), link));
                });
    }

    private static Optional<JsonNode> link(ObjectNode graph, NodeClass.Input input, Random random) {
        List<JsonNode> links = new ArrayList<>();
        graph.properties()
                .forEach(member -> NodeCatalogue.find(
                                member.getValue().path("class_type").asText())
                        .ifPresent(from -> {
                            for (int slot = 0; slot < from.outputs().size(); slot++) {
                                if (from.outputs()
                                        .get(slot)
                                        .type()
                                        .equals(input.type().name())) {
                                    links.add(JsonNodeFactory.instance
                                            .arrayNode()
                                            .add(member.getKey())
                                            .add(slot));
                                }
                            }
                        }));
        return links.isEmpty() ? Optional.empty() : Optional.of(links.get(random.nextInt(links.size())));
    }

    private static NodeClass type(Random random) {
        return NodeCatalogue.find(CLASSES.get(random.nextInt(CLASSES.size()))).orElseThrow();
    }

    private static JsonNode value(Random random) {
        return VALUES.get(random.nextInt(VALUES.size()));
    }

    private static List<String> names(ObjectNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
