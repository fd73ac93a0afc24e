package io.github.tachyscope.media;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Kinds of video files, told by their content. Nothing else is opened: no playlist, no image sequence, no device. */
enum Container {
    MP4("mov", 12),
    MATROSKA("matroska", 64),
    AVI("avi", 12),
    GIF("gif", 1);

    /** How much of a file {@link #of} looks at. */
    static final int HEAD_BYTES = 16;

    private final String demuxer;
    private final int maxTracks;

    /**
     * @param maxTracks protects memory, as each track of an MP4 file may announce an index of the largest block that
     *     there is; Matroska often has many subtitles
     */
    Container(String demuxer, int maxTracks) {
        this.demuxer = demuxer;
        this.maxTracks = maxTracks;
    }

    /** FFmpeg's name. */
    String demuxer() {
        return demuxer;
    }

    /** A file with more is not opened. */
    int maxTracks() {
        return maxTracks;
    }

    /** @param head the first bytes of the file */
    static Optional<Container> of(byte[] head) {
        String text = new String(head, StandardCharsets.ISO_8859_1);
        if (text.startsWith("\u001aE\u00df\u00a3")) {
            return Optional.of(MATROSKA);
        }
        if (text.startsWith("GIF87a") || text.startsWith("GIF89a")) {
            return Optional.of(GIF);
        }
        if (text.startsWith("RIFF") && text.startsWith("AVI ", 8)) {
            return Optional.of(AVI);
        }
        boolean box = text.startsWith("ftyp", 4)
                || text.startsWith("moov", 4)
                || text.startsWith("mdat", 4)
                || text.startsWith("wide", 4)
                || text.startsWith("free", 4)
                || text.startsWith("skip", 4);
        return box ? Optional.of(MP4) : Optional.empty();
    }
}
