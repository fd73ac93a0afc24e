package io.github.tachyscope.diffusion.sd.text;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What a weighted prompt says: parts that are encoded one by one and put one after the other.
 *
 * @param parts at least one
 * @param notices what the author of the prompt should know, fit for the client
 */
public record ParsedPrompt(List<Part> parts, List<String> notices) {

    public ParsedPrompt {
        parts = List.copyOf(parts);
        notices = List.copyOf(notices);
    }

    /** @param weight 1 leaves the part as it is, 0 makes it an empty prompt */
    public record Part(double weight, Content content) {}

    /** What fills one part. */
    public sealed interface Content permits Fragments, Blend {
        /** The text without its syntax. */
        String text();
    }

    /** Words with the same weight. */
    public record Fragment(String text, double weight) {}

    /** A text in pieces of different weight, at least one. */
    public record Fragments(List<Fragment> fragments) implements Content {

        public Fragments {
            fragments = List.copyOf(fragments);
        }

        /** A text that means itself. */
        public static Fragments plain(String text) {
            return new Fragments(List.of(new Fragment(text, 1)));
        }

        @Override
        public String text() {
            return fragments.stream().map(Fragment::text).collect(Collectors.joining(" "));
        }
    }

    /**
     * The weighted sum of several texts.
     *
     * @param weights one for each text, may be negative
     * @param normalised whether the weights are divided by their sum, which then is not 0
     */
    public record Blend(List<Fragments> prompts, List<Double> weights, boolean normalised) implements Content {

        public Blend {
            prompts = List.copyOf(prompts);
            weights = List.copyOf(weights);
        }

        @Override
        public String text() {
            return prompts.stream().map(Fragments::text).collect(Collectors.joining(" "));
        }

        /** The weights that the sum is made with. */
        public double[] shares() {
            double sum = normalised
                    ? weights.stream().mapToDouble(Double::doubleValue).sum()
                    : 1;
            return weights.stream().mapToDouble(weight -> weight / sum).toArray();
        }
    }
}
