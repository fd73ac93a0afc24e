package io.github.tachyscope.store;

/**
 * One file that a job made.
 *
 * @param name made by the server, without folder
 * @param mediaType such as {@code video/mp4}
 * @param sha256 64 lower-case hexadecimal digits
 * @param label see {@link ResultLabel}; may be empty
 */
public record ResultFile(String name, Kind kind, String mediaType, long bytes, String sha256, String label) {

    /** What it is for. */
    public enum Kind {
        /** The video. */
        VIDEO,
        /** A small picture that stands for the video. */
        THUMBNAIL,
        /** A picture that was asked for. */
        IMAGE,
        /** One frame of the video as a picture. */
        FRAME,
        /** Anything else, such as raw samples. */
        DATA
    }
}
