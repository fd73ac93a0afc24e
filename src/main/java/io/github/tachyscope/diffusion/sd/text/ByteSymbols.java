package io.github.tachyscope.diffusion.sd.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Bytes as printable characters, the alphabet that words are merged from.
 *
 * <p>Bytes that print in Latin-1 stand for themselves, the other 68 are numbered upwards from U+0100.
 */
final class ByteSymbols {
    /** Marks the last symbol of a word. */
    static final String WORD_END = "</w>";

    private static final int FIRST_STAND_IN = 256;
    private static final String[] SYMBOLS = symbols();

    private ByteSymbols() {}

    private static String[] symbols() {
        String[] symbols = new String[256];
        int standIn = FIRST_STAND_IN;
        for (int value = 0; value < symbols.length; value++) {
            boolean prints = (value >= 33 && value <= 126) || (value >= 161 && value != 173);
            symbols[value] = Character.toString(prints ? value : standIn++);
        }
        return symbols;
    }

    /** All symbols of one byte: the printable ones, the stand-ins, then the same again at the end of a word. */
    static List<String> alphabet() {
        List<String> alphabet = new ArrayList<>();
        for (boolean standIns : new boolean[] {false, true}) {
            for (String symbol : SYMBOLS) {
                if (standIns == symbol.charAt(0) >= FIRST_STAND_IN) {
                    alphabet.add(symbol);
                }
            }
        }
        for (String symbol : List.copyOf(alphabet)) {
            alphabet.add(symbol + WORD_END);
        }
        return alphabet;
    }

    /** The bytes of a word in UTF-8, the last one marked; none for an empty word. */
    static List<String> of(String word) {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        List<String> symbols = new ArrayList<>(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            String symbol = SYMBOLS[bytes[i] & 0xFF];
            symbols.add(i == bytes.length - 1 ? symbol + WORD_END : symbol);
        }
        return symbols;
    }
}
