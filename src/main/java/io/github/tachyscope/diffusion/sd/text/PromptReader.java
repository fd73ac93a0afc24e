package io.github.tachyscope.diffusion.sd.text;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a text with weights, from left to right and without going back over what has been understood.
 *
 * <pre>
 *   text    := (item | any run without space)*          every text is one
 *   strict  := (item | word | "," | ".")*               inside brackets and quotes
 *   item    := word signs | bracket [number | signs] | quote [number | signs]
 *   bracket := "(" strict ")"        quote := '"' strict '"'        signs := "+"+ | "-"+
 *   word    := (escape | sign that a letter follows | anything but space and ( ) " , . + - =)+
 * </pre>
 *
 * <p>A bracket or quote that does not end, or holds something else, is an ordinary character.
 */
final class PromptReader {
    /** Brackets in brackets; deeper ones are ordinary characters. Protects the stack. */
    static final int MAX_DEPTH = 32;

    private static final BigDecimal PLUS = new BigDecimal(1.1);
    private static final BigDecimal MINUS = new BigDecimal(0.9);
    private static final String SPACE = " \t\n\r\u000B\f";
    private static final String SYNTAX = "()\",.+-=";

    private static final String OPERATOR_STARTS = SPACE + ".wu";

    private static final Pattern NUMBER = Pattern.compile("\\d+\\.?\\d*|\\.\\d+");
    private static final Pattern SWAP = Pattern.compile("\\s*\\.\\s*swap\\s*\\(");
    private static final Pattern LORA = Pattern.compile("\\.?(?:with|use)Lora\\s*\\(");

    private final String text;
    private final int depth;
    private final int lastClosing;
    private int at;

    /** A tree of weights: text, or several nodes that a weight applies to. */
    sealed interface Node {}

    record Text(String text) implements Node {}

    record Weighted(double weight, List<Node> nodes) implements Node {}

    PromptReader(String text) {
        this(text, 0);
    }

    private PromptReader(String text, int depth) {
        this.text = text;
        this.depth = depth;
        lastClosing = text.lastIndexOf(')');
    }

    /** The whole text; what is no syntax is taken literally. */
    List<Node> lenient() {
        List<Node> nodes = new ArrayList<>();
        for (skipSpace(); at < text.length(); skipSpace()) {
            int start = at;
            Optional<Node> item = item(false, depth);
            if (item.isEmpty()) {
                at = start;
                while (at < text.length() && !isSpace(at)) {
                    at++;
                }
                item = Optional.of(new Text(text.substring(start, at)));
            }
            nodes.add(item.get());
        }
        return nodes;
    }

    /** The whole text, if all of it is well-formed. */
    Optional<List<Node>> strict() {
        return strict(text.length(), depth).filter(nodes -> at == text.length());
    }

    /** Everything up to {@code end}, or up to a closing bracket, which is not consumed. */
    private Optional<List<Node>> strict(int end, int inside) {
        List<Node> nodes = new ArrayList<>();
        for (skipSpace(); at < end && text.charAt(at) != ')'; skipSpace()) {
            Optional<Node> item = item(true, inside);
            if (item.isEmpty()) {
                return Optional.empty();
            }
            nodes.add(item.get());
        }
        return Optional.of(nodes);
    }

    private Optional<Node> item(boolean strict, int inside) {
        refuseOperators();
        char first = text.charAt(at);
        if (first == '(' || first == '"') {
            return (first == '(' ? bracket(inside) : quote(inside)).map(nodes -> {
                refuseOperators();
                Optional<Double> weight = number().or(this::signs);
                return new Weighted(weight.orElse(1.0), nodes);
            });
        }
        int start = at;
        at = wordEnd(at);
        if (at > start) {
            Node word = new Text(text.substring(start, at));
            refuseOperators();
            Optional<Node> weighted = signs().map(weight -> new Weighted(weight, List.of(word)));
            return weighted.isPresent() || !strict ? weighted : Optional.of(word);
        }
        if (strict && (first == ',' || first == '.')) {
            at++;
            return Optional.of(new Text(String.valueOf(first)));
        }
        return Optional.empty();
    }

    private void refuseOperators() {
        // Regions are costly to set up, and hardly any word begins like an operator.
        if (at >= text.length() || OPERATOR_STARTS.indexOf(text.charAt(at)) < 0) {
            return;
        }
        if (SWAP.matcher(text).region(at, text.length()).lookingAt()) {
            throw new PromptRejected(
                    "the prompt cannot be used: swapping words (.swap) is not supported; blend two prompts instead");
        }
        if (LORA.matcher(text).region(at, text.length()).lookingAt()) {
            throw new PromptRejected("the prompt cannot be used: a prompt cannot choose LoRAs (withLora, useLora)");
        }
    }

    private Optional<List<Node>> bracket(int inside) {
        if (inside >= MAX_DEPTH || at > lastClosing) {
            return Optional.empty();
        }
        at++;
        Optional<List<Node>> nodes = strict(text.length(), inside + 1);
        if (nodes.isEmpty() || at >= text.length()) {
            return Optional.empty();
        }
        at++;
        return nodes;
    }

    private Optional<List<Node>> quote(int inside) {
        int end = quoteEnd(at);
        if (end < 0) {
            return Optional.empty();
        }
        Optional<List<Node>> nodes = new PromptReader(text.substring(at + 1, end), inside).strict();
        at = end + 1;
        // An empty quote is a word, too: it may have a weight, and it stands between two spaces.
        return nodes.map(some -> some.isEmpty() ? List.of(new Text("")) : some);
    }

    /** Where the quote that begins here ends: at the next '"' without a backslash, else at the last one of the line. */
    int quoteEnd(int start) {
        int escaped = -1;
        for (int i = start + 1; i < text.length() && text.charAt(i) != '\n' && text.charAt(i) != '\r'; i++) {
            if (text.charAt(i) == '"') {
                if (text.charAt(i - 1) != '\\') {
                    return i;
                }
                escaped = i;
            }
        }
        return escaped;
    }

    /** Where the word that begins at {@code start} ends; {@code start} if there is none. */
    int wordEnd(int start) {
        int end = start;
        while (end < text.length()) {
            char c = text.charAt(end);
            boolean follows = end + 1 < text.length();
            if (c == '\\' && follows && SYNTAX.indexOf(text.charAt(end + 1)) >= 0) {
                end += 2;
            } else if (c == '+' || c == '-' ? follows && isPlain(end + 1) : isPlain(end)) {
                end++;
            } else {
                break;
            }
        }
        return end;
    }

    private Optional<Double> number() {
        Matcher number = NUMBER.matcher(text).region(at, text.length());
        if (!number.lookingAt()) {
            return Optional.empty();
        }
        at = number.end();
        return Optional.of(Double.valueOf(number.group()));
    }

    private Optional<Double> signs() {
        if (at >= text.length() || (text.charAt(at) != '+' && text.charAt(at) != '-')) {
            return Optional.empty();
        }
        char sign = text.charAt(at);
        int start = at;
        while (at < text.length() && text.charAt(at) == sign) {
            at++;
        }
        return Optional.of((sign == '+' ? PLUS : MINUS)
                .pow(at - start, MathContext.DECIMAL128)
                .doubleValue());
    }

    private boolean isPlain(int index) {
        return !isSpace(index) && SYNTAX.indexOf(text.charAt(index)) < 0;
    }

    private boolean isSpace(int index) {
        return SPACE.indexOf(text.charAt(index)) >= 0;
    }

    private void skipSpace() {
        while (at < text.length() && isSpace(at)) {
            at++;
        }
    }
}
