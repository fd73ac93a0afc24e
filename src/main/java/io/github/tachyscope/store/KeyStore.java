package io.github.tachyscope.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Tokens of other services in a file that only its owner can read. Safe for many threads. */
public final class KeyStore {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final ObjectMapper mapper = new ObjectMapper();
    private final Path file;

    public KeyStore(Path file) {
        this.file = file.toAbsolutePath();
    }

    public synchronized Optional<String> value(String id) throws IOException {
        return Optional.ofNullable(read().get(id));
    }

    public synchronized void put(String id, String value) throws IOException {
        Map<String, String> keys = read();
        keys.put(id, value);
        write(keys);
    }

    /** Whether there was one. */
    public synchronized boolean remove(String id) throws IOException {
        Map<String, String> keys = read();
        if (keys.remove(id) == null) {
            return false;
        }
        write(keys);
        return true;
    }

    private Map<String, String> read() throws IOException {
        Map<String, String> keys = new TreeMap<>();
        try {
            JsonNode stored = mapper.readTree(Files.readAllBytes(file));
            stored.properties()
                    .forEach(entry -> keys.put(entry.getKey(), entry.getValue().asText()));
        } catch (NoSuchFileException none) {
            // No key was ever stored.
        }
        return keys;
    }

    private void write(Map<String, String> keys) throws IOException {
        Files.createDirectories(file.getParent());
        Path part = Files.createTempFile(file.getParent(), ".keys-", ".part", ownerOnly());
        try {
            Files.write(part, mapper.writeValueAsBytes(keys));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static FileAttribute<?>[] ownerOnly() {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
    }
}
