package io.github.tachyscope.diffusion.sd.text;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Learns the merges of a {@link ClipTokenizer} from words: the most frequent pair first (Sennrich et al. 2016). */
public final class BytePairLearner {
    private static final int MAX_WORD = 64;

    private BytePairLearner() {}

    /**
     * A tokenizer with at most {@code merges} merges; fewer if the words hold no more pairs.
     *
     * @param words each counts once; of equally frequent pairs the one that was seen first wins
     */
    public static ClipTokenizer learn(Collection<String> words, int merges) {
        List<List<String>> spelled = new ArrayList<>();
        words.stream().filter(word -> !word.isEmpty()).forEach(word -> spelled.add(ByteSymbols.of(word, MAX_WORD)));
        List<String> learned = new ArrayList<>();
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        ByteSymbols.alphabet().forEach(symbol -> vocabulary.put(symbol, vocabulary.size()));
        while (learned.size() < merges) {
            Map<List<String>, Integer> pairs = new LinkedHashMap<>();
            for (List<String> word : spelled) {
                for (int i = 0; i + 1 < word.size(); i++) {
                    pairs.merge(List.of(word.get(i), word.get(i + 1)), 1, Integer::sum);
                }
            }
            List<String> best = List.of();
            int most = 0;
            for (Map.Entry<List<String>, Integer> pair : pairs.entrySet()) {
                if (pair.getValue() > most) {
                    most = pair.getValue();
                    best = pair.getKey();
                }
            }
            if (best.isEmpty()) {
                break;
            }
            String left = best.get(0);
            String right = best.get(1);
            learned.add(left + " " + right);
            vocabulary.putIfAbsent(left + right, vocabulary.size());
            spelled.replaceAll(word -> ByteSymbols.merge(word, left, right));
        }
        vocabulary.put(ClipTokenizer.START, vocabulary.size());
        vocabulary.put(ClipTokenizer.END, vocabulary.size());
        return ClipTokenizer.of(vocabulary, learned, ClipTokenizer.END);
    }
}
