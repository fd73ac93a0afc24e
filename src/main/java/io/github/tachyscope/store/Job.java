package io.github.tachyscope.store;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * A batch job as it was when it was read; what was asked for in full is in {@link JobRequest}.
 *
 * @param number in the order of arrival, over all faces
 * @param face that made it
 * @param prompt what lists show of the request
 * @param owner who asked, in a form that is no secret, such as a hash
 * @param priority the smallest runs first; of equal ones the smallest number
 * @param cancelRequested its runner is asked to end it
 * @param seed to be read without sign
 * @param stageSeconds what each stage took, once it is completed
 * @param peakMemoryBytes of the device, 0 if it is not known
 * @param failure why it failed
 * @param attempt how often it was claimed
 * @param node the server that works on it
 * @param files once it is completed
 */
public record Job(
        String id,
        long number,
        String face,
        String model,
        String prompt,
        String owner,
        double priority,
        JobState state,
        boolean cancelRequested,
        Times times,
        Progress progress,
        Shape shape,
        long seed,
        Map<String, Double> stageSeconds,
        long peakMemoryBytes,
        Optional<Failure> failure,
        int attempt,
        Optional<String> node,
        List<ResultFile> files) {
    /** Most files of one job; protects lists. A video of all frames as pictures fits. */
    public static final int MAX_FILES = 20_000;

    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9_-]{0,119}");

    public Job {
        stageSeconds = Map.copyOf(stageSeconds);
        files = List.copyOf(files);
    }

    /** Whether a job can have that id: it is part of file names, also where these ignore case. */
    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /** The only file of that kind, or the first of them. */
    public Optional<ResultFile> file(ResultFile.Kind kind) {
        return files.stream().filter(file -> file.kind() == kind).findFirst();
    }

    /** When; all in milliseconds since the epoch. {@code started} is that of the latest attempt. */
    public record Times(long created, OptionalLong started, OptionalLong finished, OptionalLong expires) {}

    /** How far. The totals are 0 as long as nobody knows them. */
    public record Progress(int stepsDone, int stepsTotal, int chunksDone, int chunksTotal) {
        /** Nothing done yet. */
        public static final Progress NONE = new Progress(0, 0, 0, 0);

        public Progress {
            if (stepsDone < 0 || stepsTotal < 0 || chunksDone < 0 || chunksTotal < 0) {
                throw new IllegalArgumentException("progress is not negative");
            }
        }
    }

    /** The size of the video: as planned, and once completed as it is. */
    public record Shape(int width, int height, double fps, int frames) {
        public Shape {
            if (width < 0 || height < 0 || frames < 0 || !(fps >= 0) || Double.isInfinite(fps)) {
                throw new IllegalArgumentException("a shape is not negative");
            }
        }
    }

    /** Why a job failed; both texts are fit for clients. */
    public record Failure(String code, String message) {}
}
