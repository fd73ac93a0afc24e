package io.github.tachyscope.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.store.StoreRefused.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraStoreTest {
    @TempDir
    private Path directory;

    @Test
    void listsWithManifestAndDeletesOnlyItsOwn() throws Exception {
        Path own = Files.createDirectories(directory.resolve("own/styles"));
        Path shared = Files.createDirectories(directory.resolve("shared"));
        Files.writeString(own.resolve("ink.safetensors"), "x");
        Files.writeString(own.resolve("notes.txt"), "x");
        Files.writeString(shared.resolve("oil.pt"), "x");
        Files.writeString(
                directory.resolve("own/lora_manifest.json"),
                "{\"entries\":{\"styles/ink.safetensors\":{\"sha256\":\"ab\",\"provenance\":{\"source\":\"url\"}}}}");
        LoraStore store = new LoraStore(directory.resolve("own"), Optional.of(shared));

        List<LoraFile> files = store.list();
        assertEquals(List.of("oil", "ink"), files.stream().map(LoraFile::name).toList());
        assertEquals(Optional.of("ab"), files.get(1).sha256());
        assertEquals(
                "url", files.get(1).provenance().orElseThrow().path("source").asText());
        refused(Reason.READ_ONLY, store, "oil");
        refused(Reason.MISSING, store, "../shared/oil.pt");
        store.delete("ink");
        assertFalse(Files.exists(own.resolve("ink.safetensors")));
        refused(Reason.MISSING, store, "ink");
    }

    @Test
    void aBrokenManifestHidesNothing() throws Exception {
        Files.writeString(directory.resolve("ink.bin"), "x");
        Files.writeString(directory.resolve("lora_manifest.json"), "{broken");
        assertEquals(1, new LoraStore(directory, Optional.empty()).list().size());
    }

    @Test
    void installsUnderANameThatIsFreeAndForgetsItWhenItIsDeleted() throws Exception {
        LoraStore store = new LoraStore(directory, Optional.empty());
        Path part = store.begin("styles/ink.safetensors");
        assertEquals(
                Reason.EXISTS,
                assertThrows(StoreRefused.class, () -> store.begin("styles/ink.safetensors"))
                        .reason());
        Files.writeString(part, "x");
        assertEquals(List.of(), store.list());
        ObjectNode provenance = JsonNodeFactory.instance.objectNode().put("source", "url");
        LoraFile file = store.install("styles/ink.safetensors", "ab", provenance);
        store.end("styles/ink.safetensors");
        assertEquals(Optional.of(provenance), file.provenance());
        assertEquals(List.of(file), new LoraStore(directory, Optional.empty()).list());
        store.setProvenance("styles/ink.safetensors", provenance.deepCopy().put("source", "local"));
        assertEquals(
                "local",
                store.list().get(0).provenance().orElseThrow().path("source").asText());
        assertEquals(Optional.of("ab"), store.list().get(0).sha256());
        store.delete("ink");
        assertFalse(Files.readString(directory.resolve("lora_manifest.json")).contains("ink"));
    }

    @Test
    void takesNoNamesThatLeadOutAndNoPickles() throws Exception {
        LoraStore store = new LoraStore(directory.resolve("own"), Optional.empty());
        for (String name : List.of("../x.safetensors", "/x.safetensors", ".x.safetensors", "x.pt", "x", "x.bin")) {
            assertThrows(StoreRefused.class, () -> store.begin(name), name);
        }
        assertThrows(
                StoreRefused.class,
                () -> store.setProvenance("../x.safetensors", JsonNodeFactory.instance.objectNode()));
    }

    private static void refused(Reason reason, LoraStore store, String name) {
        assertEquals(
                reason,
                assertThrows(StoreRefused.class, () -> store.delete(name)).reason());
    }
}
