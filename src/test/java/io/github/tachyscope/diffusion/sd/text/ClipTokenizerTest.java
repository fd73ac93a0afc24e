package io.github.tachyscope.diffusion.sd.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.tensor.WeightsRejected;
import io.github.tachyscope.testkit.Fixtures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ClipTokenizerTest {
    static Stream<Path> tokenizers() {
        return Fixtures.folders(folder -> Files.exists(folder.resolve("merges.txt"))).stream();
    }

    @ParameterizedTest
    @MethodSource("tokenizers")
    void idsAreThoseOfTheReference(Path folder, @TempDir Path other) throws Exception {
        ClipTokenizer tokenizer = ClipTokenizer.read(folder);
        Files.copy(folder.resolve("vocab.json"), other.resolve("vocab.json"));
        Files.copy(folder.resolve("merges.txt"), other.resolve("merges.txt"));
        Files.writeString(other.resolve("special_tokens_map.json"), "{\"pad_token\": {\"content\": \"!\"}}");
        ClipTokenizer padded = ClipTokenizer.read(other);
        JsonNode cases = Fixtures.json(folder.resolve("cases.json")).path("cases");
        assertTrue(cases.size() >= 20);
        for (JsonNode one : cases) {
            String text = one.path("text").asText();
            assertArrayEquals(ids(one.path("ids")), tokenizer.ids(text), text);
            assertArrayEquals(ids(one.path("ids_padded77_eos")), tokenizer.encode(text, 77), text);
            assertArrayEquals(ids(one.path("ids_padded77_bang")), padded.encode(text, 77), text);
        }
    }

    private static long[] ids(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false)
                .mapToLong(JsonNode::asLong)
                .toArray();
    }

    @Test
    void anyTextHasIdsOfTheVocabulary() {
        ClipTokenizer tokenizer =
                ClipTokenizer.read(tokenizers().reduce((first, last) -> last).orElseThrow());
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            String text = text(random);
            long[] ids = tokenizer.ids(text);
            for (long id : ids) {
                assertTrue(id >= 0 && id < tokenizer.size(), "seed " + seed + ": " + text);
            }
            assertArrayEquals(ids, tokenizer.ids(text), "seed " + seed);
            assertEquals(77, tokenizer.encode(text, 77).length);
        }
    }

    private static String text(Random random) {
        int length = random.nextInt(40);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            int kind = random.nextInt(4);
            text.appendCodePoint(
                    kind == 0
                            ? random.nextInt(Character.MAX_CODE_POINT + 1)
                            : kind == 1 ? random.nextInt(0x3000) : 32 + random.nextInt(96));
        }
        return text.toString();
    }

    @Test
    void anEndlessWordCostsNoMoreThanALongOne() {
        ClipTokenizer tokenizer =
                ClipTokenizer.read(tokenizers().reduce((first, last) -> last).orElseThrow());
        assertTrue(tokenizer.ids("x".repeat(5_000_000)).length < ClipTokenizer.MAX_CHARACTERS);
    }

    @Test
    void learnedMergesMakeWordsSingleTokensAndSurviveTheirFiles(@TempDir Path folder) throws Exception {
        List<String> words = List.of("watercolor", "neon", "oil", "pencil", "painting", "paint", "paper", "noise");
        ClipTokenizer learned = BytePairLearner.learn(words, 200);
        for (String word : words) {
            assertEquals(3, learned.ids(word).length, word);
        }
        assertTrue(learned.ids("zebra").length > 4);
        learned.write(folder);
        ClipTokenizer read = ClipTokenizer.read(folder);
        for (String text : List.of("Neon PAINTING of a zebra", "", "pencil, oil!")) {
            assertArrayEquals(learned.encode(text, 24), read.encode(text, 24));
        }
    }

    @Test
    void damagedFilesAreRefusedByName(@TempDir Path folder) throws Exception {
        ClipTokenizer.of(java.util.Map.of("a</w>", 0, ClipTokenizer.START, 1, ClipTokenizer.END, 2), List.of(), "a</w>")
                .write(folder);
        ClipTokenizer.read(folder);
        refused(folder, "vocab.json", "{\"a\": ");
        refused(folder, "vocab.json", "{\"a\": -1}");
        refused(folder, "vocab.json", "[]");
        refused(folder, "merges.txt", "a b c");
        refused(folder, "special_tokens_map.json", "{");
        Files.delete(folder.resolve("merges.txt"));
        assertThrows(WeightsRejected.class, () -> ClipTokenizer.read(folder));
    }

    private static void refused(Path folder, String name, String content) throws Exception {
        byte[] good = Files.readAllBytes(folder.resolve(name));
        Files.writeString(folder.resolve(name), content);
        String message = assertThrows(WeightsRejected.class, () -> ClipTokenizer.read(folder), content)
                .getMessage();
        assertTrue(message.contains(name), message);
        Files.write(folder.resolve(name), good);
    }
}
