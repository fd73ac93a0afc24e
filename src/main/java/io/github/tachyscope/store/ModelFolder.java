package io.github.tachyscope.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.store.StoreRefused.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The folder of one repository while somebody fetches into it. Files are written aside and renamed when they are whole, so a
 * pipeline never reads half of one. Safe for many threads.
 */
public final class ModelFolder implements AutoCloseable {
    private static final String MANIFEST = ".tachyscope.json";
    private static final String LOCK = ".lock";
    private static final String PARTS = ".parts";

    /** Largest manifest that is read; protects memory from a file that is none. */
    private static final long MAX_MANIFEST_BYTES = 4 << 20;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final ContainedDirectory directory;
    private final FileChannel lockFile;
    private final ObjectNode manifest;

    private ModelFolder(ContainedDirectory directory, FileChannel lockFile, ObjectNode manifest) {
        this.directory = directory;
        this.lockFile = lockFile;
        this.manifest = manifest;
    }

    static ModelFolder open(Path folder) throws IOException {
        Files.createDirectories(folder);
        FileChannel lockFile =
                FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!locked(lockFile)) {
            lockFile.close();
            throw new StoreRefused(
                    Reason.EXISTS, "This repository is being downloaded already, maybe by another process.");
        }
        return new ModelFolder(new ContainedDirectory(folder), lockFile, manifest(folder));
    }

    private static boolean locked(FileChannel lockFile) throws IOException {
        try {
            FileLock lock = lockFile.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException ownProcess) {
            return false;
        }
    }

    private static ObjectNode manifest(Path folder) throws IOException {
        Path file = folder.resolve(MANIFEST);
        if (Files.isRegularFile(file) && Files.size(file) <= MAX_MANIFEST_BYTES) {
            try {
                if (MAPPER.readTree(Files.readAllBytes(file)) instanceof ObjectNode read) {
                    return read;
                }
            } catch (JsonProcessingException broken) {
                // As good as none: what is there is checked again.
            }
        }
        return MAPPER.createObjectNode();
    }

    /**
     * What is in a folder.
     *
     * @param whole names of the files that are there, with the length that is expected of them if any is
     * @param lacking names of those that are expected and are not there, or not whole
     */
    record Contents(List<String> whole, List<String> lacking) {}

    static Contents contents(Path folder) throws IOException {
        ContainedDirectory directory = new ContainedDirectory(folder);
        JsonNode expected = manifest(folder).path("files");
        List<String> whole = new ArrayList<>();
        for (ContainedDirectory.Listed file : directory.list(ModelStore::takes)) {
            String name = directory.root().relativize(file.path()).toString().replace('\\', '/');
            if (expected.path(name).path("bytes").asLong(file.bytes()) == file.bytes()) {
                whole.add(name);
            }
        }
        List<String> lacking = new ArrayList<>();
        expected.fieldNames().forEachRemaining(lacking::add);
        lacking.removeAll(whole);
        return new Contents(whole, lacking);
    }

    /** Notes which files will come, with their lengths: until they are all there, the folder is not complete. */
    public synchronized void expect(Map<String, Long> lengths) throws IOException {
        ObjectNode files = manifest.withObjectProperty("files");
        lengths.forEach((name, bytes) -> {
            if (files.path(name).path("bytes").asLong(-1) != bytes) {
                files.putObject(name).put("bytes", bytes);
            }
        });
        writeManifest();
    }

    /** Where to write a file aside. */
    public Path part(String name) throws IOException {
        ModelStore.demandSafe(name);
        Path target = directory.created(name);
        Path part = directory.root().resolve(PARTS).resolve(directory.root().relativize(target) + ".part");
        Files.createDirectories(part.getParent());
        return part;
    }

    /** How much of a file is written aside. */
    public long partBytes(String name) throws IOException {
        Path part = part(name);
        return Files.isRegularFile(part) ? Files.size(part) : 0;
    }

    /** The file of that name, if it is there and has this length. */
    public Optional<Path> file(String name, long bytes) throws IOException {
        Path target = directory.created(name);
        return Files.isRegularFile(target) && Files.size(target) == bytes ? Optional.of(target) : Optional.empty();
    }

    /** The checksum that a file of this length had when it came. */
    public synchronized Optional<String> sha256(String name, long bytes) {
        JsonNode entry = manifest.path("files").path(name);
        return entry.path("bytes").asLong(-1) == bytes
                ? Optional.ofNullable(entry.path("sha256").textValue())
                : Optional.empty();
    }

    /** Makes the whole file visible under its name. */
    public void commit(String name, String sha256) throws IOException {
        Path part = part(name);
        Path target = directory.created(name);
        long bytes = Files.size(part);
        synchronized (this) {
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            remember(name, bytes, sha256);
        }
    }

    /** Notes what a file is that was there before. */
    public synchronized void remember(String name, long bytes, String sha256) throws IOException {
        manifest.withObjectProperty("files").putObject(name).put("bytes", bytes).put("sha256", sha256);
        writeManifest();
    }

    /** Notes where everything is from, and forgets what is left of earlier attempts. */
    public synchronized void complete(String source, String revision) throws IOException {
        ObjectNode files = manifest.withObjectProperty("files");
        contents(directory.root()).lacking().forEach(files::remove);
        manifest.put("source", source).put("revision", revision);
        writeManifest();
        Trees.delete(directory.root().resolve(PARTS));
    }

    private void writeManifest() throws IOException {
        Trees.replace(directory.root().resolve(MANIFEST), MAPPER.writeValueAsBytes(manifest));
    }

    /** Lets others write to the folder. */
    @Override
    public void close() throws IOException {
        // The lock goes with it.
        lockFile.close();
    }
}
