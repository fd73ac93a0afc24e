package io.github.tachyscope.diffusion.sd.text;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.tensor.WeightsRejected;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The folder of a tokenizer: {@code vocab.json}, {@code merges.txt} and two files that name the special tokens. */
final class TokenizerFiles {
    private static final String VOCABULARY = "vocab.json";
    private static final String MERGES = "merges.txt";
    private static final String SPECIAL_TOKENS = "special_tokens_map.json";
    private static final String CONFIGURATION = "tokenizer_config.json";
    private static final String VERSION = "#version: 0.2";

    /** Published files have less than 1 MB; protects the heap from a file that is something else. */
    private static final long MAX_BYTES = 16 << 20;

    /** A symbol that is there twice would get one of two ids by chance. */
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Path folder;

    TokenizerFiles(Path folder) {
        this.folder = folder;
    }

    Map<String, Integer> vocabulary() {
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : json(VOCABULARY).properties()) {
            if (!entry.getValue().isInt()) {
                throw rejected(VOCABULARY, "an id is no whole number");
            }
            vocabulary.put(entry.getKey(), entry.getValue().intValue());
        }
        return vocabulary;
    }

    List<String> merges() {
        List<String> lines = new ArrayList<>(text(MERGES).lines().toList());
        if (!lines.isEmpty() && lines.get(0).startsWith("#version")) {
            lines.remove(0);
        }
        lines.removeIf(String::isEmpty);
        return lines;
    }

    /** The padding symbol; its two spellings are a text and an object with the text as {@code content}. */
    Optional<String> pad() {
        for (String name : List.of(SPECIAL_TOKENS, CONFIGURATION)) {
            if (Files.exists(folder.resolve(name))) {
                JsonNode pad = json(name).path("pad_token");
                JsonNode symbol = pad.isObject() ? pad.path("content") : pad;
                if (symbol.isTextual()) {
                    return Optional.of(symbol.textValue());
                }
            }
        }
        return Optional.empty();
    }

    void write(Map<String, Integer> vocabulary, List<String> merges, String pad) throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve(VOCABULARY), JSON.writeValueAsBytes(vocabulary));
        Files.writeString(folder.resolve(MERGES), VERSION + "\n" + String.join("\n", merges) + "\n");
        ObjectNode tokens = JSON.createObjectNode()
                .put("bos_token", ClipTokenizer.START)
                .put("eos_token", ClipTokenizer.END)
                .put("pad_token", pad)
                .put("unk_token", ClipTokenizer.END);
        Files.write(folder.resolve(SPECIAL_TOKENS), JSON.writeValueAsBytes(tokens));
        tokens.put("tokenizer_class", "CLIPTokenizer").put("do_lower_case", true);
        Files.write(folder.resolve(CONFIGURATION), JSON.writeValueAsBytes(tokens));
    }

    private JsonNode json(String name) {
        try {
            JsonNode node = JSON.readTree(text(name));
            if (!node.isObject()) {
                throw rejected(name, "it is no JSON object");
            }
            return node;
        } catch (IOException malformed) {
            throw new WeightsRejected("the tokenizer's " + name + " is no JSON", malformed);
        }
    }

    private String text(String name) {
        Path file = folder.resolve(name);
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw rejected(name, "it has more than " + MAX_BYTES + " bytes");
            }
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new WeightsRejected("the tokenizer's " + name + " cannot be read", unreadable);
        }
    }

    private static WeightsRejected rejected(String name, String why) {
        return new WeightsRejected("the tokenizer's " + name + " is damaged: " + why);
    }
}
