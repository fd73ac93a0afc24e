package io.github.tachyscope.media;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.VideoCodec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which FFmpeg encoders to try for a codec, and the options that make each of them a live encoder: nothing held back,
 * no frame skipped, no time spent on what an interactive picture does not show.
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

    /** Which wishes of {@link H264Options} each encoder can follow. */
    private static final Map<String, Set<String>> WISHES = Map.of(
            "libx264", Set.of("preset", "tune", "crf", "threads"),
            "libopenh264", Set.of("crf", "threads"),
            "h264_nvenc", Set.of("crf"));

    private EncoderOptions() {}

    /** FFmpeg names, best first. */
    static List<String> names(VideoCodec codec, MediaSettings settings) {
        return codec == VideoCodec.VP8 ? List.of("libvpx") : settings.h264Encoders();
    }

    /** Options of the encoder; an encoder that we do not know keeps its defaults. */
    static Map<String, String> of(String name) {
        return BY_NAME.getOrDefault(name, Map.of());
    }

    /** The same with the wishes that this encoder can follow. */
    static Map<String, String> of(String name, H264Options wishes) {
        Map<String, String> options = new HashMap<>(of(name));
        wishes.values().forEach((wish, value) -> {
            if (follows(name, wish)) {
                options.putAll(translated(name, wish, value));
            }
        });
        return options;
    }

    static boolean follows(String name, String wish) {
        return WISHES.getOrDefault(name, Set.of()).contains(wish);
    }

    private static Map<String, String> translated(String name, String wish, String value) {
        return switch (name + " " + wish) {
            // OpenH264 works in parallel on slices only.
            case "libopenh264 threads" -> Map.of("threads", value, "slices", value);
            // Neither has a constant quality; a constant quantiser comes close.
            case "libopenh264 crf" -> Map.of("qmin", quantiser(value), "qmax", quantiser(value));
            case "h264_nvenc crf" -> Map.of("rc", "constqp", "qp", value);
            // Sliced threads, as frame threads hold frames back; x264 has tunings either or.
            case "libx264 tune" -> Map.of("tune", value + ",zerolatency");
            default -> Map.of(wish, value);
        };
    }

    /** OpenH264 has no lossless mode. */
    private static String quantiser(String crf) {
        return crf.equals("0") ? "1" : crf;
    }
}
