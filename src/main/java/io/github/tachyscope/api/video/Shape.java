package io.github.tachyscope.api.video;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How large and how long a video is asked for.
 *
 * @param size empty for what the pipeline does by itself
 * @param fps frames per second
 * @param frames as asked for, not yet in whole chunks
 */
public record Shape(Optional<Size> size, int fps, long frames) {
    /** Faster video has no use, and would only make time stamps coarse. */
    static final int MAX_FPS = 240;

    /** Beyond this nothing is a length any more; the settings allow much less. */
    private static final int MAX_FRAMES = Integer.MAX_VALUE;

    private static final int MAX_SIDE = 65_535;
    private static final int DEFAULT_FPS = 24;
    /** What clients expect that say nothing. */
    private static final int DEFAULT_SECONDS = 4;

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})x([0-9]{1,9})");
    private static final Pattern SECONDS = Pattern.compile("[1-9][0-9]{0,8}");

    /** In pixels. */
    public record Size(int width, int height) {
        @Override
        public String toString() {
            return width + "x" + height;
        }
    }

    /** What stands above and what stands in {@code video_params}: the former counts more. */
    private record Given(
            Optional<Integer> width, Optional<Integer> height, Optional<Integer> fps, Optional<Integer> frames) {
        static Given read(Fields fields) {
            return new Given(
                    fields.whole("width", 1, MAX_SIDE),
                    fields.whole("height", 1, MAX_SIDE),
                    fields.whole("fps", 1, MAX_FPS),
                    fields.whole("num_frames", 1, MAX_FRAMES));
        }

        /** Both sides or none. */
        Optional<Size> size() {
            return width.flatMap(known -> height.map(other -> new Size(known, other)));
        }

        Given or(Given other) {
            return new Given(
                    width.or(other::width), height.or(other::height), fps.or(other::fps), frames.or(other::frames));
        }
    }

    static Shape read(Fields fields) {
        Optional<Long> seconds = seconds(fields);
        Optional<Size> size = size(fields);
        Given given = Given.read(fields);
        Optional<Fields> params = fields.fields("video_params");
        if (params.isPresent()) {
            given = given.or(Given.read(params.get()));
            ObjectNode canonical = JsonNodeFactory.instance.objectNode();
            canonical.setAll(params.get().accepted());
            fields.accept("video_params", canonical);
        }
        int fps = given.fps().orElse(DEFAULT_FPS);
        long frames =
                given.frames().map(Integer::longValue).orElseGet(() -> seconds.orElse((long) DEFAULT_SECONDS) * fps);
        return new Shape(size.or(given::size), fps, frames);
    }

    /** A text of digits, or a number as many clients send it. */
    private static Optional<Long> seconds(Fields fields) {
        return fields.value("seconds").map(value -> {
            String text = value.isNumber() && value.doubleValue() == Math.rint(value.doubleValue())
                    ? Long.toString(value.longValue())
                    : value.isTextual() ? value.textValue() : "";
            if (!SECONDS.matcher(text).matches()) {
                throw fields.wrong("seconds", "must be a whole number of seconds, such as \"4\"", value);
            }
            fields.accept("seconds", TextNode.valueOf(text));
            return Long.valueOf(text);
        });
    }

    private static Optional<Size> size(Fields fields) {
        return fields.text("size").map(text -> {
            Matcher matcher = SIZE.matcher(text);
            if (!matcher.matches()) {
                throw fields.wrong("size", "must be WIDTHxHEIGHT, such as \"640x384\"", TextNode.valueOf(text));
            }
            int width = Integer.parseInt(matcher.group(1));
            int height = Integer.parseInt(matcher.group(2));
            if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) {
                throw fields.wrong("size", "must have sides from 1 to " + MAX_SIDE + " pixels", TextNode.valueOf(text));
            }
            return new Size(width, height);
        });
    }
}
