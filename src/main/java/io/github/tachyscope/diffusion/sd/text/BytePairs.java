package io.github.tachyscope.diffusion.sd.text;

import io.github.tachyscope.tensor.WeightsRejected;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Byte-pair encoding of one word: of all neighbours that may be merged, those come first whose merge was learned first,
 * and among equal ones the left one (Sennrich et al. 2016). Safe for several threads.
 */
final class BytePairs {
    /** Words whose ids are remembered, the least recently used goes first; some MB at most. */
    private static final int MAX_CACHED = 8_192;

    /** Longer words are not worth remembering. */
    private static final int MAX_CACHED_LENGTH = 48;

    /** A symbol that the vocabulary lacks: it merges with nothing. */
    private static final int UNKNOWN = -1;

    private final Map<String, Integer> vocabulary;
    private final Map<Long, Merge> merges = new HashMap<>();
    private final long unknownId;
    private final Map<String, long[]> cache = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, long[]> eldest) {
            return size() > MAX_CACHED;
        }
    };

    private record Merge(int rank, int symbol) {}

    /** Two neighbours at the time they were found; they may have been merged with others since. */
    private record Candidate(int rank, int at, int left, int right, int merged) implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate other) {
            return rank != other.rank ? Integer.compare(rank, other.rank) : Integer.compare(at, other.at);
        }
    }

    /**
     * @param pairs two symbols with a space between, the first to be merged first
     * @param unknownId id of symbols that the vocabulary lacks
     * @throws WeightsRejected if a merge uses or makes a symbol that does not exist; the message names it
     */
    BytePairs(Map<String, Integer> vocabulary, List<String> pairs, long unknownId) {
        this.vocabulary = vocabulary;
        this.unknownId = unknownId;
        Set<String> made = new HashSet<>(ByteSymbols.alphabet());
        for (int rank = 0; rank < pairs.size(); rank++) {
            String pair = pairs.get(rank);
            int space = pair.indexOf(' ');
            if (space < 1 || space != pair.lastIndexOf(' ') || space == pair.length() - 1) {
                throw rejected(rank, pair, "is not two symbols with a space between");
            }
            String left = pair.substring(0, space);
            String right = pair.substring(space + 1);
            Integer symbol = vocabulary.get(left + right);
            if (!made.contains(left) || !made.contains(right)) {
                throw rejected(rank, pair, "merges a symbol that no line before makes");
            }
            if (symbol == null || !vocabulary.containsKey(left) || !vocabulary.containsKey(right)) {
                throw rejected(rank, pair, "has a symbol that vocab.json lacks");
            }
            long key = key(vocabulary.get(left), vocabulary.get(right));
            if (merges.put(key, new Merge(rank, symbol)) != null) {
                throw rejected(rank, pair, "is there twice");
            }
            made.add(left + right);
        }
    }

    private static WeightsRejected rejected(int rank, String pair, String why) {
        String shown = pair.length() > 40 ? pair.substring(0, 40) + "..." : pair;
        return new WeightsRejected(
                "the tokenizer's merges.txt is damaged: merge " + (rank + 1) + " \"" + shown + "\" " + why);
    }

    private static long key(int left, int right) {
        return (long) left << 32 | right;
    }

    /** The ids of a word; the caller must not change them. */
    long[] encode(String word) {
        if (word.length() > MAX_CACHED_LENGTH) {
            return merged(word);
        }
        synchronized (cache) {
            long[] known = cache.get(word);
            if (known != null) {
                return known;
            }
        }
        long[] ids = merged(word);
        synchronized (cache) {
            cache.put(word, ids);
        }
        return ids;
    }

    /** Costs n log n for n bytes, so that one endless word cannot hold the caller up. */
    private long[] merged(String word) {
        List<String> bytes = ByteSymbols.of(word);
        int count = bytes.size();
        int[] symbols = new int[count];
        int[] before = new int[count];
        int[] after = new int[count];
        for (int i = 0; i < count; i++) {
            symbols[i] = vocabulary.getOrDefault(bytes.get(i), UNKNOWN);
            before[i] = i - 1;
            after[i] = i + 1;
        }
        boolean[] gone = new boolean[count];
        PriorityQueue<Candidate> queue = new PriorityQueue<>();
        for (int i = 0; i + 1 < count; i++) {
            offer(queue, symbols, i, i + 1);
        }
        for (Candidate next = queue.poll(); next != null; next = queue.poll()) {
            int left = next.at;
            int right = after[left];
            if (gone[left] || right == count || symbols[left] != next.left || symbols[right] != next.right) {
                continue;
            }
            symbols[left] = next.merged;
            gone[right] = true;
            after[left] = after[right];
            if (before[left] >= 0) {
                offer(queue, symbols, before[left], left);
            }
            if (after[left] < count) {
                before[after[left]] = left;
                offer(queue, symbols, left, after[left]);
            }
        }
        List<Integer> rest = new ArrayList<>();
        for (int i = 0; i < count; i = after[i]) {
            rest.add(symbols[i]);
        }
        return rest.stream()
                .mapToLong(symbol -> symbol == UNKNOWN ? unknownId : symbol)
                .toArray();
    }

    private void offer(PriorityQueue<Candidate> queue, int[] symbols, int left, int right) {
        if (symbols[left] == UNKNOWN || symbols[right] == UNKNOWN) {
            return;
        }
        Merge merge = merges.get(key(symbols[left], symbols[right]));
        if (merge != null) {
            queue.add(new Candidate(merge.rank, left, symbols[left], symbols[right], merge.symbol));
        }
    }
}
