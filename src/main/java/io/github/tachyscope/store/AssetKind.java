package io.github.tachyscope.store;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What an asset is, told by the extension of its name. */
public enum AssetKind {
    IMAGE(Set.of(".png", ".jpg", ".jpeg", ".webp", ".bmp")),
    VIDEO(Set.of(".mp4", ".avi", ".mov", ".mkv", ".webm")),
    AUDIO(Set.of(".wav", ".mp3", ".flac", ".ogg"));

    private final Set<String> extensions;

    AssetKind(Set<String> extensions) {
        this.extensions = extensions;
    }

    /** The name on the wire: {@code image}, {@code video} or {@code audio}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<AssetKind> ofFileName(String name) {
        String extension = FileNames.extension(name);
        for (AssetKind kind : values()) {
            if (kind.extensions.contains(extension)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
