package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.core.Base64Variant;
import com.fasterxml.jackson.core.Base64Variant.PaddingReadBehaviour;
import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.tachyscope.api.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The body of a generate request, read as it arrives: arrays go to files while they are decoded, the rest becomes a
 * small tree. So a request of a gigabyte takes no more of the heap than one of a kilobyte.
 *
 * @param fields all members but the arrays
 * @param arrays by name, in files that {@link #close()} deletes
 */
record GenerateBody(ObjectNode fields, Map<String, EncodedArray> arrays) implements AutoCloseable {
    /** Members that are arrays, and the bytes of one element. */
    private static final Map<String, Integer> ARRAYS = Map.of("input_video", 1, "vace_frames", 4, "vace_masks", 4);

    /** Most dimensions of an array; the known ones have 4 and 5. */
    private static final int MOST_DIMENSIONS = 8;

    /** Longest text outside of arrays; protects memory. */
    private static final int LONGEST_TEXT = 1 << 20;

    /** Most tokens in all, so that a body of small values cannot fill the memory either. */
    private static final long MOST_TOKENS = 500_000;

    private static final int DEEPEST = 64;

    /** Clients leave the padding away now and then. */
    private static final Base64Variant BASE64 =
            Base64Variants.MIME_NO_LINEFEEDS.withReadPadding(PaddingReadBehaviour.PADDING_ALLOWED);

    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(LONGEST_TEXT)
                    .maxTokenCount(MOST_TOKENS)
                    .maxNestingDepth(DEEPEST)
                    .build())
            .build());

    /**
     * Reads a body to its end; blocks while it arrives.
     *
     * @param folder where the arrays go
     * @throws Refused if it is not an object, not valid JSON, or an array's bytes do not fit its shape; nothing is left
     *     in the folder then
     */
    static GenerateBody read(InputStream body, Path folder) throws IOException {
        GenerateBody read = new GenerateBody(JsonNodeFactory.instance.objectNode(), new LinkedHashMap<>());
        boolean whole = false;
        try (JsonParser parser = JSON.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw Refused.invalid(
                        List.of("body"),
                        "model_attributes_type",
                        "The body should be a JSON object",
                        NullNode.getInstance());
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                read.member(parser, parser.currentName(), folder);
            }
            if (parser.nextToken() != null) {
                throw malformed("The body goes on after its end");
            }
            whole = true;
            return read;
        } catch (JsonProcessingException broken) {
            throw malformed("The body is not valid JSON, or a text, a number or the nesting in it is too long"
                    + Optional.ofNullable(broken.getLocation())
                            .map(at -> ", see byte " + at.getByteOffset())
                            .orElse(""));
        } finally {
            if (!whole) {
                read.close();
            }
        }
    }

    private static Refused malformed(String message) {
        return Refused.invalid(List.of("body"), "json_invalid", message, JsonNodeFactory.instance.objectNode());
    }

    private void member(JsonParser parser, String name, Path folder) throws IOException {
        JsonToken value = parser.nextToken();
        if (!ARRAYS.containsKey(name)) {
            fields.set(name, JSON.<JsonNode>readTree(parser));
        } else if (value == JsonToken.START_OBJECT) {
            if (arrays.containsKey(name)) {
                throw wrong(name, "Input is there twice");
            }
            array(parser, name, folder);
        } else if (value != JsonToken.VALUE_NULL) {
            throw wrong(name, "Input should be an object with base64 and shape");
        }
    }

    private void array(JsonParser parser, String name, Path folder) throws IOException {
        Path file = Files.createTempFile(folder, name, ".array");
        arrays.put(name, new EncodedArray(file, List.of()));
        List<Long> shape = List.of();
        boolean filled = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String inner = parser.currentName();
            JsonToken value = parser.nextToken();
            if (inner.equals("base64") && value == JsonToken.VALUE_STRING) {
                try (OutputStream out = Files.newOutputStream(file)) {
                    parser.readBinaryValue(BASE64, out);
                } catch (IllegalArgumentException notBase64) {
                    throw wrong(name, "The data are not base64");
                }
                filled = true;
            } else if (inner.equals("shape") && value == JsonToken.START_ARRAY) {
                shape = shape(parser, name);
            } else {
                parser.skipChildren();
            }
        }
        if (!filled || shape.isEmpty()) {
            throw wrong(name, "Input should be an object with base64 (a text) and shape (a list of sizes)");
        }
        long elements = EncodedArray.elements(shape);
        long bytes = Files.size(file);
        int each = ARRAYS.getOrDefault(name, 1);
        if (elements < 0 || bytes % each != 0 || bytes / each != elements) {
            throw wrong(
                    name,
                    "The data have " + bytes + " bytes; shape " + shape + " with " + each
                            + " per element does not fit that");
        }
        arrays.put(name, new EncodedArray(file, shape));
    }

    private static List<Long> shape(JsonParser parser, String name) throws IOException {
        List<Long> shape = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT || shape.size() == MOST_DIMENSIONS) {
                throw wrong(name, "The shape should be a list of at most " + MOST_DIMENSIONS + " whole numbers");
            }
            shape.add(parser.getLongValue());
        }
        return List.copyOf(shape);
    }

    private static Refused wrong(String name, String message) {
        return Refused.invalid(List.of("body", name), "value_error", message, TextNode.valueOf("(an array)"));
    }

    @Override
    public void close() {
        arrays.values().forEach(EncodedArray::close);
    }
}
