package io.github.tachyscope.diffusion.sd.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.sd.text.ParsedPrompt.Blend;
import io.github.tachyscope.diffusion.sd.text.ParsedPrompt.Fragments;
import io.github.tachyscope.diffusion.sd.text.ParsedPrompt.Part;
import io.github.tachyscope.testkit.Fixtures;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromptSyntaxTest {
    @Test
    void parsesAreThoseOfTheReference() {
        JsonNode cases = Fixtures.json(Fixtures.folder("prompt_weighting").resolve("cases.json"));
        assertTrue(!cases.isEmpty());
        for (JsonNode one : cases) {
            ParsedPrompt parsed = PromptSyntax.parse(one.path("prompt").asText());
            assertEquals(one.path("parsed"), tree(parsed), one.path("prompt").asText());
            assertTrue(parsed.notices().isEmpty());
        }
    }

    /** Text and weight of each fragment, with bars between. */
    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            a+b                    ~ a+b 1
            a++b                   ~ a 1.2100000000000002|b 1
            a--b c                 ~ a 0.81|b c 1
            word.+                 ~ word.+ 1
            word+.                 ~ word 1.1|. 1
            -a-                    ~ -a 0.9
            ++                     ~ ++ 1
            (a)1.3.4               ~ a 1.3|.4 1
            (a).5                  ~ a 0.5
            (a)1e3                 ~ a e3 1
            (a) 1.3                ~ a 1.3 1
            (a)-0.5                ~ a 0.9|0.5 1
            a(b)+c                 ~ a(b)+c 1
            (a(b)+c)-              ~ a 0.9|b 0.9900000000000001|c 0.9
            (a, b:1.5)             ~ a , b:1 . 5 1
            (a++b)1.2              ~ a 1.4520000000000002|b 1.2
            "a (b)+ c"             ~ a 1|b 1.1|c 1
            "a "b" c"              ~ a b" c" 1
            ("a b"+ c)1.5          ~ a b 1.6500000000000001|c 1.5
            (=)+ b+                ~ (=)+ 1|b 1.1
            a\\(b\\)+              ~ a(b) 1.1
            (a \\) b)+             ~ a ) b 1.1
            c\\+ d                 ~ c\\+ d 1
            a,b                    ~ a, b 1
            a,,b                   ~ a, ,b 1
            (a b c ()) d           ~ a b c d 1
            a"b"+                  ~ a"b"+ 1
            x ("a", "b").blend(1)  ~ x a , b .blend(1) 1
            ("a" "b").blend(1)     ~ a b .blend(1) 1
            """)
    void oddTextsMeanWhatTheyMeanElsewhere(String prompt, String expected) {
        assertEquals(expected, flat(PromptSyntax.parse(prompt)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(a b+ c", "a b+ c)", "a) b (c", "((a)", "(a))+"})
    void unbalancedBracketsAreTextAndTheAuthorIsTold(String prompt) {
        ParsedPrompt parsed = PromptSyntax.parse(prompt);
        assertEquals(1, parsed.notices().size());
        long brackets = prompt.chars().filter(c -> c == '(' || c == ')').count();
        long left = flat(parsed).chars().filter(c -> c == '(' || c == ')').count();
        assertTrue(left > 0 && left <= brackets, flat(parsed));
    }

    @Test
    void emptyPromptsHaveOneEmptyFragment() {
        for (String empty : List.of("", " ", "()", "\"\"", "\n", "(())+")) {
            assertEquals(" 1", flat(PromptSyntax.parse(empty)).replace(" 1.1", " 1"), empty);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a cat.swap(dog)",
                "(a cat).swap(\"dog\", s_start=0.1)",
                "a withLora(foo, 0.5)",
                "a .withLora(foo)",
                "useLora(foo)",
                "(\"a\", \"b\").blend(1)",
                "(\"a\", \"b\").blend(1, x)",
                "(\"a\", \"b\").blend(1, -1)",
                "(\"a\", \"b\").blend(1, 2) and more",
                "(\"a\", \"b\").and(1, 2, 3)",
                "(\"a\", \"b\").and(1, no_normalize)",
                "(\"a\", \"b\").blend(1, 99999)",
                "(a)100000",
                "((((a)100)100)100)"
            })
    void whatCannotBeDoneIsRefused(String prompt) {
        String message = assertThrows(PromptRejected.class, () -> PromptSyntax.parse(prompt))
                .getMessage();
        assertTrue(message.startsWith("the prompt cannot be used: "), message);
    }

    @Test
    void nobodyCanAskForTooManyPartsOrTooMuchWeight() {
        String many = "(" + "\"a\", ".repeat(PromptSyntax.MAX_PARTS) + "\"a\").and()";
        assertThrows(PromptRejected.class, () -> PromptSyntax.parse(many));
        assertThrows(PromptRejected.class, () -> PromptSyntax.parse("a" + "+".repeat(5000)));
        assertThrows(PromptRejected.class, () -> PromptSyntax.parse("(a)" + "9".repeat(5000)));
        assertEquals(0, weight(PromptSyntax.parse("a" + "-".repeat(9000))));
    }

    private static double weight(ParsedPrompt parsed) {
        return ((Fragments) parsed.parts().get(0).content()).fragments().get(0).weight();
    }

    @Test
    void deepAndUnendingBracketsAreReadQuickly() {
        for (String unit :
                List.of("(", ")", "((a)", "(a b ", "\"", "\"(", "(\"", "( ", "\\", "+", "a+", "(a)+", "\"a\" ")) {
            assertTimeout(Duration.ofSeconds(20), () -> PromptSyntax.parse(unit.repeat(10_000)), unit);
        }
        int most = PromptReader.MAX_DEPTH;
        assertEquals("a 1", flat(PromptSyntax.parse("(".repeat(most) + "a" + ")".repeat(most))));
        ParsedPrompt deeper = PromptSyntax.parse("(".repeat(most + 1) + "a" + ")".repeat(most + 1));
        assertEquals(1, deeper.notices().size());
    }

    @Test
    void anyTextIsParsedOrRefusedQuicklyAndTheSameWayAgain() {
        List<String> pieces = List.of(
                "(",
                ")",
                "\"",
                "+",
                "-",
                "++",
                ",",
                ".",
                "\\",
                "1.3",
                "0.5",
                " ",
                "cat",
                "(dog)",
                "\"a b\"",
                ".blend(1, 2)",
                ".and()",
                "(\"",
                "\", \"",
                "\")",
                ".swap(",
                "withLora(",
                "=",
                "\n",
                "no_normalize",
                "\uD83C",
                "\u0130");
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder prompt = new StringBuilder();
            for (int k = random.nextInt(25); k >= 0; k--) {
                prompt.append(
                        random.nextInt(5) > 0
                                ? pieces.get(random.nextInt(pieces.size()))
                                : Character.toString(random.nextInt(Character.MAX_CODE_POINT + 1)));
            }
            String text = prompt.toString();
            try {
                ParsedPrompt parsed = PromptSyntax.parse(text);
                assertEquals(parsed, PromptSyntax.parse(text), () -> "seed " + seed);
                assertTrue(!parsed.parts().isEmpty(), () -> "seed " + seed);
            } catch (PromptRejected refused) {
                assertTrue(refused.getMessage().length() < 200, () -> "seed " + seed);
            } catch (RuntimeException escaped) {
                throw new AssertionError("seed " + seed + ": " + text, escaped);
            }
        }
    }

    private static String flat(ParsedPrompt parsed) {
        return ((Fragments) parsed.parts().get(0).content())
                .fragments().stream()
                        .map(fragment -> fragment.text() + " "
                                + (fragment.weight() == 1 ? "1" : String.valueOf(fragment.weight())))
                        .collect(Collectors.joining("|"));
    }

    private static JsonNode tree(ParsedPrompt parsed) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        ArrayNode weights = tree.putArray("weights");
        ArrayNode parts = tree.putArray("parts");
        for (Part part : parsed.parts()) {
            weights.add(part.weight());
            ObjectNode node = parts.addObject();
            if (part.content() instanceof Blend blend) {
                node.put("type", "blend").put("normalize", blend.normalised());
                ArrayNode shares = node.putArray("weights");
                blend.weights().forEach(shares::add);
                ArrayNode prompts = node.putArray("prompts");
                blend.prompts().forEach(prompt -> prompts.add(fragments(prompt)));
            } else if (part.content() instanceof Fragments text) {
                node.put("type", "prompt").set("fragments", fragments(text));
            }
        }
        return tree;
    }

    private static ArrayNode fragments(Fragments text) {
        ArrayNode fragments = JsonNodeFactory.instance.arrayNode();
        text.fragments()
                .forEach(fragment -> fragments.addArray().add(fragment.text()).add(fragment.weight()));
        return fragments;
    }
}
