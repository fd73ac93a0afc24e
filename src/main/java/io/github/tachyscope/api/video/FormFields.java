package io.github.tachyscope.api.video;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Refused;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The fields of a request from the bodies that clients send: JSON, or the texts of a form. */
final class FormFields {
    /** Deeper values have no meaning here; protects the stack. */
    private static final int DEEPEST = 64;

    /** Of JSON; protects memory from bodies of many small values. */
    private static final long MOST_TOKENS = 200_000;

    /** Most fields of a form; there are about thirty. */
    static final int MOST_FIELDS = 200;

    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            // The size of the body is limited, and a picture in it is one text.
                            .maxStringLength(Integer.MAX_VALUE)
                            .maxTokenCount(MOST_TOKENS)
                            .maxNestingDepth(DEEPEST)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private FormFields() {}

    static ObjectNode ofJson(byte[] body) {
        try {
            JsonNode json = JSON.readTree(body);
            if (json instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException malformed) {
            throw Refused.with(
                    400,
                    "The body is not valid JSON"
                            + Optional.ofNullable(malformed.getLocation())
                                    .map(at -> ", see line " + at.getLineNr() + ", column " + at.getColumnNr())
                                    .orElse("")
                            + ".");
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        throw Refused.with(400, "The body must be a JSON object, or a form.");
    }

    static ObjectNode ofUrlEncoded(byte[] body) {
        List<Map.Entry<String, String>> fields = new ArrayList<>();
        for (String pair : new String(body, StandardCharsets.UTF_8).split("&", MOST_FIELDS + 1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : pair.substring(equals + 1);
            fields.add(Map.entry(decoded(name), decoded(value)));
        }
        return ofTexts(fields);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.strip(), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw Refused.with(400, "The form is not percent-encoded correctly.");
        }
    }

    /** The fields of a form; of one that is there twice the later holds. */
    static ObjectNode ofTexts(List<Map.Entry<String, String>> fields) {
        if (fields.size() > MOST_FIELDS) {
            throw Refused.with(400, "The form has more than " + MOST_FIELDS + " fields.");
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        fields.forEach(field -> {
            if (!field.getValue().isEmpty()) {
                json.set(
                        field.getKey(),
                        VideoRequest.OBJECTS.contains(field.getKey())
                                ? parsed(field.getKey(), field.getValue())
                                : JsonNodeFactory.instance.textNode(field.getValue()));
            }
        });
        return json;
    }

    private static JsonNode parsed(String name, String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException malformed) {
            throw Refused.with(400, name + " must be a JSON object in a text; this one is not valid JSON.")
                    .about(name);
        }
    }
}
