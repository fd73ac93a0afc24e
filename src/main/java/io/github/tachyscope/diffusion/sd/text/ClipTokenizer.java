package io.github.tachyscope.diffusion.sd.text;

import io.github.tachyscope.tensor.WeightsRejected;
import java.io.IOException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The tokenizer of CLIP's text encoders: words as bytes, merged pair by pair, with a marker at the end of a word. Safe
 * for several threads.
 *
 * <pre>
 *   text -- special tokens --> pieces -- compose, lower case --> words -- bytes, merges --> ids
 * </pre>
 *
 * <p>The start, end and padding tokens count as such wherever a prompt spells them. Tokenizers that pad with "!" (SD 2.x,
 * the second one of SDXL) therefore see every exclamation mark as padding; the models were trained that way.
 */
public final class ClipTokenizer {
    public static final String START = "<|startoftext|>";
    public static final String END = "<|endoftext|>";

    /**
     * Characters of a text that are looked at, the rest is as if it were not there. As many as a client may send, and far
     * more than fill the longest prompt; bounds the work and memory that one text costs.
     */
    static final int MAX_CHARACTERS = 10_000;

    /** The most symbols; published vocabularies have 49,408. Protects the heap from a file that is none. */
    static final int MAX_VOCABULARY = 1 << 19;

    /** White space only ends a word; where it stood, nothing remains. */
    private static final Pattern WORD = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|[^\\s\\p{L}\\p{N}]+", Pattern.UNICODE_CHARACTER_CLASS);

    /** Takes the place of half a surrogate pair, which is no character. */
    private static final int REPLACEMENT = 0xFFFD;

    /** The one letter whose lower case is two characters, whatever stands around it. */
    private static final int CAPITAL_I_WITH_DOT = 0x130;

    private final Map<String, Integer> vocabulary;
    private final List<String> merges;
    private final String pad;
    private final BytePairs pairs;
    private final Pattern specials;

    private ClipTokenizer(Map<String, Integer> vocabulary, List<String> merges, String pad) {
        this.vocabulary = Collections.unmodifiableMap(new LinkedHashMap<>(vocabulary));
        this.merges = List.copyOf(merges);
        this.pad = pad;
        check();
        pairs = new BytePairs(this.vocabulary, this.merges, this.vocabulary.get(END));
        specials = Pattern.compile(Stream.of(START, END, pad)
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Pattern::quote)
                .collect(Collectors.joining("|")));
    }

    /**
     * @param vocabulary ids of the symbols, {@link #START} and {@link #END} among them
     * @param merges pairs of symbols with a space between, the first to be merged first
     * @param pad the symbol that fills a prompt up
     * @throws WeightsRejected if they do not fit together; the message says where
     */
    public static ClipTokenizer of(Map<String, Integer> vocabulary, List<String> merges, String pad) {
        return new ClipTokenizer(vocabulary, merges, pad);
    }

    /**
     * Reads {@code vocab.json} and {@code merges.txt}, and the padding symbol from {@code special_tokens_map.json} or
     * {@code tokenizer_config.json}; without one it is {@link #END}.
     *
     * @throws WeightsRejected if one of them is damaged; the message names the file
     */
    public static ClipTokenizer read(Path folder) {
        TokenizerFiles files = new TokenizerFiles(folder);
        return new ClipTokenizer(files.vocabulary(), files.merges(), files.pad().orElse(END));
    }

    /** Writes the files that {@link #read} reads, as published tokenizers have them. */
    public void write(Path folder) throws IOException {
        new TokenizerFiles(folder).write(vocabulary, merges, pad);
    }

    private void check() {
        if (vocabulary.size() > MAX_VOCABULARY) {
            throw new WeightsRejected(
                    "the tokenizer's vocab.json has " + vocabulary.size() + " symbols; allowed are " + MAX_VOCABULARY);
        }
        boolean[] seen = new boolean[vocabulary.size()];
        vocabulary.forEach((symbol, id) -> {
            if (id < 0 || id >= seen.length || seen[id]) {
                throw new WeightsRejected("the tokenizer's vocab.json is damaged: " + seen.length
                        + " symbols need the ids from 0 up, each once, and one has " + id);
            }
            seen[id] = true;
        });
        for (String token : List.of(START, END, pad)) {
            if (token.isEmpty() || !vocabulary.containsKey(token)) {
                throw new WeightsRejected("the tokenizer's vocab.json lacks the special token \"" + token + "\"");
            }
        }
    }

    /** Number of symbols; ids are smaller. */
    public int size() {
        return vocabulary.size();
    }

    /** The id that ends a text. */
    public long end() {
        return vocabulary.get(END);
    }

    /** Exactly {@code length} ids: start, as much of the text as fits, end, padding. */
    public long[] encode(String text, int length) {
        return framed(fragment(text), length);
    }

    /** Start, all of the text, end. */
    public long[] ids(String text) {
        long[] fragment = fragment(text);
        return framed(fragment, fragment.length + 2);
    }

    /** The ids of a part of a prompt, without start and end. */
    public long[] fragment(String text) {
        String looked = text.length() <= MAX_CHARACTERS ? text : text.substring(0, MAX_CHARACTERS);
        LongStream.Builder ids = LongStream.builder();
        int from = 0;
        for (Matcher match = specials.matcher(looked); match.find(); from = match.end()) {
            piece(looked.substring(from, match.start()), ids);
            ids.add(vocabulary.get(match.group()));
        }
        piece(looked.substring(from), ids);
        return ids.build().toArray();
    }

    /** Exactly {@code length} ids: start, as many of {@code fragment} as fit, end, padding. */
    long[] framed(long[] fragment, int length) {
        if (length < 2) {
            throw new IllegalArgumentException("no room for a start and an end: " + length);
        }
        long[] ids = new long[length];
        Arrays.fill(ids, vocabulary.get(pad));
        int fitting = Math.min(fragment.length, length - 2);
        ids[0] = vocabulary.get(START);
        System.arraycopy(fragment, 0, ids, 1, fitting);
        ids[fitting + 1] = end();
        return ids;
    }

    private void piece(String text, LongConsumer ids) {
        String composed = Normalizer.normalize(text, Normalizer.Form.NFC);
        for (Matcher match = WORD.matcher(lowerCase(composed)); match.find(); ) {
            Arrays.stream(pairs.encode(match.group())).forEach(ids);
        }
    }

    /** Character by character: a sigma is an ordinary one at the end of a word, too. */
    private static String lowerCase(String text) {
        StringBuilder lower = new StringBuilder(text.length());
        text.codePoints().forEach(character -> {
            if (character == CAPITAL_I_WITH_DOT) {
                lower.append("i\u0307");
            } else {
                boolean half = character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
                lower.appendCodePoint(half ? REPLACEMENT : Character.toLowerCase(character));
            }
        });
        return lower.toString();
    }
}
