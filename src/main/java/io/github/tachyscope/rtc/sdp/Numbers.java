package io.github.tachyscope.rtc.sdp;

import java.util.Optional;

/** Decimal numbers as SDP writes them: digits only. */
final class Numbers {
    /** More digits do not fit an int. */
    private static final int MAX_DIGITS = 9;

    private Numbers() {}

    static Optional<Integer> parse(String text, int most) {
        if (text.isEmpty() || text.length() > MAX_DIGITS) {
            return Optional.empty();
        }
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return Optional.empty();
            }
            value = value * 10 + digit;
        }
        return value <= most ? Optional.of(value) : Optional.empty();
    }
}
