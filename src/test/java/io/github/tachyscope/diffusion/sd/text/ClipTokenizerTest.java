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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assertions;
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
        JsonNode all = Fixtures.json(folder.resolve("cases.json"));
        assertEquals(all.path("eos_token_id").asLong(), tokenizer.end());
        JsonNode cases = all.path("cases");
        assertTrue(!cases.isEmpty());
        for (int pass = 0; pass < 2; pass++) { // the second time from the cache
            for (JsonNode one : cases) {
                String text = one.path("text").asText();
                assertArrayEquals(ids(one.path("ids")), tokenizer.ids(text), text);
                assertArrayEquals(ids(one.path("ids_padded77_eos")), tokenizer.encode(text, 77), text);
                assertArrayEquals(ids(one.path("ids_padded77_bang")), padded.encode(text, 77), text);
            }
        }
    }

    private static long[] ids(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false)
                .mapToLong(JsonNode::asLong)
                .toArray();
    }

    @Test
    void aTextThatIsTooLongKeepsItsStartAndItsEnd() {
        ClipTokenizer tokenizer = real();
        long[] all = tokenizer.ids("a red cat on a blue mat");
        assertArrayEquals(
                new long[] {all[0], all[1], all[2], tokenizer.end()}, tokenizer.encode("a red cat on a blue mat", 4));
        assertArrayEquals(new long[] {all[0], tokenizer.end()}, tokenizer.encode("a red cat", 2));
        assertThrows(IllegalArgumentException.class, () -> tokenizer.encode("a", 1));
    }

    @Test
    void aFragmentIsTheTextWithoutItsFrame() {
        ClipTokenizer tokenizer = real();
        long[] fragment = tokenizer.fragment("a red cat");
        assertEquals(3, fragment.length);
        assertArrayEquals(tokenizer.ids("a red cat"), tokenizer.framed(fragment, 5));
    }

    @Test
    void thePaddingSymbolIsFoundWhereverAFolderNamesIt(@TempDir Path folder) throws Exception {
        ClipTokenizer plain = small("a</w>");
        plain.write(folder);
        assertEquals(0, ClipTokenizer.read(folder).encode("", 3)[2]);
        Files.writeString(folder.resolve("special_tokens_map.json"), "{}");
        assertEquals(0, ClipTokenizer.read(folder).encode("", 3)[2], "tokenizer_config.json");
        Files.writeString(folder.resolve("special_tokens_map.json"), "{\"pad_token\": \"<|startoftext|>\"}");
        assertEquals(1, ClipTokenizer.read(folder).encode("", 3)[2], "special_tokens_map.json comes first");
        Files.delete(folder.resolve("special_tokens_map.json"));
        Files.delete(folder.resolve("tokenizer_config.json"));
        assertEquals(2, ClipTokenizer.read(folder).encode("", 3)[2], "neither");
    }

    @Test
    void whatTheVocabularyLacksIsAnEnd() {
        assertArrayEquals(new long[] {1, 0, 2, 2, 2}, small(ClipTokenizer.END).ids("a bc"));
    }

    @Test
    void anEndlessWordIsCutAndCostsLittle() {
        ClipTokenizer tokenizer = real();
        for (String unit : List.of("x", "ab", "\u6771", "!", "a\u0301")) {
            Assertions.assertTimeout(Duration.ofSeconds(20), () -> {
                long[] ids = tokenizer.ids(unit.repeat(2_000_000));
                assertTrue(ids.length <= 4 * ClipTokenizer.MAX_CHARACTERS + 2, unit + ": " + ids.length);
            });
        }
    }

    @Test
    void damagedFilesAreRefusedByName(@TempDir Path folder) throws Exception {
        small("a</w>").write(folder);
        ClipTokenizer.read(folder);
        refused(folder, "vocab.json", "{\"a\": ");
        refused(folder, "vocab.json", "[]");
        refused(folder, "vocab.json", "");
        String specials = "\"<|startoftext|>\": 1, \"<|endoftext|>\": 2";
        refused(folder, "vocab.json", "{\"a</w>\": -1, " + specials + "}");
        refused(folder, "vocab.json", "{\"a</w>\": 2, " + specials + "}");
        refused(folder, "vocab.json", "{\"a</w>\": 7, " + specials + "}");
        refused(folder, "vocab.json", "{\"a</w>\": 0.5, " + specials + "}");
        refused(folder, "vocab.json", "{\"a</w>\": \"0\", " + specials + "}");
        refused(folder, "vocab.json", "{\"a</w>\": 0, \"a</w>\": 0, " + specials + "}");
        refused(folder, "vocab.json", "{\"a</w>\": 0, \"b\": 1, \"<|endoftext|>\": 2}");
        for (String merges : List.of("a b c", "ab", " a", "a ", "a  b", "\u0436 a</w>", "xyz a</w>", "b a</w>")) {
            refused(folder, "merges.txt", "#version: 0.2\n" + merges + "\n");
        }
        refused(folder, "special_tokens_map.json", "{");
        refused(folder, "special_tokens_map.json", "{\"pad_token\": \"nowhere\"}");
        Files.write(folder.resolve("merges.txt"), new byte[] {(byte) 0xFF, (byte) 0xFE, 'a'});
        assertThrows(WeightsRejected.class, () -> ClipTokenizer.read(folder));
        Files.delete(folder.resolve("merges.txt"));
        assertThrows(WeightsRejected.class, () -> ClipTokenizer.read(folder));
    }

    @Test
    void aMergeIsThereOnce() {
        ClipTokenizer learned = BytePairLearner.learn(Map.of("aa", 1), 1);
        assertEquals(3, learned.ids("aa").length);
        Map<String, Integer> vocabulary =
                Map.of("a", 0, "a</w>", 1, "aa</w>", 2, ClipTokenizer.START, 3, ClipTokenizer.END, 4);
        ClipTokenizer.of(vocabulary, List.of("a a</w>"), ClipTokenizer.END);
        assertThrows(
                WeightsRejected.class,
                () -> ClipTokenizer.of(vocabulary, List.of("a a</w>", "a a</w>"), ClipTokenizer.END));
    }

    private static void refused(Path folder, String name, String content) throws Exception {
        byte[] good = Files.readAllBytes(folder.resolve(name));
        Files.writeString(folder.resolve(name), content);
        String message = assertThrows(WeightsRejected.class, () -> ClipTokenizer.read(folder), content)
                .getMessage();
        assertTrue(message.contains(name) || message.contains("vocab.json"), message);
        Files.write(folder.resolve(name), good);
    }

    private static ClipTokenizer small(String pad) {
        return ClipTokenizer.of(Map.of("a</w>", 0, ClipTokenizer.START, 1, ClipTokenizer.END, 2), List.of(), pad);
    }

    private static ClipTokenizer real() {
        return ClipTokenizer.read(tokenizers().findFirst().orElseThrow());
    }
}
