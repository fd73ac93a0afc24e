package io.github.tachyscope.store;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A folder that people look into, see {@link MediaFolders}. */
public enum MediaFolder {
    /** What was made for keeping. */
    OUTPUT,
    /** What was made to be looked at; emptied when the server starts. */
    TEMP,
    /** What clients sent. */
    INPUT;

    /** As clients name it, and as it is called on the disk. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<MediaFolder> ofWireName(String name) {
        return Arrays.stream(values())
                .filter(folder -> folder.wireName().equals(name))
                .findFirst();
    }
}
