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
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

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
    private static final String ASIDE = ".downloads";

    /** What is installed; the others are listed when somebody put them there. */
    private static final String INSTALLED = ".safetensors";

    private static final Set<String> EXTENSIONS = Set.of(".safetensors", ".bin", ".pt");

    /** Largest manifest that is read; protects memory from a file that is none. */
    private static final long MAX_MANIFEST_BYTES = 4 << 20;

    private final ObjectMapper mapper = new ObjectMapper();
    private final ContainedDirectory own;
    private final Optional<ContainedDirectory> shared;
    private final Set<Path> beingInstalled = new HashSet<>();

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
        synchronized (this) {
            Files.deleteIfExists(target.path());
            ObjectNode manifest = ownManifest();
            if (manifest.path("entries") instanceof ObjectNode entries
                    && entries.remove(relative(target.path())) != null) {
                writeManifest(manifest);
            }
        }
    }

    /**
     * Where a file of that name will be.
     *
     * @param name relative
     * @throws StoreRefused if the name is none, is not of a safetensors file, or taken
     */
    private Path target(String name) throws IOException {
        String extension = FileNames.extension(name);
        if (!extension.equals(INSTALLED)) {
            throw new StoreRefused(
                    Reason.BAD_NAME,
                    "LoRA files are installed as .safetensors only: a "
                            + (extension.isEmpty() ? "file" : extension + " file")
                            + " of another form may run code when it is read.");
        }
        Path target = own.created(name);
        if (Files.exists(target)) {
            throw new StoreRefused(
                    Reason.EXISTS,
                    "There is a LoRA file of that name already. Delete it first, or choose another name.");
        }
        return target;
    }

    /**
     * Where to write a file aside until it is whole; the same for the same name, which nobody else gets before {@link #end}.
     *
     * @throws StoreRefused as {@link #target}, and if a file of that name is being installed
     */
    public synchronized Path begin(String name) throws IOException {
        Path target = target(name);
        if (!beingInstalled.add(target)) {
            throw new StoreRefused(Reason.EXISTS, "A LoRA file of that name is being installed.");
        }
        Path part = part(target);
        Files.createDirectories(part.getParent());
        return part;
    }

    /** Gives the name free again, whether the file was installed or not. What was written aside stays for the next time. */
    public synchronized void end(String name) throws IOException {
        beingInstalled.remove(own.created(name));
    }

    private Path part(Path target) {
        return own.root().resolve(ASIDE).resolve(relative(target) + ".part");
    }

    /**
     * Makes a whole file visible.
     *
     * @param name as given to {@link #begin}
     * @throws StoreRefused if the name was taken meanwhile
     */
    public synchronized LoraFile install(String name, String sha256, ObjectNode provenance) throws IOException {
        Path target = target(name);
        Files.move(part(target), target, StandardCopyOption.ATOMIC_MOVE);
        note(relative(target), entry -> entry.put("sha256", sha256).set("provenance", provenance));
        return list(own, false).stream()
                .filter(file -> file.path().equals(target))
                .findFirst()
                .orElseThrow(() -> new StoreRefused(Reason.MISSING, "The file is gone again."));
    }

    /**
     * Notes where a file of our own came from.
     *
     * @param name of the file, relative
     */
    public synchronized void setProvenance(String name, ObjectNode provenance) throws IOException {
        Path file = own.existing(name);
        if (!EXTENSIONS.contains(FileNames.extension(name))) {
            throw new StoreRefused(Reason.MISSING, "There is no such LoRA.");
        }
        note(
                own.root().toRealPath().relativize(file).toString().replace('\\', '/'),
                entry -> entry.set("provenance", provenance));
    }

    private String relative(Path file) {
        return own.root().relativize(file).toString().replace('\\', '/');
    }

    private void note(String relative, Consumer<ObjectNode> change) throws IOException {
        ObjectNode manifest = ownManifest();
        change.accept(manifest.withObjectProperty("entries").withObjectProperty(relative));
        writeManifest(manifest);
    }

    private ObjectNode ownManifest() {
        ObjectNode manifest = mapper.createObjectNode();
        if (manifest(own) instanceof ObjectNode entries) {
            manifest.set("entries", entries);
        }
        return manifest;
    }

    private void writeManifest(ObjectNode manifest) throws IOException {
        Trees.replace(own.root().resolve(MANIFEST), mapper.writeValueAsBytes(manifest));
    }
}
