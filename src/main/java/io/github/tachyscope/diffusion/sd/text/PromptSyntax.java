package io.github.tachyscope.diffusion.sd.text;

import io.github.tachyscope.diffusion.sd.text.ParsedPrompt.Blend;
import io.github.tachyscope.diffusion.sd.text.ParsedPrompt.Content;
import io.github.tachyscope.diffusion.sd.text.ParsedPrompt.Fragment;
import io.github.tachyscope.diffusion.sd.text.ParsedPrompt.Fragments;
import io.github.tachyscope.diffusion.sd.text.ParsedPrompt.Part;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The language of weighted prompts, as Compel has it.
 *
 * <pre>
 *   word+  word--  (some words)+  "some words"-  (some words)1.3     weights; 1.1 per plus, 0.9 per minus
 *   ("one", "two").blend(0.7, 0.3[, no_normalize])                   the weighted sum of several prompts
 *   ("one", "two").and([1, 0.5])                                     several prompts, one after the other
 *   \( \) \" \+ \- \, \.                                             no syntax
 * </pre>
 *
 * <p>Backslashes before brackets and quotes go away, those before other characters stay, as they do there.
 */
public final class PromptSyntax {
    /** Prompts in a blend or behind each other; each costs a run of the text encoder. */
    static final int MAX_PARTS = 16;

    /** Larger weights drown everything else; a run of plus signs could even overflow. */
    static final double MAX_WEIGHT = 1000;

