package io.github.tachyscope.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The downloads that are under way, in a file, for the next start of the process. Safe for many threads. */
public final class DownloadList {
    private final ObjectMapper mapper = new ObjectMapper();
    private final Path file;

    DownloadList(Path file) {
        this.file = file;
    }

    /** Id to request, in the order in which they were put there; nothing if the file is broken. */
    public synchronized Map<String, ObjectNode> all() throws IOException {
        Map<String, ObjectNode> all = new LinkedHashMap<>();
        read().properties().forEach(entry -> {
            if (entry.getValue() instanceof ObjectNode request) {
                all.put(entry.getKey(), request);
            }
        });
        return all;
    }

    public synchronized void put(String id, ObjectNode request) throws IOException {
        ObjectNode all = read();
        all.set(id, request);
        Trees.replace(file, mapper.writeValueAsBytes(all));
    }

    public synchronized void remove(String id) throws IOException {
        ObjectNode all = read();
        if (all.remove(id) != null) {
            Trees.replace(file, mapper.writeValueAsBytes(all));
        }
    }

    private ObjectNode read() throws IOException {
        try {
            return mapper.readTree(Files.readAllBytes(file)) instanceof ObjectNode all
                    ? all
                    : mapper.createObjectNode();
        } catch (NoSuchFileException none) {
            return mapper.createObjectNode();
        } catch (JsonProcessingException broken) {
            return mapper.createObjectNode();
        }
    }
}
