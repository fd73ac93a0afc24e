package io.github.tachyscope.diffusion.sd.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.tensor.WeightsRejected;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The tokenizer of CLIP's text encoders: words as bytes, merged pair by pair (Sennrich et al. 2016), with a marker at the
 * end of a word. Immutable and safe for several threads.
 */
public final class ClipTokenizer {
    public static final String START = "<|startoftext|>";
    public static final String END = "<|endoftext|>";

    /** Characters of a prompt that are looked at: far more than fit into the longest prompt; bounds work and memory. */
    static final int MAX_CHARACTERS = 10_000;

    /** Longest word that is merged; merging costs the square of it. Longer ones are cut. */
    private static final int MAX_WORD = 512;

    private static final Pattern WORD = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|[^\\s\\p{L}\\p{N}]+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern SPACE = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Integer> vocabulary;
    private final List<String> merges;
    private final Map<String, Integer> ranks = new HashMap<>();
    private final Map<String, Integer> special = new LinkedHashMap<>();
    private final Pattern specials;
    private final String pad;

    private ClipTokenizer(Map<String, Integer> vocabulary, List<String> merges, String pad) {
        this.vocabulary = Collections.unmodifiableMap(new LinkedHashMap<>(vocabulary));
        this.merges = List.copyOf(merges);
        this.pad = pad;
        for (String merge : merges) {
            ranks.putIfAbsent(merge, ranks.size());
        }
        for (String token : List.of(START, END, pad)) {
            Integer id = vocabulary.get(token);
            if (id == null) {
                throw new WeightsRejected("the tokenizer's vocabulary has no " + token);
            }
            special.put(token, id);
        }
        specials = Pattern.compile(special.keySet().stream()
                .map(Pattern::quote)
                .reduce((a, b) -> a + "|" + b)
                .orElseThrow());
    }

    /**
     * @param vocabulary ids of the symbols, {@link #START} and {@link #END} among them
     * @param merges pairs of symbols with a space between, the first to be merged first
     * @param pad the symbol that fills a prompt up; written in a prompt, it means itself
     */
    public static ClipTokenizer of(Map<String, Integer> vocabulary, List<String> merges, String pad) {
        return new ClipTokenizer(vocabulary, merges, pad);
    }

    /**
     * Reads {@code vocab.json} and {@code merges.txt}, and the padding symbol from {@code special_tokens_map.json} or
     * {@code tokenizer_config.json}.
     *
     * @throws WeightsRejected if one of them is damaged; the message names the file
     */
    public static ClipTokenizer read(Path folder) {
        return new ClipTokenizer(vocabulary(folder), merges(folder), pad(folder));
    }

