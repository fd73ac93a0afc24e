package io.github.tachyscope.diffusion.tiny.style;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CaptionsTest {
    private static final int MANY = 20_000;
    private static final Pattern NONSENSE = Pattern.compile("((" + String.join("|", Nonsense.ONSETS) + ")("
            + String.join("|", Nonsense.VOWELS) + ")(" + String.join("|", Nonsense.CODAS) + ")){2,3}");

    @Test
    void sameSeedWritesTheSameCaptions() {
        assertEquals(captions(1, 200), captions(1, 200));
        assertNotEquals(captions(1, 200), captions(2, 200));
    }

    @Test
    void namesStyleColourAndContentApartFromTypingErrors() {
        SplittableRandom random = new SplittableRandom(3);
        int complete = 0;
        for (int i = 0; i < MANY; i++) {
            Style style = Style.values()[1 + i % 24];
            ColourOperation colour = ColourOperation.values()[i / 24 % 16];
            Optional<String> content = i % 2 == 0 ? Optional.of("a girl with a hat") : Optional.empty();
            String caption = Captions.caption(random, style, colour, content);
            assertFalse(caption.contains("{") || caption.contains("}"), caption);
            boolean named = style.synonyms().stream().anyMatch(caption::contains);
            boolean coloured =
                    colour == ColourOperation.NONE || colour.names().stream().anyMatch(caption::contains);
            complete += named && coloured && content.map(caption::contains).orElse(true) ? 1 : 0;
        }
        double share = (double) complete / MANY;
        assertTrue(share > 0.945 && share < 0.99, "complete: " + share);
    }

    @Test
    void lexiconCoversAllButNonsenseTypingErrorsAndContents() {
        Set<String> lexicon = new HashSet<>(Captions.lexicon());
        int unknown = 0;
        for (String caption : captions(4, MANY)) {
            unknown += words(caption)
                            .anyMatch(word -> !lexicon.contains(word)
                                    && !NONSENSE.matcher(word).matches())
                    ? 1
                    : 0;
        }
        assertTrue(unknown > 0 && unknown < 0.05 * MANY, "captions with unknown words: " + unknown);
        assertTrue(Captions.lexicon().stream()
                .allMatch(word -> word.equals(word.toLowerCase(Locale.ROOT))
                        && !word.isBlank()
                        && word.chars().noneMatch(c -> c == ',' || c == '{' || Character.isWhitespace(c))));
    }

    @Test
    void onlyAnUnchangedPhotoMayHaveNoWords() {
        SplittableRandom random = new SplittableRandom(5);
        int empty = 0;
        for (int i = 0; i < 1000; i++) {
            empty += Captions.caption(random, Style.PHOTO, ColourOperation.NONE, Optional.empty())
                            .isEmpty()
                    ? 1
                    : 0;
            assertFalse(Captions.caption(random, Style.PHOTO, ColourOperation.RED, Optional.empty())
                    .isEmpty());
            assertFalse(Captions.caption(random, Style.OIL, ColourOperation.NONE, Optional.empty())
                    .isEmpty());
        }
        assertTrue(empty > 300 && empty < 600, "empty: " + empty);
    }

    @Test
    void contentIsMostlyTrueWhenThePictureIsInvented() {
        double[] high = shares(0.7);
        assertEquals(0.85, high[0], 0.02);
        assertEquals(0, high[1]);
        double[] low = shares(0.3);
        assertEquals(0.35, low[0], 0.02);
        assertEquals(0.25, low[1], 0.02);
    }

    @Test
    void unseenSentencesAreNotTemplates() {
        assertEquals(5, Captions.unseenSentences().size());
        for (String unseen : Captions.unseenSentences()) {
            assertTrue(unseen.contains(Sentences.STYLE), unseen);
            for (String form : Stream.concat(
                            Sentences.TEMPLATES.stream().flatMap(t -> t.forms().stream()),
                            Sentences.COLOUR_ONLY.stream())
                    .toList()) {
                assertNotEquals(form, unseen);
                assertTrue(form.equals(Sentences.STYLE) || !unseen.startsWith(form.replace("{content}", "")), unseen);
            }
            String tail = unseen.replace("a {style} of", "").replace(Sentences.STYLE, "");
            captions(6, 2000).forEach(caption -> assertFalse(caption.contains(tail.strip()), caption));
        }
    }

    @Test
    void nonsenseIsReproducibleDifferentAndNotInTheLexicon() {
        List<String> words = Captions.nonsense(7, 1500);
        assertEquals(words, Captions.nonsense(7, 1500));
        assertEquals(1500, new HashSet<>(words).size());
        Set<String> meaningful = new HashSet<>(words);
        meaningful.retainAll(Captions.lexicon());
        assertTrue(meaningful.isEmpty(), meaningful::toString);
    }

    private static List<String> captions(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        return Stream.generate(() -> {
                    Style style = Style.values()[random.nextInt(25)];
                    ColourOperation colour = ColourOperation.values()[random.nextInt(16)];
                    return Captions.caption(random, style, colour, Captions.contentFor(random, 0.3, "a dragon"));
                })
                .limit(count)
                .toList();
    }

    private static double[] shares(double sigma) {
        SplittableRandom random = new SplittableRandom(8);
        double[] shares = new double[2];
        for (int i = 0; i < MANY; i++) {
            Optional<String> content = Captions.contentFor(random, sigma, "the truth");
            if (content.isPresent()) {
                shares[content.get().equals("the truth") ? 0 : 1] += 1.0 / MANY;
            }
        }
        return shares;
    }

    private static Stream<String> words(String caption) {
        return Stream.of(caption.split("[\\s,]+")).filter(word -> !word.isEmpty());
    }
}
