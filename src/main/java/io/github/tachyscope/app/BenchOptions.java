package io.github.tachyscope.app;

import io.github.tachyscope.app.CommandLine.UsageProblem;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/**
 * What {@code bench live} measures.
 *
 * @param seconds measured per size, after the warm-up
 * @param threads whether the cost of each kind of thread is listed
 */
record BenchOptions(int seconds, List<Size> sizes, VideoCodec codec, String pipeline, boolean threads) {
    static final String USAGE = """
            Usage: tachyscope bench live [options]    a client and a server in one process, over WebRTC on loopback
                   tachyscope bench engine            cost of a scheduling decision and of a step's way through the executor
                   tachyscope bench interleave [options]  many sessions and jobs on one device, three ways to schedule them
                   tachyscope bench tiny [options]    the bundled model: each stage, and frames through the engine
                   tachyscope bench sd [options]      Stable Diffusion 1.5 with random weights: each stage at 256x256
                   tachyscope bench soak [options]    live sessions for a long time; fails when memory grows
                   tachyscope bench refusals [options]  offers that a busy server refuses: time and cost
                   tachyscope bench --help            print this and exit

            Options of "bench live":
              --seconds N          measured time per size, after a warm-up (default: 10)
              --sizes WxH[,WxH]    sizes of the camera's pictures (default: 512x512,1280x720)
              --codec vp8|h264     (default: vp8)
              --pipeline ID        passthrough, synthetic or another one (default: passthrough); one that changes the
                                   picture leaves no readable frame number, then the way through the server is the figure
              --threads            list processor time and allocation by kind of thread

            The server of the benchmark takes free ports on 127.0.0.1; all other settings are those of the configuration.
            """;

    private static final int MAX_SECONDS = 3600;

    /** Smaller pictures have no room for the frame number. */
    private static final int MIN_SIDE = 128;

    /** Of a picture, in pixels. */
    record Size(int width, int height) {
        static Size parse(String text) throws UsageProblem {
            String[] sides = text.split("x", 2);
            int width = number("--sizes", sides[0], VideoFrame.MAX_DIMENSION);
            int height = number("--sizes", sides.length < 2 ? "" : sides[1], VideoFrame.MAX_DIMENSION);
            if (width < MIN_SIDE || height < MIN_SIDE || width % 2 + height % 2 > 0) {
                throw new UsageProblem("--sizes: " + text + " must be even and at least " + MIN_SIDE + " each way");
            }
            return new Size(width, height);
        }

        @Override
        public String toString() {
            return width + "x" + height;
        }
    }

    BenchOptions {
        sizes = List.copyOf(sizes);
    }

    static BenchOptions parse(List<String> arguments) throws UsageProblem {
        int seconds = 10;
        List<Size> sizes = List.of(new Size(512, 512), new Size(1280, 720));
        VideoCodec codec = VideoCodec.VP8;
        String pipeline = "passthrough";
        boolean threads = false;
        Iterator<String> left = arguments.iterator();
        while (left.hasNext()) {
            String option = left.next();
            switch (option) {
                case "--seconds" -> seconds = number(option, value(option, left), MAX_SECONDS);
                case "--sizes" -> sizes = sizes(value(option, left));
                case "--codec" -> codec = codec(value(option, left));
                case "--pipeline" -> pipeline = value(option, left);
                case "--threads" -> threads = true;
                default -> throw new UsageProblem("bench live: unknown option \"" + option + "\"");
            }
        }
        return new BenchOptions(seconds, sizes, codec, pipeline, threads);
    }

    static String value(String option, Iterator<String> left) throws UsageProblem {
        if (!left.hasNext()) {
            throw new UsageProblem(option + " needs a value");
        }
        return left.next();
    }

    private static List<Size> sizes(String text) throws UsageProblem {
        List<Size> sizes = new ArrayList<>();
        for (String size : text.split(",", -1)) {
            sizes.add(Size.parse(size));
        }
        return sizes;
    }

    private static VideoCodec codec(String text) throws UsageProblem {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "vp8" -> VideoCodec.VP8;
            case "h264" -> VideoCodec.H264;
            default -> throw new UsageProblem("--codec: \"" + text + "\" is neither vp8 nor h264");
        };
    }

    static int number(String option, String text, int most) throws UsageProblem {
        try {
            int number = Integer.parseInt(text);
            if (number >= 1 && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // Said below.
        }
        throw new UsageProblem(option + ": \"" + text + "\" is not a whole number from 1 to " + most);
    }
}