    private static final Pattern CROWDED_COMMA = Pattern.compile(",(\\S)", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern OPERATOR = Pattern.compile("\\s*\\.(blend|and)\\s*\\(([^)]*)\\)\\s*");
    private static final Pattern NUMBER = Pattern.compile("-?(?:\\d+\\.?\\d*|\\.\\d+)");
    private static final Pattern ESCAPED = Pattern.compile("\\\\([()\"])");

    private PromptSyntax() {}

    /**
     * @throws PromptRejected if the prompt asks for something that cannot be done; text that merely looks odd is taken
     *     literally instead
     */
    public static ParsedPrompt parse(String prompt) {
        String looked = prompt.length() <= ClipTokenizer.MAX_CHARACTERS
                ? prompt
                : prompt.substring(0, ClipTokenizer.MAX_CHARACTERS);
        String spaced = CROWDED_COMMA.matcher(looked).replaceAll(", $1").strip();
        List<String> notices = balanced(spaced)
                ? List.of()
                : List.of("the prompt's brackets do not match (or are nested too deeply); those are taken as text");
        List<Part> parts =
                operator(spaced).orElseGet(() -> List.of(new Part(1, flat(new PromptReader(spaced).lenient()))));
        return new ParsedPrompt(parts, notices);
    }

    private static boolean balanced(String text) {
        int depth = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '(' || c == ')') {
                depth += c == '(' ? 1 : -1;
                if (depth < 0 || depth > PromptReader.MAX_DEPTH) {
                    return false;
                }
            }
        }
        return depth == 0;
    }

    /** The parts of a prompt that ends in .blend() or .and(); empty if this is none. */
    private static Optional<List<Part>> operator(String text) {
        List<String> prompts = new ArrayList<>();
        int after = prompts(text, prompts);
        Matcher operator = OPERATOR.matcher(text);
        if (after < 0 || !operator.region(after, text.length()).lookingAt()) {
            return Optional.empty();
        }
        String name = operator.group(1);
        if (operator.end() < text.length()) {
            throw new PromptRejected("the prompt cannot be used: nothing may follow ." + name + "(...)");
        }
        if (prompts.size() > MAX_PARTS) {
            throw new PromptRejected("the prompt cannot be used: ." + name + "() takes at most " + MAX_PARTS
                    + " prompts, not " + prompts.size());
        }
        List<Fragments> contents = prompts.stream().map(PromptSyntax::part).toList();
        return Optional.of(
                name.equals("and")
                        ? conjunction(contents, operator.group(2))
                        : List.of(new Part(1, blend(contents, operator.group(2)))));
    }

    /** Reads {@code ("one", word, ...)}; gives the place behind it, or -1. */
    private static int prompts(String text, List<String> prompts) {
        PromptReader reader = new PromptReader(text);
        int at = text.startsWith("(") ? 1 : text.length();
        while (at < text.length()) {
            at = skipSpace(text, at);
            int end = at < text.length() && text.charAt(at) == '"' ? reader.quoteEnd(at) + 1 : reader.wordEnd(at);
            if (end <= at) {
                return -1;
            }
            prompts.add(text.substring(at, end));
            at = skipSpace(text, end);
            if (at >= text.length() || (text.charAt(at) != ',' && text.charAt(at) != ')')) {
                return -1;
            }
            at++;
            if (text.charAt(at - 1) == ')') {
                return at;
            }
        }
        return -1;
    }

    private static int skipSpace(String text, int at) {
        int next = at;
        while (next < text.length() && Character.isWhitespace(text.charAt(next))) {
            next++;
        }
        return next;
    }

    /** One prompt of a blend, with its quotes; inside them, everything is a prompt. */
    private static Fragments part(String quoted) {
        String text = quoted.startsWith("\"") ? quoted.substring(1, quoted.length() - 1) : quoted;
        return flat(new PromptReader(text).strict().orElseGet(() -> new PromptReader(text).lenient()));
    }

    private static List<Part> conjunction(List<Fragments> contents, String options) {
        List<Double> weights = weights("and", contents.size(), options.strip());
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < contents.size(); i++) {
            parts.add(new Part(weights.get(i), contents.get(i)));
        }
        return parts;
    }

    private static Content blend(List<Fragments> contents, String options) {
        String numbers = options.strip();
        boolean normalised = !numbers.endsWith("no_normalize");
        if (!normalised) {
            numbers = numbers.substring(0, numbers.length() - "no_normalize".length())
                    .strip();
            numbers = numbers.endsWith(",") ? numbers.substring(0, numbers.length() - 1) : numbers;
        }
        List<Double> weights = weights("blend", contents.size(), numbers);
        double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
        if (normalised && Math.abs(sum) < 1e-6) {
            throw new PromptRejected("the prompt cannot be used: the weights of .blend() must not sum to 0");
        }
        return new Blend(contents, weights, normalised);
    }

    private static List<Double> weights(String operator, int count, String numbers) {
        List<Double> weights = new ArrayList<>();
        for (String number : numbers.isEmpty() ? new String[0] : numbers.split(",", -1)) {
            if (!NUMBER.matcher(number.strip()).matches()) {
                throw new PromptRejected("the prompt cannot be used: ." + operator
                        + "() takes numbers with commas between, not \"" + brief(number.strip()) + "\"");
            }
            weights.add(checked(Double.parseDouble(number.strip())));
        }
        if (numbers.isEmpty()) {
            weights.addAll(Collections.nCopies(count, 1.0));
        }
        if (weights.size() != count) {
            throw new PromptRejected("the prompt cannot be used: ." + operator + "() has " + weights.size()
                    + " weights for " + count + " prompts");
        }
        return weights;
    }

    private static double checked(double weight) {
        if (!(Math.abs(weight) <= MAX_WEIGHT)) {
            throw new PromptRejected("the prompt cannot be used: a weight is larger than " + (int) MAX_WEIGHT);
        }
        return weight;
    }

    private static String brief(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "...";
    }

    /** Multiplies nested weights, then joins neighbours of equal weight. */
    private static Fragments flat(List<PromptReader.Node> nodes) {
        List<Fragment> leaves = leaves(nodes, 1);
        List<Fragment> joined = new ArrayList<>();
        for (int i = 0; i < leaves.size(); ) {
            double weight = checked(leaves.get(i).weight());
            StringJoiner text = new StringJoiner(" ");
            for (; i < leaves.size() && leaves.get(i).weight() == weight; i++) {
                text.add(leaves.get(i).text());
            }
            joined.add(new Fragment(ESCAPED.matcher(text.toString()).replaceAll("$1"), weight));
        }
        return joined.isEmpty() ? Fragments.plain("") : new Fragments(joined);
    }

    private static List<Fragment> leaves(List<PromptReader.Node> nodes, double scale) {
        List<Fragment> leaves = new ArrayList<>();
        for (PromptReader.Node node : nodes) {
            if (node instanceof PromptReader.Text text) {
                leaves.add(new Fragment(text.text(), scale));
            } else if (node instanceof PromptReader.Weighted weighted) {
                leaves.addAll(leaves(weighted.nodes(), scale * weighted.weight()));
            }
        }
        return leaves;
    }
}
