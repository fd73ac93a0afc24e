package io.github.tachyscope.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.store.StoreRefused.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * LoRA files in a directory of our own and, read only, in a shared one.
 *
 * <p>A manifest beside the files keeps checksum and provenance by relative path:
 *
 * <pre>
 * {"entries": {"styles/ink.safetensors": {"sha256": "...", "provenance": {"source": "civitai", ...}}}}
 * </pre>
 *
 * A manifest that is missing or broken hides no file.
 */
public final class LoraStore {
    private static final String MANIFEST = "lora_manifest.json";
    private static final Set<String> EXTENSIONS = Set.of(".safetensors", ".bin", ".pt");

    /** Largest manifest that is read; protects memory from a file that is none. */
    private static final long MAX_MANIFEST_BYTES = 4 << 20;

    private final ObjectMapper mapper = new ObjectMapper();
    private final ContainedDirectory own;
    private final Optional<ContainedDirectory> shared;

    public LoraStore(Path directory, Optional<Path> sharedDirectory) {
        this.own = new ContainedDirectory(directory);
        this.shared = sharedDirectory.map(ContainedDirectory::new);
    }

    /** All files, by folder and name; of two with equal relative paths our own comes first. */
    public List<LoraFile> list() {
        List<LoraFile> files = new ArrayList<>(list(own, false));
        shared.ifPresent(directory -> files.addAll(list(directory, true)));
        files.sort(Comparator.comparing(LoraFile::folder)
                .thenComparing(LoraFile::name)
                .thenComparing(LoraFile::readOnly)
                .thenComparing(LoraFile::path));
        return files;
    }

    private List<LoraFile> list(ContainedDirectory directory, boolean readOnly) {
        JsonNode entries = manifest(directory);
        try {
            return directory.list(name -> EXTENSIONS.contains(FileNames.extension(name))).stream()
                    .map(file -> {
                        String relative = directory
                                .root()
                                .relativize(file.path())
                                .toString()
                                .replace('\\', '/');
                        JsonNode entry = entries.path(relative);
                        return new LoraFile(
                                FileNames.stem(file.path().getFileName().toString()),
                                file.path(),
                                file.bytes(),
                                directory.folderOf(file.path()),
                                Optional.ofNullable(entry.path("sha256").textValue()),
                                entry.path("provenance") instanceof ObjectNode provenance
                                        ? Optional.of(provenance)
                                        : Optional.empty(),
                                readOnly);
                    })
                    .toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private JsonNode manifest(ContainedDirectory directory) {
        Path file = directory.root().resolve(MANIFEST);
        try {
            if (Files.isRegularFile(file) && Files.size(file) <= MAX_MANIFEST_BYTES) {
                return mapper.readTree(file.toFile()).path("entries");
            }
        } catch (IOException broken) {
            // The files are still there; they are listed without checksum.
        }
        return JsonNodeFactory.instance.missingNode();
    }

    /**
     * Deletes a file of our own.
     *
     * @param name as listed, or the file's name
     * @throws StoreRefused if there is none, or only a shared one
     */
    public void delete(String name) throws IOException {
        List<LoraFile> matching = list().stream()
                .filter(file -> file.name().equals(name)
                        || file.path().getFileName().toString().equals(name))
                .toList();
        if (matching.isEmpty()) {
            throw new StoreRefused(Reason.MISSING, "There is no such LoRA.");
        }
        LoraFile target = matching.stream()
                .filter(file -> !file.readOnly())
                .findFirst()
                .orElseThrow(() -> new StoreRefused(Reason.READ_ONLY, "This LoRA is in a read-only directory."));
        Files.deleteIfExists(target.path());
    }
}
