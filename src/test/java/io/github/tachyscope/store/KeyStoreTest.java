package io.github.tachyscope.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyStoreTest {
    @TempDir
    private Path directory;

    @Test
    void remembersAndForgetsAcrossInstances() throws Exception {
        Path file = directory.resolve("sub/keys.json");
        new KeyStore(file).put("a", "1");
        new KeyStore(file).put("b", "2");
        KeyStore keys = new KeyStore(file);
        assertEquals(Optional.of("1"), keys.value("a"));
        assertTrue(keys.remove("a"));
        assertFalse(keys.remove("a"));
        assertEquals(Optional.empty(), keys.value("a"));
        assertEquals(Optional.of("2"), keys.value("b"));
        try (Stream<Path> files = Files.list(file.getParent())) {
            assertEquals(List.of(file), files.toList());
        }
    }
}
