package io.github.tachyscope.api.comfy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightedTextTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a (red) fox | a (red)1.1 fox",
                "a (red:1.3) fox, (well lit:0.8) | a (red)1.3 fox, (well lit)0.8",
                "((red)) | (red)1.21",
                "(a (b:1.2):1.5) | (a)1.5 (b)1.8",
                "(a: very old:1.4) tree | (a: very old)1.4 tree",
                "(a:b) tree | (a:b)1.1 tree",
                "fox \\(animal\\) (big:2) | fox \\(animal\\) (big)2",
                "(open and (red:1.2) | \\(open and (red)1.2",
                "x( spaced :1.5)x | x (spaced)1.5 x",
                "(red:1.2)3 (blue)fox | (red)1.2 3 (blue)1.1fox"
            })
    void weightsOfGraphsAreWrittenAsPipelinesReadThem(String graph, String written) {
        assertTrue(WeightedText.has(graph), graph);
        assertEquals(written, WeightedText.of(graph));
    }

    @ParameterizedTest
    @CsvSource({"a red fox", "fox \\(animal\\)", "open ( bracket", "c++ and (", ")) :1.3"})
    void whatHasNoWeightsIsLeftAlone(String text) {
        assertFalse(WeightedText.has(text), text);
    }

    @Test
    void anyTextIsReadQuickly() {
        long seed = 7;
        Random random = new Random(seed);
        String signs = "(()):. 1a\\\"";
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            for (int i = 0; i < 2_000; i++) {
                StringBuilder text = new StringBuilder();
                for (int length = random.nextInt(60); length > 0; length--) {
                    text.append(signs.charAt(random.nextInt(signs.length())));
                }
                WeightedText.has(text.toString());
                WeightedText.of(text.toString());
            }
            WeightedText.of("(".repeat(5_000));
            WeightedText.of("(".repeat(2_500) + ")".repeat(2_500));
            assertFalse(WeightedText.has("(a)".repeat(1 << 20)));
        });
    }
}
