package io.github.tachyscope.config;

/** A text that no log, summary or message may show. */
public record Secret(String value) {
    @Override
    public String toString() {
        return "***";
    }
}
