package io.github.tachyscope.download;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/**
 * What to download, under one id: a pipeline, a model of the catalogue, a repository or an address.
 *
 * @param id under which it is asked for, listed and cancelled
 */
public record DownloadRequest(String id, List<Source> sources) {
    public DownloadRequest {
        sources = List.copyOf(sources);
    }

    /** For the list of what is under way. */
    ObjectNode toJson() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        var array = node.putArray("sources");
        for (Source source : sources) {
            if (source instanceof Source.Repository repository) {
                var files = array.addObject()
                        .put("repository", repository.repository())
                        .put("revision", repository.revision())
                        .putArray("files");
                repository.files().forEach(files::add);
            } else if (source instanceof Source.Single single) {
                array.addObject().put("address", single.address().toString()).put("name", single.name());
            }
        }
        return node;
    }

    /** @throws IllegalArgumentException if it is no such request */
    static DownloadRequest fromJson(String id, ObjectNode node) {
        List<Source> sources = new ArrayList<>();
        for (JsonNode source : node.path("sources")) {
            if (source.has("address")) {
                sources.add(new Source.Single(
                        URI.create(source.path("address").asText()),
                        source.path("name").asText()));
            } else {
                List<String> files =
                        source.path("files").valueStream().map(JsonNode::asText).toList();
                sources.add(new Source.Repository(
                        source.path("repository").asText(),
                        source.path("revision").asText(),
                        files));
            }
        }
        if (sources.isEmpty()) {
            throw new IllegalArgumentException(id + " has no source");
        }
        return new DownloadRequest(id, sources);
    }
}
