package io.github.tachyscope.api.comfy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A prompt with weights as graphs write them, in the words of our pipelines.
 *
 * <pre>
 *   (some words)       times 1.1          -->  (some words)1.1
 *   (some words:1.3)   times 1.3          -->  (some words)1.3
 *   (a (b:1.2):1.5)    one on another     -->  (a)1.5 (b)1.8
 *   \( \)              no weights         -->  \( \)
 * </pre>
 *
 * <p>A bracket that does not end is text.
 */
final class WeightedText {
    private static final double USUAL = 1.1;

    /** Weights that drown everything else. */
    private static final double MOST = 100;

    /** Brackets inside each other; deeper ones are text. */
    private static final int DEEPEST = 32;

    /** Longest text that is looked at, in characters; pipelines take no longer ones. Protects time. */
    private static final int LONGEST = 5000;

    private static final Pattern WEIGHT =
            Pattern.compile("(.*):\\s*([+-]?(?:\\d+\\.?\\d*|\\.\\d+))\\s*", Pattern.DOTALL);

    /** A part of the text with one weight. */
    private record Run(String text, double weight) {}

    private WeightedText() {}

    /** Whether a text has brackets that mean weights. */
    static boolean has(String text) {
        return text.length() <= LONGEST && runs(text).stream().anyMatch(run -> run.weight() != 1);
    }

    /** As pipelines write it, with their signs in the text escaped. */
    static String of(String text) {
        if (text.length() > LONGEST) {
            return text;
        }
        StringBuilder written = new StringBuilder();
        for (Run run : runs(text)) {
            // A digit behind a weight would be one of its own.
            boolean glued = !written.isEmpty()
                    && Character.isDigit(written.charAt(written.length() - 1))
                    && (Character.isDigit(run.text().charAt(0)) || run.text().charAt(0) == '.');
            String plain = run.text().strip();
            written.append(glued ? " " : "");
            if (run.weight() == 1 || plain.isEmpty()) {
                written.append(escaped(run.text()));
                continue;
            }
            int lead = run.text().indexOf(plain);
            written.append(run.text(), 0, lead)
                    .append('(')
                    .append(escaped(plain))
                    .append(')')
                    .append(number(run.weight()))
                    .append(run.text(), lead + plain.length(), run.text().length());
        }
        return written.toString();
    }

    private static String number(double weight) {
        return String.format(Locale.ROOT, "%.4f", weight).replaceAll("\\.?0+$", "");
    }

    private static String escaped(String text) {
        return text.replaceAll("[()\"]", "\\\\$0");
    }

    private static List<Run> runs(String text) {
        List<Run> runs = new ArrayList<>();
        read(text, 1, 0, runs);
        return runs;
    }

    /** Cuts into brackets of the first level and what is between them. */
    private static void read(String text, double weight, int depth, List<Run> runs) {
        StringBuilder plain = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            int end = c == '(' && depth < DEEPEST ? closing(text, at) : -1;
            if (c == '\\' && at + 1 < text.length() && "()".indexOf(text.charAt(at + 1)) >= 0) {
                plain.append(text.charAt(at + 1));
                at += 2;
            } else if (end > 0) {
                add(runs, plain, weight);
                bracket(text.substring(at + 1, end), weight, depth + 1, runs);
                at = end + 1;
            } else {
                plain.append(c);
                at++;
            }
        }
        add(runs, plain, weight);
    }

    private static void bracket(String inner, double weight, int depth, List<Run> runs) {
        Matcher explicit = WEIGHT.matcher(inner);
        boolean given = explicit.matches() && outermost(inner, explicit.end(1));
        double factor = given ? Double.parseDouble(explicit.group(2)) : USUAL;
        double product = Math.max(-MOST, Math.min(MOST, weight * factor));
        read(given ? explicit.group(1) : inner, product, depth, runs);
    }

    /** Whether that place is in no bracket. */
    private static boolean outermost(String text, int place) {
        int open = 0;
        for (int i = 0; i < place; i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '(') {
                open++;
            } else if (c == ')') {
                open--;
            }
        }
        return open <= 0;
    }

    /** Where the bracket ends that begins there; -1 if it does not. */
    private static int closing(String text, int from) {
        int open = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '(') {
                open++;
            } else if (c == ')' && --open == 0) {
                return i;
            }
        }
        return -1;
    }

    private static void add(List<Run> runs, StringBuilder plain, double weight) {
        if (!plain.isEmpty()) {
            runs.add(new Run(plain.toString(), weight));
            plain.setLength(0);
        }
    }
}
