package io.github.tachyscope.media;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Wishes of a client for the H.264 encoder of a file: {@code preset}, {@code tune}, {@code crf} and {@code threads}, as
 * x264 names them. Everything else, and values that make no sense, are left out with a note, since a stream that looks
 * a little different beats none.
 *
 * @param values what was understood; an encoder may know fewer
 * @param notes one sentence for each wish that was not
 */
public record H264Options(Map<String, String> values, List<String> notes) {
    private static final Set<String> PRESETS = Set.of(
            "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo");
    /** Without those that hold frames back. */
    private static final Set<String> TUNES = Set.of("film", "animation", "grain", "stillimage", "fastdecode");

    private static final int MAX_CRF = 51;
    /** Protects the other sessions: encoding shares the processor with them. */
    private static final int MAX_THREADS = 8;
    /** Protects the answer that carries the notes; the rest is left out silently. */
    private static final int MAX_NOTES = 8;
    /** Names and values longer than this are cut in notes. */
    private static final int MAX_QUOTED = 32;

    public H264Options {
        values = Map.copyOf(values);
        notes = List.copyOf(notes);
    }

    /** The encoder's defaults. */
    public static H264Options none() {
        return new H264Options(Map.of(), List.of());
    }

    public static H264Options from(Map<String, String> asked) {
        Map<String, String> values = new TreeMap<>();
        List<String> notes = new ArrayList<>();
        new TreeMap<>(asked).forEach((name, value) -> {
            boolean valid = switch (name) {
                case "preset" -> PRESETS.contains(value);
                case "tune" -> TUNES.contains(value) || value.equals("zerolatency");
                case "crf" -> isWhole(value, MAX_CRF);
                case "threads" -> isWhole(value, MAX_THREADS);
                default -> false;
            };
            if (!valid) {
                note(notes, name, value);
            } else if (!isDefault(name, value)) {
                values.put(name, value);
            }
        });
        return new H264Options(values, notes);
    }

    /** What every stream has anyway: no delay, and as many threads as the server gives. */
    private static boolean isDefault(String name, String value) {
        return name.equals("tune") && value.equals("zerolatency")
                || name.equals("threads") && Integer.parseInt(value) == 0;
    }

    private static boolean isWhole(String value, int most) {
        return value.matches("[0-9]{1,3}") && Integer.parseInt(value) <= most;
    }

    private static void note(List<String> notes, String name, String value) {
        if (notes.size() < MAX_NOTES) {
            notes.add("encoder option " + cut(name) + " = " + cut(value)
                    + " has no effect; known are preset, tune, crf (0 to " + MAX_CRF + ") and threads (0 to "
                    + MAX_THREADS + ")");
        }
    }

    private static String cut(String text) {
        return text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "...";
    }
}
