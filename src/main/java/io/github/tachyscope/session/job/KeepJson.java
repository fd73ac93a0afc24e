package io.github.tachyscope.session.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.media.WebmWriter;
import io.github.tachyscope.media.WebpWriter;
import io.github.tachyscope.store.Filing;
import io.github.tachyscope.store.MediaFolder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What is kept, as it stands in a stored request. */
final class KeepJson {
    private KeepJson() {}

    static ObjectNode of(Keep keep) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (keep instanceof Keep.Mp4 mp4) {
            json.put("kind", "mp4").put("fps", mp4.fps());
        } else if (keep instanceof Keep.Raw) {
            json.put("kind", "raw");
        } else if (keep instanceof Keep.Pictures pictures) {
            json.put("kind", "pictures").set("text", texts(pictures.text()));
        } else if (keep instanceof Keep.Webp webp) {
            json.put("kind", "webp").put("fps", webp.fps()).put("lossless", webp.lossless());
            json.put("quality", webp.quality()).put("effort", webp.effort().name());
        } else if (keep instanceof Keep.Gif gif) {
            json.put("kind", "gif").put("fps", gif.fps());
        } else if (keep instanceof Keep.Webm webm) {
            json.put("kind", "webm").put("fps", webm.fps());
            json.put("codec", webm.codec().name()).put("crf", webm.crf());
        }
        json.put("label", keep.label());
        keep.filing().ifPresent(filing -> json.set("filing", of(filing)));
        return json;
    }

    private static ObjectNode of(Filing filing) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("folder", filing.folder().wireName())
                .put("prefix", filing.prefix());
        json.set("variables", texts(filing.variables()));
        return json;
    }

    /**
     * What {@link #of} made.
     *
     * @throws IllegalArgumentException if it is something else
     */
    static Keep read(JsonNode json) {
        String label = json.path("label").asText();
        Optional<Filing> filing = json.has("filing") ? Optional.of(filing(json.path("filing"))) : Optional.empty();
        double fps = json.path("fps").asDouble();
        return switch (json.path("kind").asText()) {
            case "mp4" -> new Keep.Mp4(label, filing, fps);
            case "raw" -> new Keep.Raw(label, filing);
            case "pictures" -> new Keep.Pictures(label, filing, texts(json.path("text")));
            case "webp" ->
                new Keep.Webp(
                        label,
                        filing,
                        fps,
                        json.path("lossless").asBoolean(),
                        json.path("quality").asInt(),
                        WebpWriter.Effort.valueOf(json.path("effort").asText()));
            case "gif" -> new Keep.Gif(label, filing, fps);
            case "webm" ->
                new Keep.Webm(
                        label,
                        filing,
                        fps,
                        WebmWriter.Codec.valueOf(json.path("codec").asText()),
                        json.path("crf").asDouble());
            default -> throw new IllegalArgumentException("nothing that is kept: " + json);
        };
    }

    private static Filing filing(JsonNode json) {
        return new Filing(
                MediaFolder.ofWireName(json.path("folder").asText())
                        .orElseThrow(() -> new IllegalArgumentException("not a folder: " + json)),
                json.path("prefix").asText(),
                texts(json.path("variables")));
    }

    static ObjectNode texts(Map<String, String> texts) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        texts.forEach(json::put);
        return json;
    }

    static Map<String, String> texts(JsonNode json) {
        Map<String, String> texts = new LinkedHashMap<>();
        json.properties()
                .forEach(text -> texts.put(text.getKey(), text.getValue().asText()));
        return texts;
    }
}
