package io.github.tachyscope.diffusion.sd.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Learns the merges of a {@link ClipTokenizer} from words: the most frequent pair of neighbours first (Sennrich et al.
 * 2016). The same words in the same order give the same tokenizer, everywhere and always.
 */
public final class BytePairLearner {
    /** Bytes of a word that are looked at: longer words teach nothing about language. */
    private static final int MAX_WORD = 64;

    private final List<String> symbols = new ArrayList<>(ByteSymbols.alphabet());
    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<int[]> words = new ArrayList<>();
    private final List<Integer> occurrences = new ArrayList<>();
    private final Map<Long, Integer> counts = new HashMap<>();

    private BytePairLearner(Map<String, Integer> words) {
        for (String symbol : symbols) {
            numbers.put(symbol, numbers.size());
        }
        words.forEach((word, times) -> {
            if (!word.isEmpty()) {
                this.words.add(spelled(word));
                occurrences.add(times);
                count(spelled(word), times);
            }
        });
    }

    /**
     * A tokenizer with at most {@code merges} merges; fewer if the words hold no more pairs.
     *
     * @param words lower-case words as the tokenizer finds them, and how often each is there; of equally frequent pairs
     *     the one that comes first wins
     */
    public static ClipTokenizer learn(Map<String, Integer> words, int merges) {
        return new BytePairLearner(words).learn(merges);
    }

    private ClipTokenizer learn(int merges) {
        List<String> learned = new ArrayList<>();
        while (learned.size() < merges && !counts.isEmpty()) {
            int[] pair = mostFrequent();
            String left = symbols.get(pair[0]);
            String right = symbols.get(pair[1]);
            learned.add(left + " " + right);
            merge(pair, number(left + right));
        }
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        Stream.concat(symbols.stream(), Stream.of(ClipTokenizer.START, ClipTokenizer.END))
                .forEach(symbol -> vocabulary.put(symbol, vocabulary.size()));
        return ClipTokenizer.of(vocabulary, learned, ClipTokenizer.END);
    }

    private int[] spelled(String word) {
        List<String> bytes = ByteSymbols.of(word);
        List<String> looked = bytes;
        if (bytes.size() > MAX_WORD) {
            looked = new ArrayList<>(bytes.subList(0, MAX_WORD));
            looked.set(MAX_WORD - 1, looked.get(MAX_WORD - 1) + ByteSymbols.WORD_END);
        }
        return looked.stream().mapToInt(numbers::get).toArray();
    }

    /** Two ways of merging can make the same symbol. */
    private int number(String symbol) {
        return numbers.computeIfAbsent(symbol, fresh -> {
            symbols.add(fresh);
            return symbols.size() - 1;
        });
    }

    private int[] mostFrequent() {
        int most = counts.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
        for (int[] word : words) {
            for (int i = 0; i + 1 < word.length; i++) {
                if (counts.get(key(word, i)) == most) {
                    return new int[] {word[i], word[i + 1]};
                }
            }
        }
        throw new IllegalStateException("a pair was counted that is in no word");
    }

    private void merge(int[] pair, int symbol) {
        for (int w = 0; w < words.size(); w++) {
            int[] word = words.get(w);
            int[] merged = new int[word.length];
            int length = 0;
            for (int i = 0; i < word.length; i++) {
                boolean here = i + 1 < word.length && word[i] == pair[0] && word[i + 1] == pair[1];
                merged[length++] = here ? symbol : word[i];
                i += here ? 1 : 0;
            }
            if (length < word.length) {
                count(word, -occurrences.get(w));
                words.set(w, Arrays.copyOf(merged, length));
                count(words.get(w), occurrences.get(w));
            }
        }
    }

    private void count(int[] word, int times) {
        for (int i = 0; i + 1 < word.length; i++) {
            counts.merge(key(word, i), times, (a, b) -> a + b == 0 ? null : a + b);
        }
    }

    private static long key(int[] word, int at) {
        return (long) word[at] << 32 | word[at + 1];
    }
}
