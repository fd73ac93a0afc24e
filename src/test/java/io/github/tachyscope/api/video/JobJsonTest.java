package io.github.tachyscope.api.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobJsonTest {
    private static Job job(JobState state, int attempt, int done, int total) {
        return new Job(
                "video_gen_1",
                1,
                "video",
                "served",
                "a cat",
                "me",
                1,
                state,
                false,
                new Job.Times(
                        1_700_000_000_999L,
                        OptionalLong.of(1_700_000_001_000L),
                        state.ended() ? OptionalLong.of(1_700_000_003_250L) : OptionalLong.empty(),
                        OptionalLong.empty()),
                new Job.Progress(done, total, 0, 0),
                new Job.Shape(640, 384, 24, 97),
                7,
                Map.of("denoise", 1.5),
                3 << 19,
                state == JobState.FAILED ? Optional.of(new Job.Failure("no_space", "full")) : Optional.empty(),
                attempt,
                Optional.empty(),
                List.of());
    }

    /** In the order in which a job goes through them, a lost server included. */
    @ParameterizedTest
    @CsvSource({
        "QUEUED,    0,   0,   0, queued,        0",
        "RUNNING,   1,   0,   0, queued,        0",
        "RUNNING,   1,   1, 300, in_progress,   0",
        "RUNNING,   1, 150, 300, in_progress,  50",
        "QUEUED,    1,   0, 300, in_progress,   0",
        "RUNNING,   2,   0,   0, in_progress,   0",
        "RUNNING,   2, 300, 300, in_progress,  99",
        "COMPLETED, 2, 300, 300, completed,   100",
        "COMPLETED, 1,   0,   0, completed,   100",
        "FAILED,    1, 150, 300, failed,       50",
        "CANCELLED, 1, 150, 300, failed,       50",
    })
    void hasTheStatusAndProgressThatClientsKnow(
            JobState state, int attempt, int done, int total, String status, int progress) {
        Job job = job(state, attempt, done, total);
        assertEquals(status, JobJson.Status.of(job).word);
        assertEquals(progress, JobJson.progress(job));
    }

    @Test
    void hasEveryMemberInItsType() throws Exception {
        ObjectNode json = JobJson.render(job(JobState.COMPLETED, 1, 1, 1), "640x384", 100);
        assertEquals(
                "{\"id\":\"video_gen_1\",\"object\":\"video\",\"model\":\"served\",\"prompt\":\"a cat\","
                        + "\"status\":\"completed\",\"progress\":100,\"seconds\":\"5\",\"size\":\"640x384\","
                        + "\"quality\":\"default\",\"created_at\":1700000000,\"completed_at\":1700000003,"
                        + "\"expires_at\":null,\"remixed_from_video_id\":null,\"error\":null,"
                        + "\"media_type\":\"video/mp4\",\"file_name\":\"video_gen_1.mp4\",\"inference_time_s\":2.25,"
                        + "\"stage_durations\":{\"denoise\":1.5},\"peak_memory_mb\":1.5,"
                        + "\"num_frames\":97,\"fps\":24,\"seed\":7}",
                json.toString());
    }

    @Test
    void saysWhyAJobFailed() {
        ObjectNode failed = JobJson.render(job(JobState.FAILED, 1, 1, 2), "1x1", 50);
        assertEquals(
                "{\"code\":\"no_space\",\"message\":\"full\"}",
                failed.get("error").toString());
        assertTrue(
                failed.get("completed_at").isNull() && failed.get("file_name").isNull());
        assertEquals(507, JobJson.httpStatus(new Job.Failure("no_space", "full")));
        assertEquals(
                "cancelled", JobJson.failure(job(JobState.CANCELLED, 1, 1, 2)).code());
    }
}
