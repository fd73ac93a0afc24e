package io.github.tachyscope.api.comfy.graph;

/**
 * A node that keeps or sends what was made.
 *
 * @param id of the node
 * @param type its class
 */
public record OutputNode(String id, String type, Saving saving) {

    /** What it makes of the frames. Prefixes stay inside the folder, but may name folders in it. */
    public sealed interface Saving {}

    /** A PNG of each frame, kept. */
    public record Pictures(String prefix) implements Saving {}

    /** A PNG of each frame, for a while. */
    public record Preview() implements Saving {}

    /** A PNG of each frame, sent to the client and not kept. */
    public record Socket() implements Saving {}

    /**
     * A moving WebP.
     *
     * @param quality 0 to 100
     * @param method {@code default}, {@code fastest} or {@code slowest}
     */
    public record Webp(String prefix, double fps, boolean lossless, int quality, String method) implements Saving {}

    /**
     * A WebM.
     *
     * @param codec {@code vp9} or {@code av1}
     */
    public record Webm(String prefix, String codec, double fps, double crf) implements Saving {}

    /** An MP4. */
    public record Mp4(String prefix, double fps) implements Saving {}

    /**
     * A video of VHS, which clients look for under a name of its own.
     *
     * @param format {@code video/h264-mp4}, {@code video/webm}, {@code video/av1-webm}, {@code image/gif} or {@code image/webp}
     * @param kept false if it is for a while only
     */
    public record Combined(String prefix, double fps, String format, boolean kept) implements Saving {}
}
