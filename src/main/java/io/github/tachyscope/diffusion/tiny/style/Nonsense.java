package io.github.tachyscope.diffusion.tiny.style;

import java.util.List;
import java.util.random.RandomGenerator;

/** Pronounceable words without meaning: a model that meets them in training learns to ignore what it does not know. */
final class Nonsense {
    static final List<String> ONSETS = List.of(
            "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "qu", "r", "s", "t", "v", "w", "x", "y", "z",
            "bl", "br", "ch", "cl", "cr", "dr", "fl", "fr", "gl", "gr", "ph", "pl", "pr", "sh", "sk", "sl", "sp", "st",
            "th", "tr");
    static final List<String> VOWELS = List.of("a", "e", "i", "o", "u", "y", "ai", "ea", "ee", "ie", "oo", "ou", "au");
    static final List<String> CODAS = List.of(
            "", "", "", "", "", "", "", "", "", "", "b", "ck", "d", "f", "g", "l", "m", "n", "nd", "ng", "nt", "p", "r",
            "rd", "s", "sh", "st", "t", "x");

    private Nonsense() {}

    static String word(RandomGenerator random) {
        StringBuilder word = new StringBuilder();
        for (int syllable = random.nextInt(4) == 0 ? 3 : 2; syllable > 0; syllable--) {
            word.append(pick(random, ONSETS)).append(pick(random, VOWELS)).append(pick(random, CODAS));
        }
        return word.toString();
    }

    static <T> T pick(RandomGenerator random, List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
