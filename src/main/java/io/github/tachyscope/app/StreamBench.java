package io.github.tachyscope.app;

import io.github.tachyscope.config.Configuration;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.InputLimits;
import io.github.tachyscope.media.VideoReader;
import java.io.IOException;
import java.io.PrintStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** Streamed videos against stored ones of the same request, in turns, and how soon a changed prompt is seen. */
final class StreamBench {
    private static final InputLimits ANY = new InputLimits(
            Long.MAX_VALUE, VideoFrame.MAX_DIMENSION, VideoFrame.MAX_DIMENSION, 100_000, Duration.ofDays(1));

    private final Configuration configuration;
    private final StreamOptions options;
    private final PrintStream out;

    StreamBench(Configuration configuration, StreamOptions options, PrintStream out) {
        this.configuration = configuration;
        this.options = options;
        this.out = out;
    }

    ExitCode run() throws Exception {
        List<BenchVideo.Streamed> streamed = new ArrayList<>();
        List<BenchVideo.Stored> stored = new ArrayList<>();
        boolean equal = true;
        try (Server server = Server.start(configuration)) {
            new BenchApi(server.url()).load(options.pipeline(), options.size());
            BenchVideo videos = new BenchVideo(server.url(), options);
            // Once without counting: the first use of everything is slow.
            videos.stored(0);
            videos.streamed(0, Optional.empty());
            for (int round = 0; round < options.rounds(); round++) {
                streamed.add(videos.streamed(round, Optional.empty()));
                stored.add(videos.stored(round));
                equal &= pictures(streamed.get(round).bytes())
                        .equals(pictures(stored.get(round).bytes()));
            }
            List<BenchVideo.Streamed> changed = new ArrayList<>();
            for (int round = 0; round < options.rounds(); round++) {
                changed.add(videos.streamed(round, Optional.of("neon lights")));
            }
            print(streamed, stored, changed, equal);
        }
        return equal ? ExitCode.OK : ExitCode.FAILURE;
    }

    private void print(
            List<BenchVideo.Streamed> streamed,
            List<BenchVideo.Stored> stored,
            List<BenchVideo.Streamed> changed,
            boolean equal) {
        double whole =
                median(streamed.stream().map(BenchVideo.Streamed::totalMillis).toList());
        double file = median(stored.stream().map(BenchVideo.Stored::totalMillis).toList());
        double first =
                median(streamed.stream().map(BenchVideo.Streamed::firstMillis).toList());
        double chunks = streamed.get(0).chunks();
        // Of the same video in turns: what else the machine does meets both.
        double ratio = median(IntStream.range(0, stored.size())
                .mapToObj(i -> streamed.get(i).totalMillis() / stored.get(i).totalMillis())
                .toList());
        row("chunks", chunks);
        row("stored video, ms", file);
        row("streamed video, ms", whole);
        row("streamed / stored", ratio);
        row("first media byte, ms", first);
        row("first media byte x chunks / streamed", first * chunks / whole);
        row(
                "changed prompt to its first byte, ms",
                median(changed.stream().map(BenchVideo.Streamed::changeMillis).toList()));
        row(
                "chunks that end in between",
                median(changed.stream().map(BenchVideo.Streamed::changeChunks).toList()));
        out.printf("%-38s %8s%n", "pictures equal", equal ? "yes" : "NO");
    }

    private void row(String name, double value) {
        out.printf(Locale.ROOT, "%-38s %8.2f%n", name, value);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** What is seen, whatever the container. */
    private static String pictures(byte[] video) throws IOException {
        try (VideoReader reader = VideoReader.open(video, ANY, new FramePool(4))) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Optional<VideoFrame> frame = reader.next(); frame.isPresent(); frame = reader.next()) {
                digest.update(frame.get().data(), 0, frame.get().bytes());
                frame.get().release();
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }
}
