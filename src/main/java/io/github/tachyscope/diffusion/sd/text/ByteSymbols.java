package io.github.tachyscope.diffusion.sd.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Bytes as printable characters, the alphabet that words are merged from. */
final class ByteSymbols {
    /** Marks the last symbol of a word. */
    static final String WORD_END = "</w>";

    private static final String[] SYMBOLS = symbols();

    private ByteSymbols() {}

    private static String[] symbols() {
        String[] symbols = new String[256];
        int stranger = 256;
        for (int value = 0; value < 256; value++) {
            boolean printable =
                    (value >= 33 && value <= 126) || (value >= 161 && value <= 172) || (value >= 174 && value <= 255);
            symbols[value] = Character.toString(printable ? value : stranger++);
        }
        return symbols;
    }

    /** All single symbols, first those that are printable as they are, then the others; then all of them at a word's end. */
    static List<String> alphabet() {
        List<String> alphabet = new ArrayList<>();
        for (boolean printable : new boolean[] {true, false}) {
            for (int value = 0; value < 256; value++) {
                if ((SYMBOLS[value].codePointAt(0) < 256) == printable) {
                    alphabet.add(SYMBOLS[value]);
                }
            }
        }
        for (String symbol : List.copyOf(alphabet)) {
            alphabet.add(symbol + WORD_END);
        }
        return alphabet;
    }

    /** The bytes of a word, the last one marked; no more than {@code most}. */
    static List<String> of(String word, int most) {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        List<String> symbols = new ArrayList<>();
        for (int i = 0; i < Math.min(most, bytes.length); i++) {
            symbols.add(SYMBOLS[bytes[i] & 0xFF]);
        }
        int last = symbols.size() - 1;
        symbols.set(last, symbols.get(last) + WORD_END);
        return symbols;
    }

    /** Every occurrence of a pair becomes one symbol, from left to right. */
    static List<String> merge(List<String> symbols, String left, String right) {
        List<String> merged = new ArrayList<>();
        for (int i = 0; i < symbols.size(); i++) {
            boolean pair = i + 1 < symbols.size()
                    && symbols.get(i).equals(left)
                    && symbols.get(i + 1).equals(right);
            merged.add(pair ? left + right : symbols.get(i));
            i += pair ? 1 : 0;
        }
        return merged;
    }
}
