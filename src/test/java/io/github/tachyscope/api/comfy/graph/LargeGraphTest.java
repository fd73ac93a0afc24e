package io.github.tachyscope.api.comfy.graph;

import static io.github.tachyscope.api.comfy.graph.Graphs.load;
import static io.github.tachyscope.api.comfy.graph.Graphs.offer;
import static io.github.tachyscope.api.comfy.graph.Graphs.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Graphs made to hurt. Bounds are generous: these take milliseconds unless something grows with the square. */
class LargeGraphTest {
    private static final Duration BOUND = Duration.ofSeconds(8);
    private static final int NODES = Entry.MOST;

    private static ObjectNode withLink(String type, String input, String from, int slot) {
        ObjectNode node = Graphs.node(type);
        ((ObjectNode) node.get("inputs")).putArray(input).add(from).add(slot);
        return node;
    }

    private static ObjectNode shift(String from) {
        ObjectNode node = withLink("ModelSamplingSD3", "model", from, 0);
        ((ObjectNode) node.get("inputs")).put("shift", 5);
        return node;
    }

    /** A chain of this node in front of the sampler; its first link is to {@code first}. */
    private static ObjectNode chain(String first) {
        ObjectNode graph = load("wan-open-webui");
        int more = NODES - graph.size();
        for (int i = 0; i < more; i++) {
            graph.set("c" + i, shift(i == 0 ? first : "c" + (i - 1)));
        }
        return Graphs.set(graph, "7", "model", "[\"c" + (more - 1) + "\", 0]");
    }

    private static JsonNode refused(ObjectNode graph) {
        PromptRequest request = request(graph);
        Supplier<JsonNode> check = () -> assertThrows(GraphRefused.class, () -> GraphCheck.check(request, offer()))
                .json();
        JsonNode refused = assertTimeout(BOUND, check::get);
        assertTrue(
                refused.toString().length() < 1 << 20,
                "the reply has " + refused.toString().length() + " characters");
        return refused;
    }

    @Test
    void readsAChainOfTenThousandNodes() {
        PromptRequest request = request(chain("1"));
        GraphPlan plan = assertTimeout(BOUND, () -> GraphReader.read(GraphCheck.check(request, offer())));
        assertEquals(NODES, plan.order().size());
        assertEquals(5.0, plan.samplings().get(0).model().shift().orElseThrow());
    }

    @Test
    void findsACircleOfTenThousandNodes() {
        JsonNode refused = refused(chain("c" + (NODES - 10)));
        assertEquals(
                "dependency_cycle", refused.at("/node_errors/c0/errors/0/type").asText());
        assertEquals(
                Walk.MOST_TOLD,
                refused.at("/node_errors/c0/errors/0/extra_info/cycle_nodes").size());
    }

    @Test
    void findsWhatIsWrongAtTheEndOfAChain() {
        JsonNode refused = refused(chain("nowhere"));
        assertEquals(1, refused.path("node_errors").size());
        assertEquals("[\"9\"]", refused.at("/node_errors/c0/dependent_outputs").toString());
    }

    @Test
    void refusesAStarOfTenThousandOutputs() {
        ObjectNode graph = load("sd-text-to-image");
        for (int i = graph.size(); i < NODES; i++) {
            graph.set("o" + i, withLink("PreviewImage", "images", "8", 0));
        }
        PromptRequest request = request(graph);
        CheckedGraph checked = assertTimeout(BOUND, () -> GraphCheck.check(request, offer()));
        assertEquals(NODES - 6, checked.outputs().size());
        assertTimeout(BOUND, () -> assertThrows(NotRunnable.class, () -> GraphReader.read(checked)));
        // And one with a mistake that all of them share.
        Graphs.set(graph, "3", "steps", "0");
        JsonNode refused = refused(graph);
        assertEquals(1, refused.path("node_errors").size());
        assertEquals(
                Walk.MOST_TOLD, refused.at("/node_errors/3/dependent_outputs").size());
    }

    @Test
    void tellsOfAHundredBadNodesAtMost() {
        ObjectNode graph = load("sd-text-to-image");
        graph.remove("9");
        // Five thousand outputs, the last of which needs five thousand bad nodes, and each of the others one more.
        for (int i = 0; i < 4990; i++) {
            ObjectNode scale = withLink("ImageScaleBy", "image", i == 0 ? "8" : "s" + (i - 1), 0);
            graph.set("s" + i, scale);
            graph.set("o" + i, withLink("PreviewImage", "images", "s" + i, 0));
        }
        JsonNode refused = refused(graph);
        assertEquals(Walk.MOST_TOLD, refused.path("node_errors").size());
        assertEquals(2, refused.at("/node_errors/s0/errors").size());
    }

    @Test
    void readsLongChainsBehindManyOutputsOnce() {
        ObjectNode graph = load("sd-text-to-image");
        String scaled = "{\"image\": [\"%s\", 0], \"upscale_method\": \"area\", \"scale_by\": 1}";
        Graphs.add(graph, "load", "LoadImage", "{\"image\": \"cat.png\"}");
        for (int i = 0; i < 4990; i++) {
            Graphs.add(graph, "s" + i, "ImageScaleBy", scaled.formatted(i == 0 ? "load" : "s" + (i - 1)));
            graph.set("o" + i, withLink("PreviewImage", "images", "s4989", 0));
        }
        graph.remove("9");
        PromptRequest request = request(graph);
        CheckedGraph checked = assertTimeout(BOUND, () -> GraphCheck.check(request, offer()));
        assertTimeout(BOUND, () -> assertThrows(NotRunnable.class, () -> GraphReader.read(checked)));
    }
}
