package io.github.tachyscope.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One LoRA file.
 *
 * @param name of the file without folder and extension
 * @param folder relative to its directory, empty for the directory itself
 * @param sha256 from the manifest
 * @param provenance from the manifest: where the file came from
 * @param readOnly whether it is in the shared directory
 */
public record LoraFile(
        String name,
        Path path,
        long bytes,
        String folder,
        Optional<String> sha256,
        Optional<ObjectNode> provenance,
        boolean readOnly) {}
