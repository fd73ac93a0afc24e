package io.github.tachyscope.api.comfy.graph;

import static io.github.tachyscope.api.comfy.graph.Graphs.add;
import static io.github.tachyscope.api.comfy.graph.Graphs.check;
import static io.github.tachyscope.api.comfy.graph.Graphs.load;
import static io.github.tachyscope.api.comfy.graph.Graphs.offer;
import static io.github.tachyscope.api.comfy.graph.Graphs.request;
import static io.github.tachyscope.api.comfy.graph.Graphs.set;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SignaturesTest {
    private static ObjectNode picture() {
        return load("sd-text-to-image");
    }

    /** The nodes whose signatures are not those of the plain graph. */
    private static Set<String> changed(ObjectNode graph) {
        Map<String, String> plain = check(picture()).signatures();
        Set<String> changed = new HashSet<>();
        check(graph).signatures().forEach((id, signature) -> {
            if (!signature.equals(plain.get(id))) {
                changed.add(id);
            }
        });
        return changed;
    }

    @Test
    void areTheSameForTheSameGraph() {
        assertEquals(check(picture()).signatures(), check(picture()).signatures());
        assertEquals(
                Set.of("3", "4", "5", "6", "7", "8", "9"),
                check(picture()).signatures().keySet());
        assertEquals(7, Set.copyOf(check(picture()).signatures().values()).size(), "one for each node");
    }

    @Test
    void changeBehindAChange() {
        assertEquals(Set.of("3", "8", "9"), changed(set(picture(), "3", "steps", "21")));
        assertEquals(Set.of("6", "3", "8", "9"), changed(set(picture(), "6", "text", "\"a ship\"")));
        assertEquals(Set.of("9"), changed(set(picture(), "9", "filename_prefix", "\"x\"")));
        assertEquals(Set.of("3", "8", "9"), changed(set(picture(), "3", "positive", "[\"7\", 0]")));
        assertEquals(
                Set.of("4", "6", "7", "3", "8", "9"),
                changed(set(picture(), "4", "ckpt_name", "\"sd_xl_base_1.0.safetensors\"")));
    }

    @Test
    void doNotChangeWithWhatMakesNoDifference() {
        assertEquals(Set.of(), changed(set(picture(), "3", "steps", "\"20\"")));
        assertEquals(Set.of(), changed(set(picture(), "3", "cfg", "8.0")));
        assertEquals(Set.of(), changed(set(picture(), "3", "unknown", "[\"9\", 5]")));
        ObjectNode titled = picture();
        ((ObjectNode) titled.get("3")).putObject("_meta").put("title", "x");
        assertEquals(Set.of(), changed(titled));
    }

    @Test
    void doNotDependOnIdsOrOrder() {
        ObjectNode turned = JsonNodeFactory.instance.objectNode();
        List<String> ids = List.of("9", "8", "7", "6", "5", "4", "3");
        ids.forEach(id ->
                turned.set("n" + id, Graphs.json(picture().get(id).toString().replaceAll("\\[\"(\\d)\"", "[\"n$1\""))));
        Map<String, String> signatures = check(turned).signatures();
        check(picture()).signatures().forEach((id, signature) -> assertEquals(signature, signatures.get("n" + id), id));
    }

    @Test
    void followTheContentsOfPictures() {
        ObjectNode graph = load("sdxl-image-to-image");
        Map<String, String> before = check(graph).signatures();
        Map<String, String> after = GraphCheck.check(request(graph), offer(Map.of("cat.png", "another cat")))
                .signatures();
        for (String id : List.of("1", "2", "3", "7", "8")) {
            assertNotEquals(before.get(id), after.get(id), id);
        }
        for (String id : List.of("4", "5", "6")) {
            assertEquals(before.get(id), after.get(id), id);
        }
    }

    @Test
    void areNotThereForWhatAlwaysRuns() {
        ObjectNode graph = add(picture(), "10", "SaveImageWebsocket", "{\"images\": [\"8\", 0]}");
        assertEquals(
                Set.of("3", "4", "5", "6", "7", "8", "9"),
                check(graph).signatures().keySet());
    }
}
