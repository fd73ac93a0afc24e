package io.github.tachyscope.diffusion.tiny.style;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Prompts as people might type them, for training the text encoder.
 *
 * <p>A caption is a template with a style, perhaps a colour and perhaps a content, wrapped in up to two words without
 * effect, now and then with a typing error. Everything is drawn from the given generator.
 */
public final class Captions {
    /** Above this noise level the picture is mostly invented, so that the nouns of the prompt matter. */
    private static final double INVENTED = 0.6;

    private static final double TRUE_WHEN_INVENTED = 0.85;
    private static final double TRUE_OTHERWISE = 0.35;
    private static final double WRONG_OTHERWISE = 0.25;
    private static final double TYPING_ERROR = 0.05;
    private static final double NONSENSE = 0.3;

    /** How often an unchanged picture goes with no words at all, or with its content alone. */
    private static final double PHOTO_UNNAMED = 0.45;

    private static final Set<String> MEANINGFUL = collected();

    private Captions() {}

    /** A prompt for a picture in this style and colour, which may name a content; empty only for an unchanged photo. */
    public static String caption(
            RandomGenerator random, Style style, ColourOperation colour, Optional<String> content) {
        boolean unnamed = style == Style.PHOTO && random.nextDouble() < PHOTO_UNNAMED;
        if (unnamed && colour == ColourOperation.NONE && content.isEmpty()) {
            return "";
        }
        String sentence = unnamed
                ? withoutStyle(random, colour, content)
                : Nonsense.pick(random, Sentences.TEMPLATES)
                        .form(colour != ColourOperation.NONE, content.isPresent())
                        .replace(Sentences.STYLE, Nonsense.pick(random, style.synonyms()));
        if (colour != ColourOperation.NONE) {
            sentence = sentence.replace(Sentences.COLOUR, Nonsense.pick(random, colour.names()));
        }
        sentence = surrounded(random, sentence.replace(Sentences.CONTENT, content.orElse("")));
        return random.nextDouble() < TYPING_ERROR ? mistyped(random, sentence) : sentence;
    }

    /** What a caption says about the content: the truth, something wrong, or nothing, depending on the noise level. */
    public static Optional<String> contentFor(RandomGenerator random, double sigma, String trueContent) {
        double draw = random.nextDouble();
        if (sigma > INVENTED) {
            return draw < TRUE_WHEN_INVENTED ? Optional.of(trueContent) : Optional.empty();
        }
        if (draw < TRUE_OTHERWISE) {
            return Optional.of(trueContent);
        }
        return draw < TRUE_OTHERWISE + WRONG_OTHERWISE
                ? Optional.of(Nonsense.pick(random, Sentences.WRONG_CONTENTS))
                : Optional.empty();
    }

    /** Sentences with the placeholder {@code {style}} for evaluation; no caption is built from them. */
    public static List<String> unseenSentences() {
        return Sentences.UNSEEN;
    }

    /**
     * Every word of the captions except true contents, nonsense and typing errors, lower-case and without punctuation
     * around it; words of styles and colours come first.
     */
    public static List<String> lexicon() {
        return List.copyOf(MEANINGFUL);
    }

    /** Different pronounceable words without meaning, the same ones for the same seed. */
    public static List<String> nonsense(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        Set<String> words = new LinkedHashSet<>();
        while (words.size() < count) {
            words.add(meaningless(random));
        }
        return List.copyOf(words);
    }

    private static String withoutStyle(RandomGenerator random, ColourOperation colour, Optional<String> content) {
        if (colour == ColourOperation.NONE) {
            return content.orElse("");
        }
        String form = Nonsense.pick(random, Sentences.COLOUR_ONLY);
        return content.isPresent() ? Sentences.CONTENT + ", " + form : form;
    }

    private static String surrounded(RandomGenerator random, String sentence) {
        String result = sentence;
        for (int extra = random.nextInt(3); extra > 0; extra--) {
            String word =
                    random.nextDouble() < NONSENSE ? meaningless(random) : Nonsense.pick(random, Sentences.FILLERS);
            String gap = random.nextInt(3) == 0 ? " " : ", ";
            result = random.nextInt(3) == 0 ? word + gap + result : result + gap + word;
        }
        return result;
    }

    /** One slip of the fingers: a letter missing, doubled, swapped with its neighbour, or replaced. */
    private static String mistyped(RandomGenerator random, String sentence) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i + 1 < sentence.length(); i++) {
            if (Character.isLetter(sentence.charAt(i)) && Character.isLetter(sentence.charAt(i + 1))) {
                places.add(i);
            }
        }
        if (places.isEmpty()) {
            return sentence;
        }
        int at = Nonsense.pick(random, places);
        char letter = sentence.charAt(at);
        char next = sentence.charAt(at + 1);
        String slip = switch (random.nextInt(4)) {
            case 0 -> "" + next;
            case 1 -> "" + letter + letter + next;
            case 2 -> "" + next + letter;
            default -> "" + (char) ('a' + random.nextInt(26)) + next;
        };
        return sentence.substring(0, at) + slip + sentence.substring(at + 2);
    }

    private static Set<String> collected() {
        Set<String> words = new LinkedHashSet<>();
        for (Style style : Style.values()) {
            style.synonyms().forEach(name -> addWords(words, name));
        }
        for (ColourOperation colour : ColourOperation.values()) {
            colour.names().forEach(name -> addWords(words, name));
        }
        Sentences.TEMPLATES.forEach(template -> template.forms().forEach(form -> addWords(words, form)));
        Sentences.COLOUR_ONLY.forEach(form -> addWords(words, form));
        Sentences.FILLERS.forEach(filler -> addWords(words, filler));
        Sentences.WRONG_CONTENTS.forEach(content -> addWords(words, content));
        return words;
    }

    private static String meaningless(RandomGenerator random) {
        String word = Nonsense.word(random);
        return MEANINGFUL.contains(word) ? meaningless(random) : word;
    }

    private static void addWords(Set<String> words, String phrase) {
        for (String word : phrase.split("[\\s,]+")) {
            if (!word.isEmpty() && !word.startsWith("{")) {
                words.add(word);
            }
        }
    }
}
