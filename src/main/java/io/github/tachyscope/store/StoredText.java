package io.github.tachyscope.store;

/** Text as every database takes it. */
final class StoredText {
    private static final char REPLACEMENT = '\ufffd';

    private StoredText() {}

    /** Without the character 0, which PostgreSQL refuses, and without halves of surrogate pairs, which are no text. */
    static String clean(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (broken(text, i)) {
                StringBuilder cleaned = new StringBuilder(text);
                for (int j = i; j < text.length(); j++) {
                    if (broken(text, j)) {
                        cleaned.setCharAt(j, REPLACEMENT);
                    }
                }
                return cleaned.toString();
            }
        }
        return text;
    }

    private static boolean broken(String text, int at) {
        char c = text.charAt(at);
        if (Character.isHighSurrogate(c)) {
            return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
        }
        if (Character.isLowSurrogate(c)) {
            return at == 0 || !Character.isHighSurrogate(text.charAt(at - 1));
        }
        return c == 0;
    }

    /** At most so many characters, never half a pair. */
    static String cut(String text, int most) {
        return clean(text.length() <= most ? text : text.substring(0, most));
    }
}
