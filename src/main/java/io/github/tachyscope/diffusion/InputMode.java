package io.github.tachyscope.diffusion;

import java.util.Locale;
import java.util.Optional;

/** What a generation starts from. */
public enum InputMode {
    /** From noise and a prompt; no input frames. */
    TEXT,
    /** From the frames of a camera, screen or file. */
    VIDEO;

    /** The name on the wire: {@code text} or {@code video}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<InputMode> ofWireName(String name) {
        for (InputMode mode : values()) {
            if (mode.wireName().equals(name)) {
                return Optional.of(mode);
            }
        }
        return Optional.empty();
    }
}
