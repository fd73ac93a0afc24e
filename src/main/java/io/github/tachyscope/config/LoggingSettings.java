package io.github.tachyscope.config;

import java.util.List;
import java.util.Locale;

/** How the log looks; see {@code tachyscope.logging} in {@code reference.conf}. */
public record LoggingSettings(Format format) {
    /** One line for people, or one JSON object. */
    public enum Format {
        TEXT,
        JSON
    }

    static LoggingSettings from(Section section) {
        return new LoggingSettings(
                Format.valueOf(section.oneOf("format", List.of("text", "json")).toUpperCase(Locale.ROOT)));
    }
}
