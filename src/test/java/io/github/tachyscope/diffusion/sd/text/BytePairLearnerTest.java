package io.github.tachyscope.diffusion.sd.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BytePairLearnerTest {
    private static final int BYTES_AND_SPECIALS = 512 + 2;

    @Test
    void learnsTheMostFrequentPairFirst(@TempDir Path folder) throws Exception {
        // By hand: hug and pug end in "ug" 5 times, pun and bun in "un" 4 times, then "h ug" and "p un" are there 3
        // times.
        Map<String, Integer> words = new LinkedHashMap<>();
        words.put("hug", 3);
        words.put("pug", 2);
        words.put("pun", 3);
        words.put("bun", 1);
        words.put("hugs", 1);
        BytePairLearner.learn(words, 4).write(folder);
        assertEquals(
                List.of("#version: 0.2", "u g</w>", "u n</w>", "h ug</w>", "p un</w>"),
                Files.readAllLines(folder.resolve("merges.txt")));
    }

    @Test
    void knownWordsBecomeSingleTokensAndTheFilesKeepThem(@TempDir Path folder) throws Exception {
        List<String> words = List.of("watercolor", "neon", "oil", "pencil", "painting", "paint", "paper", "caf\u00E9");
        ClipTokenizer learned = BytePairLearner.learn(once(words), 200);
        for (String word : words) {
            assertEquals(3, learned.ids(word).length, word);
        }
        assertTrue(learned.ids("zebra").length > 4);
        learned.write(folder);
        ClipTokenizer read = ClipTokenizer.read(folder);
        assertEquals(learned.size(), read.size());
        for (String text : List.of("Neon PAINTING of a zebra", "", "pencil, oil!", "\u6771\u4EAC <|endoftext|>")) {
            assertArrayEquals(learned.encode(text, 24), read.encode(text, 24));
        }
    }

    @Test
    void stopsWhenTheWordsHoldNoMorePairs() {
        assertEquals(
                BYTES_AND_SPECIALS + 2,
                BytePairLearner.learn(once(List.of("abc", "", "a")), 100).size());
        assertEquals(BYTES_AND_SPECIALS, BytePairLearner.learn(Map.of(), 100).size());
        assertEquals(
                BYTES_AND_SPECIALS, BytePairLearner.learn(Map.of("abc", 1), 0).size());
    }

    @Test
    void theSameWordsGiveTheSameFiles(@TempDir Path one, @TempDir Path two) throws Exception {
        long seed = System.nanoTime();
        List<String> words = words(new Random(seed), 400);
        BytePairLearner.learn(once(words), 300).write(one);
        BytePairLearner.learn(once(new ArrayList<>(words)), 300).write(two);
        for (String name : List.of("vocab.json", "merges.txt", "special_tokens_map.json", "tokenizer_config.json")) {
            assertArrayEquals(
                    Files.readAllBytes(one.resolve(name)), Files.readAllBytes(two.resolve(name)), "seed " + seed);
        }
    }

    @Test
    void eachMergeIsTheBestOneWhenCountedAnew(@TempDir Path folder) throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> words = words(random, 60).stream().distinct().toList();
        Map<String, Integer> times = new LinkedHashMap<>();
        words.forEach(word -> times.put(word, 1 + random.nextInt(3)));
        BytePairLearner.learn(times, 80).write(folder);
        List<String> merges = Files.readAllLines(folder.resolve("merges.txt"));
        List<List<String>> spelled = new ArrayList<>();
        words.forEach(word -> spelled.add(new ArrayList<>(ByteSymbols.of(word))));
        for (String merge : merges.subList(1, merges.size())) {
            Map<String, Integer> counts = new LinkedHashMap<>();
            for (int w = 0; w < spelled.size(); w++) {
                List<String> word = spelled.get(w);
                int here = times.get(words.get(w));
                IntStream.range(0, word.size() - 1)
                        .forEach(i -> counts.merge(word.get(i) + " " + word.get(i + 1), here, Integer::sum));
            }
            int most =
                    counts.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
            String first = counts.keySet().stream()
                    .filter(pair -> counts.get(pair) == most)
                    .findFirst()
                    .orElseThrow();
            assertEquals(first, merge, "seed " + seed);
            String[] pair = merge.split(" ");
            for (List<String> word : spelled) {
                for (int i = 0; i + 1 < word.size(); i++) {
                    if (word.get(i).equals(pair[0]) && word.get(i + 1).equals(pair[1])) {
                        word.set(i, pair[0] + pair[1]);
                        word.remove(i + 1);
                    }
                }
            }
        }
    }

    private static Map<String, Integer> once(List<String> words) {
        Map<String, Integer> times = new LinkedHashMap<>();
        words.forEach(word -> times.put(word, 1));
        return times;
    }

    private static List<String> words(Random random, int count) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StringBuilder word = new StringBuilder();
            for (int k = random.nextInt(9); k >= 0; k--) {
                word.append((char) ('a' + random.nextInt(5)));
            }
            words.add(word.toString());
        }
        return words;
    }
}
