package io.github.tachyscope.config;

import com.typesafe.config.Config;
import java.util.List;

/**
 * Codecs; see {@code tachyscope.media} in {@code reference.conf}.
 *
 * @param h264Encoders FFmpeg encoder names, best first; the first that is present is used
 * @param threads threads that encode and decode, shared by all sessions
 */
public record MediaSettings(List<String> h264Encoders, int threads, int maxWidth, int maxHeight) {
    static MediaSettings from(Config c) {
        return new MediaSettings(
                List.copyOf(c.getStringList("h264-encoders")),
                c.getInt("threads"),
                c.getInt("max-width"),
                c.getInt("max-height"));
    }
}
