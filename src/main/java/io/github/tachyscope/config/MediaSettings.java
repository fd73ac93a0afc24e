package io.github.tachyscope.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Map;

/**
 * Codecs; see {@code tachyscope.media} in {@code reference.conf}.
 *
 * @param h264Encoders FFmpeg encoder names, best first; the first that is present is used
 * @param threads threads that encode and decode, shared by all sessions
 */
public record MediaSettings(List<String> h264Encoders, int threads, int maxWidth, int maxHeight) {
    /** Guards against a slip of the keyboard; more threads than this only cost memory. */
    private static final int MOST_THREADS = 1024;

    /** The smallest picture that H.264 and VP8 both code: one macroblock. */
    private static final int LEAST_SIDE = 16;

    /** The largest side of any picture in the server; protects memory, 25 MB for one picture. */
    private static final int MOST_SIDE = 4096;

    static MediaSettings from(Section section) {
        List<String> encoders = section.texts("h264-encoders");
        if (encoders.isEmpty()) {
            section.reject("h264-encoders", "must name at least one encoder");
        }
        return new MediaSettings(
                encoders,
                section.whole("threads", 0, MOST_THREADS),
                section.whole("max-width", LEAST_SIDE, MOST_SIDE),
                section.whole("max-height", LEAST_SIDE, MOST_SIDE));
    }

    /** What {@code threads} means for the dispatcher of the streams. */
    Config dispatcher() {
        return threads == 0
                ? ConfigFactory.empty()
                : ConfigFactory.parseMap(
                                Map.of("core-pool-size-min", threads, "core-pool-size-max", threads),
                                "tachyscope.media.threads")
                        .atPath("tachyscope-media-dispatcher.thread-pool-executor");
    }
}
