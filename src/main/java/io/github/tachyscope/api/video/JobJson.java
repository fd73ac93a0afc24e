package io.github.tachyscope.api.video;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobState;
import java.util.TreeMap;

/** The video object of both client families. */
final class JobJson {
    /** Of a job that is not stored yet. */
    private static final int ALMOST = 99;

    private JobJson() {}

    /** How clients see the state of a job; never goes back. */
    enum Status {
        QUEUED("queued"),
        IN_PROGRESS("in_progress"),
        COMPLETED("completed"),
        FAILED("failed");

        final String word;

        Status(String word) {
            this.word = word;
        }

        /**
         * A claimed job counts as queued until its first step is done; one whose server was lost begins anew, but has been
         * under way.
         */
        static Status of(Job job) {
            boolean again = job.attempt() > (job.state() == JobState.QUEUED ? 0 : 1);
            return switch (job.state()) {
                case QUEUED, RUNNING -> again || job.progress().stepsDone() > 0 ? IN_PROGRESS : QUEUED;
                case COMPLETED -> COMPLETED;
                case FAILED, CANCELLED -> FAILED;
            };
        }
    }

    /** In percent, as far as the job knows it itself. */
    static int progress(Job job) {
        if (job.state() == JobState.COMPLETED) {
            return 100;
        }
        long total = job.progress().stepsTotal();
        return total == 0 ? 0 : (int) Math.min(ALMOST, 100L * job.progress().stepsDone() / total);
    }

    /**
     * @param size to show
     * @param progress to show, in percent
     */
    static ObjectNode render(Job job, String size, int progress) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", job.id())
                .put("object", "video")
                .put("model", job.model())
                .put("prompt", job.prompt())
                .put("status", Status.of(job).word)
                .put("progress", progress)
                .put("seconds", seconds(job))
                .put("size", size)
                .put("quality", "default")
                .put("created_at", job.times().created() / 1000);
        if (job.state() == JobState.COMPLETED && job.times().finished().isPresent()) {
            json.put("completed_at", job.times().finished().getAsLong() / 1000);
        } else {
            json.putNull("completed_at");
        }
        if (job.times().expires().isPresent()) {
            json.put("expires_at", job.times().expires().getAsLong() / 1000);
        } else {
            json.putNull("expires_at");
        }
        json.putNull("remixed_from_video_id");
        if (Status.of(job) == Status.FAILED) {
            Job.Failure failure = failure(job);
            json.putObject("error").put("code", failure.code()).put("message", failure.message());
        } else {
            json.putNull("error");
        }
        boolean completed = job.state() == JobState.COMPLETED;
        json.put("media_type", "video/mp4").put("file_name", completed ? job.id() + ".mp4" : null);
        json.put("inference_time_s", completed ? Double.valueOf(inferenceSeconds(job)) : null);
        ObjectNode stages = json.putObject("stage_durations");
        new TreeMap<>(job.stageSeconds()).forEach(stages::put);
        return json.put("peak_memory_mb", job.peakMemoryBytes() / (double) (1 << 20))
                .put("num_frames", job.shape().frames())
                .put("fps", Math.round(job.shape().fps()))
                .put("seed", job.seed());
    }

    static Job.Failure failure(Job job) {
        return job.failure().orElse(new Job.Failure("cancelled", "The job was cancelled."));
    }

    /** The HTTP status that says what a failure says. */
    static int httpStatus(Job.Failure failure) {
        return switch (failure.code()) {
            case "request_refused", "input_refused" -> 400;
            case "cancelled" -> 409;
            case "no_space" -> 507;
            default -> 500;
        };
    }

    static double inferenceSeconds(Job job) {
        long started = job.times().started().orElse(job.times().created());
        return (job.times().finished().orElse(started) - started) / 1000.0;
    }

    /** The length in whole seconds, rounded up. */
    private static String seconds(Job job) {
        Job.Shape shape = job.shape();
        long seconds = shape.fps() > 0 ? (long) Math.ceil(shape.frames() / shape.fps()) : 1;
        return Long.toString(Math.max(1, seconds));
    }
}
