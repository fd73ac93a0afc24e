package io.github.tachyscope.store;

import java.util.Locale;

/** The parts of a file name. */
final class FileNames {
    private FileNames() {}

    /** Lower case, with its dot; empty without one. */
    static String extension(String name) {
        int dot = name.lastIndexOf('.');
        return dot <= name.lastIndexOf('/') ? "" : name.substring(dot).toLowerCase(Locale.ROOT);
    }

    /** The last part of the name without its extension. */
    static String stem(String name) {
        String last = name.substring(name.lastIndexOf('/') + 1);
        int dot = last.lastIndexOf('.');
        return dot <= 0 ? last : last.substring(0, dot);
    }
}
