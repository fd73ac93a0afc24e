package io.github.tachyscope.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.testkit.NativeObjects;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadedWeightsFolderTest {
    @TempDir
    Path directory;

    private void tensor(String file, String name, float value) throws Exception {
        RawFile.write(
                directory.resolve(file),
                "{'%s':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}".formatted(name),
                RawFile.floats(value));
    }

    private void index(String file, String map) throws Exception {
        Files.writeString(directory.resolve(file), ("{'weight_map':" + map + "}").replace('\'', '"'));
    }

    private double taken(String name) {
        try (TensorScope scope = TensorScope.inference();
                LoadedWeights weights = LoadedWeights.folder(directory, "model", Placement.CPU)) {
            return weights.take(name, 1).item_double();
        }
    }

    private String refused() {
        long before = Pointer.totalCount();
        String message = assertThrows(
                        WeightsRejected.class, () -> LoadedWeights.folder(directory, "model", Placement.CPU))
                .getMessage();
        NativeObjects.assertNoMoreThan(before);
        return message;
    }

    @Test
    void thePlainFileIsPreferred() throws Exception {
        tensor("model.fp16.safetensors", "w", 2);
        assertEquals(2, taken("w"));
        tensor("model.safetensors", "w", 1);
        assertEquals(1, taken("w"));
    }

    @Test
    void shardsAreOneModel() throws Exception {
        tensor("model-00001-of-00002.safetensors", "a", 1);
        tensor("model-00002-of-00002.safetensors", "b", 2);
        index(
                "model.safetensors.index.json",
                "{'a':'model-00001-of-00002.safetensors','b':'model-00002-of-00002.safetensors'}");
        assertEquals(1, taken("a"));
        assertEquals(2, taken("b"));
        try (LoadedWeights weights = LoadedWeights.folder(directory, "model", Placement.CPU)) {
            assertEquals(Set.of("a", "b"), weights.unused());
            assertEquals(
                    "tensor c is missing in model.safetensors.index.json",
                    assertThrows(WeightsRejected.class, () -> weights.take("c", 1))
                            .getMessage());
        }
        Files.move(
                directory.resolve("model.safetensors.index.json"),
                directory.resolve("model.safetensors.index.fp16.json"));
        assertEquals(2, taken("b"));
    }

    @Test
    void aFolderIsFoundByARelativeNameToo() throws Exception {
        tensor("part.safetensors", "w", 3);
        index("model.safetensors.index.json", "{'w':'part.safetensors'}");
        Path relative = Path.of("").toAbsolutePath().relativize(directory.toAbsolutePath());
        try (TensorScope scope = TensorScope.inference();
                LoadedWeights weights = LoadedWeights.folder(relative, "model", Placement.CPU)) {
            assertEquals(3, weights.take("w", 1).item_double());
        }
    }

    @Test
    void anIndexStaysInItsFolder() throws Exception {
        Path outside = directory.resolve("outside.safetensors");
        tensor("outside.safetensors", "w", 1);
        directory = Files.createDirectory(directory.resolve("component"));
        for (String name : new String[] {
            "../outside.safetensors", outside.toString(), "..", "", "a/b.safetensors", "bad\\u0000.safetensors", "x.bin"
        }) {
            index("model.safetensors.index.json", "{'w':'" + name + "'}");
            assertTrue(refused().contains("no safetensors file of its folder"), name);
        }
    }

    @Test
    void anIndexMustNameFilesThatFitTogether() throws Exception {
        index("model.safetensors.index.json", "{}");
        assertTrue(refused().contains("lists 0 files"));
        index("model.safetensors.index.json", "{'w':'one.safetensors','v':'two.safetensors'}");
        tensor("one.safetensors", "w", 1);
        assertEquals("there is no two.safetensors", refused());
        tensor("two.safetensors", "w", 1);
        assertTrue(refused().contains("tensor w is in two files"));
        Files.writeString(directory.resolve("model.safetensors.index.json"), "{");
        assertTrue(refused().contains("cannot be read"));
    }

    @Test
    void picklesAreNotReadAndThatIsSaid() throws Exception {
        assertEquals("no model.safetensors in " + directory.getFileName(), refused());
        Files.createFile(directory.resolve("pytorch_model.bin"));
        assertTrue(refused().contains("pytorch_model.bin is a pickle and is never read"));
    }

    @Test
    void positionNumbersOfOldTextEncodersAreNotMissed() throws Exception {
        RawFile.write(
                directory.resolve("model.safetensors"),
                "{'text_model.embeddings.position_ids':{'dtype':'I64','shape':[1,1],'data_offsets':[0,8]}}",
                new byte[8]);
        try (LoadedWeights weights = LoadedWeights.folder(directory, "model", Placement.CPU)) {
            assertEquals(Set.of(), weights.unused());
        }
    }
}
