package io.github.tachyscope.api.comfy.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.testkit.Mutations;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GraphFuzzTest {
    private static final long SEED = 20_261_121;
    private static final int DAMAGED = 5_000;
    private static final int CHANGED = 15_000;

    private static final List<String> VALUES = List.of(
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
            "[\"3\", 1e300]");

    private enum Outcome {
        REFUSED,
        PLANNED,
        NOT_RUNNABLE
    }

    private static Outcome outcome(byte[] body) {
        try {
            PromptRequest request = PromptRequest.read(body);
            String before = request.prompt().toString();
            CheckedGraph checked = GraphCheck.check(request, Graphs.offer());
            GraphPlan plan = GraphReader.read(checked);
            assertEquals(before, request.prompt().toString(), "the graph was changed by reading it");
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
        int[] outcomes = new int[Outcome.values().length];
        for (int i = 0; i < CHANGED; i++) {
            ObjectNode graph = Graphs.load(Graphs.REFERENCE.get(random.nextInt(Graphs.REFERENCE.size())));
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                change(graph, random);
            }
            String text = "{\"prompt\":" + graph + "}";
            try {
                outcomes[outcome(text.getBytes(StandardCharsets.UTF_8)).ordinal()]++;
            } catch (RuntimeException | Error escaped) {
                fail("seed " + SEED + ", input " + i + ": " + text, escaped);
            }
        }
        for (Outcome outcome : Outcome.values()) {
            assertTrue(outcomes[outcome.ordinal()] > CHANGED / 100, outcome + " " + outcomes[outcome.ordinal()]);
        }
    }

    private static void change(ObjectNode graph, Random random) {
        List<String> ids = names(graph);
        String id = ids.get(random.nextInt(ids.size()));
        if (!(graph.path(id).path("inputs") instanceof ObjectNode inputs) || random.nextInt(40) == 0) {
            graph.set(id, value(random));
            return;
        }
        List<String> classes = List.copyOf(NodeCatalogue.names());
        List<String> names = names(inputs);
        String name = names.isEmpty() ? "model" : names.get(random.nextInt(names.size()));
        switch (random.nextInt(8)) {
            case 0 -> graph.remove(id);
            case 1 -> ((ObjectNode) graph.get(id)).put("class_type", classes.get(random.nextInt(classes.size())));
            case 2 -> inputs.remove(name);
            case 3 -> inputs.set(name, value(random));
            // Another node of the same kind, fed with what this one is fed with, in front of something.
            case 4 -> graph.set("copy" + random.nextInt(3), graph.get(id).deepCopy());
            default ->
                inputs.putArray(name).add(ids.get(random.nextInt(ids.size()))).add(random.nextInt(3));
        }
        if (graph.isEmpty()) {
            graph.putObject("1");
        }
    }

    private static JsonNode value(Random random) {
        return Graphs.json(VALUES.get(random.nextInt(VALUES.size())));
    }

    private static List<String> names(ObjectNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
