package io.github.tachyscope.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The video API; see {@code tachyscope.video} in {@code reference.conf}.
 *
 * @param model name under which the loaded pipeline is served; empty for its id
 * @param modelAliases further names that requests may have
 * @param maxFrames of one video
 * @param syncTimeout longest time of a request that waits for its video
 * @param maxUploadBytes of a request with a file
 * @param maxJsonBytes of a request without a file
 * @param remoteInputs whether pictures and videos are fetched from addresses that clients name
 * @param failedJobStatus whether reading a failed job answers with the status of its failure
 */
public record VideoSettings(
        Optional<String> model,
        List<String> modelAliases,
        int maxFrames,
        Duration syncTimeout,
        long maxUploadBytes,
        int maxJsonBytes,
        boolean remoteInputs,
        boolean failedJobStatus,
        Stream stream) {
    /**
     * Videos sent over a WebSocket while they are made.
     *
     * @param startTimeout longest wait for the first message
     * @param stallTimeout longest time without progress
     * @param maxStartChars longest first message
     * @param maxControlChars longest later message
     * @param maxStreams most streams at a time
     */
    public record Stream(
            Duration startTimeout, Duration stallTimeout, int maxStartChars, int maxControlChars, int maxStreams) {
        static Stream from(Section section) {
            return new Stream(
                    section.duration("start-timeout"),
                    section.duration("stall-timeout"),
                    (int) section.bytes("max-start-size", 1024, 256 << 20),
                    (int) section.bytes("max-control-size", 1024, 16 << 20),
                    section.whole("max-streams", 0, 10_000));
        }
    }

    static VideoSettings from(Section section) {
        return new VideoSettings(
                section.optionalText("model"),
                section.texts("model-aliases"),
                section.whole("max-frames", 1, 1_000_000),
                section.duration("sync-timeout"),
                section.bytes("max-upload-size", 1, Long.MAX_VALUE),
                // A text of this size is held in memory.
                (int) section.bytes("max-json-size", 1024, 256 << 20),
                section.flag("remote-inputs"),
                section.section("compat").flag("failed-job-http-status"),
                Stream.from(section.section("stream")));
    }
}
