package io.github.tachyscope.diffusion.sd.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClipTokenizerFuzzTest {
    private static final int TEXTS = 20_000;

    /** What a tokenizer could stumble over: its own tokens, marks, halves of characters, several kinds of space. */
    private static final List<String> PIECES = List.of(
            "<|startoftext|>",
            "<|endoftext|>",
            "<|end",
            "</w>",
            "!",
            "'s",
            "'",
            "a",
            "A\u030A",
            "\u0130",
            "\u03A3",
            "\u00A0",
            "\u2028",
            "\u0085",
            "\u001C",
            "\uD83C",
            "\uDFA8",
            "\u0301",
            "\uFFFF",
            "\u0000",
            "1",
            "\u216B",
            "\u200D",
            "\uD83C\uDFA8",
            " ",
            "photo",
            "\n");

    @Test
    void anyTextHasTheSameIdsOfTheVocabularyEveryTime() {
        ClipTokenizer tokenizer =
                ClipTokenizer.read(ClipTokenizerTest.tokenizers().findFirst().orElseThrow());
        ClipTokenizer fresh =
                ClipTokenizer.read(ClipTokenizerTest.tokenizers().findFirst().orElseThrow());
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> texts =
                IntStream.range(0, TEXTS).mapToObj(i -> text(random)).toList();
        List<long[]> all = texts.stream().map(tokenizer::ids).toList();
        // From another instance, in parallel, in another order of requests: neither cache nor threads may matter.
        IntStream.range(0, TEXTS).parallel().forEach(i -> {
            String text = texts.get(i);
            long[] ids = all.get(i);
            assertArrayEquals(ids, fresh.ids(text), () -> "seed " + seed + ": text " + i);
            for (long id : ids) {
                assertTrue(id >= 0 && id < tokenizer.size(), () -> "seed " + seed + ": text " + i);
            }
            long[] padded = tokenizer.encode(text, 77);
            assertEquals(77, padded.length);
            int same = Math.min(76, ids.length);
            assertEquals(
                    -1,
                    IntStream.range(0, same)
                            .filter(k -> padded[k] != ids[k])
                            .findFirst()
                            .orElse(-1));
        });
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        int parts = random.nextInt(30);
        for (int i = 0; i < parts; i++) {
            switch (random.nextInt(4)) {
                case 0 -> text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
                case 1 -> text.appendCodePoint(random.nextInt(0x3000));
                case 2 -> text.append(PIECES.get(random.nextInt(PIECES.size())));
                default -> text.append((char) (32 + random.nextInt(96)));
            }
        }
        return text.toString();
    }
}