    private static Map<String, Integer> vocabulary(Path folder) {
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : json(folder, "vocab.json").properties()) {
            if (!entry.getValue().isInt() || entry.getValue().asInt() < 0) {
                throw new WeightsRejected("vocab.json has the id " + entry.getValue() + " for " + entry.getKey());
            }
            vocabulary.put(entry.getKey(), entry.getValue().asInt());
        }
        return vocabulary;
    }

    private static List<String> merges(Path folder) {
        List<String> merges = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(folder.resolve("merges.txt"))) {
                if (line.startsWith("#version") || line.isBlank()) {
                    continue;
                }
                if (line.split(" ").length != 2) {
                    throw new WeightsRejected("merges.txt has the line \"" + line + "\"; two symbols are needed");
                }
                merges.add(line);
            }
        } catch (IOException unreadable) {
            throw new WeightsRejected("merges.txt of the tokenizer cannot be read", unreadable);
        }
        return merges;
    }

    private static String pad(Path folder) {
        for (String name : List.of("special_tokens_map.json", "tokenizer_config.json")) {
            if (Files.exists(folder.resolve(name))) {
                JsonNode pad = json(folder, name).path("pad_token");
                String symbol = pad.isObject() ? pad.path("content").asText() : pad.asText();
                if (!symbol.isEmpty()) {
                    return symbol;
                }
            }
        }
        return END;
    }

    private static JsonNode json(Path folder, String name) {
        try {
            JsonNode node = JSON.readTree(folder.resolve(name).toFile());
            if (node == null || !node.isObject()) {
                throw new WeightsRejected(name + " of the tokenizer is no JSON object");
            }
            return node;
        } catch (IOException unreadable) {
            throw new WeightsRejected(name + " of the tokenizer cannot be read", unreadable);
        }
    }

    /** Writes the files that {@link #read} reads. */
    public void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve("vocab.json"), JSON.writeValueAsBytes(vocabulary));
        List<String> lines = new ArrayList<>(List.of("#version: 0.2"));
        lines.addAll(merges);
        Files.write(folder.resolve("merges.txt"), lines, StandardCharsets.UTF_8);
        ObjectNode tokens = JSON.createObjectNode()
                .put("bos_token", START)
                .put("eos_token", END)
                .put("pad_token", pad);
        Files.write(folder.resolve("special_tokens_map.json"), JSON.writeValueAsBytes(tokens));
        tokens.put("tokenizer_class", "CLIPTokenizer");
        Files.write(folder.resolve("tokenizer_config.json"), JSON.writeValueAsBytes(tokens));
    }

    /** Number of symbols. */
    public int size() {
        return vocabulary.size();
    }

    /** Exactly {@code length} ids: start, as much of the text as fits, end, padding. */
    public long[] encode(String text, int length) {
        long[] ids = ids(text);
        long[] fitted = new long[length];
        Arrays.fill(fitted, special.get(pad));
        System.arraycopy(ids, 0, fitted, 0, Math.min(length, ids.length));
        if (ids.length > length) {
            fitted[length - 1] = special.get(END);
        }
        return fitted;
    }

    /** Start, all of the text, end. */
    public long[] ids(String text) {
        List<Integer> ids = new ArrayList<>(List.of(special.get(START)));
        ids.addAll(fragment(text));
        ids.add(special.get(END));
        return ids.stream().mapToLong(Integer::longValue).toArray();
    }

    /** The ids of a part of a prompt, without start and end. */
    public List<Integer> fragment(String text) {
        String looked = text.length() <= MAX_CHARACTERS ? text : text.substring(0, MAX_CHARACTERS);
        List<Integer> ids = new ArrayList<>();
        int from = 0;
        for (Matcher match = specials.matcher(looked); match.find(); from = match.end()) {
            plain(looked.substring(from, match.start()), ids);
            ids.add(special.get(match.group()));
        }
        plain(looked.substring(from), ids);
        return ids;
    }

    private void plain(String text, List<Integer> ids) {
        String composed = Normalizer.normalize(text, Normalizer.Form.NFC);
        String spaced = SPACE.matcher(composed).replaceAll(" ");
        // By code point: the rule for a Greek sigma at the end of a word must not apply.
        String lower = spaced.codePoints()
                .mapToObj(codePoint -> Character.toString(codePoint).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
        for (Matcher match = WORD.matcher(lower); match.find(); ) {
            for (String symbol : merged(match.group())) {
                ids.add(vocabulary.getOrDefault(symbol, special.get(END)));
            }
        }
    }

    private List<String> merged(String word) {
        List<String> symbols = ByteSymbols.of(word, MAX_WORD);
        while (symbols.size() > 1) {
            int best = Integer.MAX_VALUE;
            String left = "";
            String right = "";
            for (int i = 0; i + 1 < symbols.size(); i++) {
                int rank = ranks.getOrDefault(symbols.get(i) + " " + symbols.get(i + 1), Integer.MAX_VALUE);
                if (rank < best) {
                    best = rank;
                    left = symbols.get(i);
                    right = symbols.get(i + 1);
                }
            }
            if (best == Integer.MAX_VALUE) {
                break;
            }
            symbols = ByteSymbols.merge(symbols, left, right);
        }
        return symbols;
    }
}
