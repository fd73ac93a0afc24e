package io.github.tachyscope.media;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.VideoCodec;
import java.util.List;
import java.util.Map;

/**
 * Which FFmpeg encoders to try for a codec, and the private options that make each of them a live encoder: nothing
 * held back, no frame skipped, no time spent on what an interactive picture does not show.
 */
final class EncoderOptions {
    private static final Map<String, Map<String, String>> BY_NAME = Map.of(
            "libvpx",
            Map.of(
                    "deadline", "realtime",
                    "cpu-used", "-6",
                    "lag-in-frames", "0",
                    "static-thresh", "1"),
            "libopenh264",
            Map.of("rc_mode", "bitrate", "allow_skip_frames", "0"),
            "libx264",
            Map.of("preset", "superfast", "tune", "zerolatency", "profile", "baseline", "forced-idr", "1"),
            "h264_nvenc",
            Map.of(
                    "preset", "p2",
                    "tune", "ull",
                    "rc", "cbr",
                    "zerolatency", "1",
                    "delay", "0",
                    "profile", "baseline",
                    "forced-idr", "1"),
            "h264_videotoolbox",
            Map.of("realtime", "1", "allow_sw", "1", "prio_speed", "1"));

    private EncoderOptions() {}

    /** FFmpeg names, best first. */
    static List<String> names(VideoCodec codec, MediaSettings settings) {
        return codec == VideoCodec.VP8 ? List.of("libvpx") : settings.h264Encoders();
    }

    /** Private options of the encoder; an encoder that we do not know keeps its defaults. */
    static Map<String, String> of(String name) {
        return BY_NAME.getOrDefault(name, Map.of());
    }
}
