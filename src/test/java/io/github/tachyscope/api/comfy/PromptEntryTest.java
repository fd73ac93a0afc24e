package io.github.tachyscope.api.comfy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobState;
import io.github.tachyscope.store.ResultFile;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PromptEntryTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static PromptNotes notes(String type) {
        return new PromptNotes(
                Messages.object().set("9", Messages.object()),
                Messages.object().put("client_id", "c"),
                List.of("9"),
                List.of(new Act("3", "KSampler", Act.Kind.SAMPLE, 0, 20, 40, 2), Act.output("9", type, 0)),
                List.of("4"),
                Optional.empty(),
                List.of());
    }

    private static Job ended(Job job, JobState state, Optional<Job.Failure> failure) {
        return new Job(
                job.id(),
                job.number(),
                job.face(),
                job.model(),
                job.prompt(),
                job.owner(),
                job.priority(),
                state,
                false,
                job.times(),
                job.progress(),
                job.shape(),
                job.seed(),
                job.stageSeconds(),
                0,
                failure,
                1,
                Optional.empty(),
                job.files());
    }

    @Test
    void notesAreReadAsTheyWereWritten() {
        PromptNotes notes = new PromptNotes(
                Messages.object().put("x", 1),
                Messages.object().put("client_id", "c"),
                List.of("9"),
                List.of(Act.quick("4", "Loader", 0), new Act("3", "KSampler", Act.Kind.SAMPLE, 1, 20, 40, 2)),
                List.of("4"),
                Optional.of(new PromptNotes.Blocked("3", "KSampler", "why")),
                List.of("a remark"));
        assertEquals(notes, PromptNotes.parse(notes.toJson()));
        assertEquals(Optional.of("c"), notes.client());
    }

    @Test
    void videosStandUnderTheNamesThatClientsLookFor() throws Exception {
        ResultFile video = new ResultFile(
                "v.mp4",
                ResultFile.Kind.VIDEO,
                "video/mp4",
                1,
                "0".repeat(64),
                "{\"source\":\"9\",\"folder\":\"output\",\"subfolder\":\"video\",\"name\":\"v_00001_.mp4\"}");
        assertEquals(
                JSON.readTree("{\"9\":{\"gifs\":[{\"filename\":\"v_00001_.mp4\",\"subfolder\":\"video\","
                        + "\"type\":\"output\",\"format\":\"video/h264-mp4\"}]}}"),
                new PromptEntry(PromptMessagesTest.job(video), notes("VHS_VideoCombine")).outputs());
        JsonNode saved = new PromptEntry(PromptMessagesTest.job(video), notes("SaveVideo")).outputs();
        assertEquals("[true]", saved.path("9").path("animated").toString());
        assertEquals(
                "v_00001_.mp4",
                saved.path("9").path("images").path(0).path("filename").asText());
        JsonNode pictures = new PromptEntry(PromptMessagesTest.job(video), notes("SaveImage")).outputs();
        assertFalse(pictures.path("9").has("animated"));
        assertEquals(
                0,
                new PromptEntry(PromptMessagesTest.job(video), notes("SaveImageWebsocket"))
                        .outputs()
                        .size());
    }

    @Test
    void endsAreToldInTheWordsThatClientsKnow() {
        Job job = PromptMessagesTest.job();
        JsonNode failed = new PromptEntry(
                        ended(job, JobState.FAILED, Optional.of(new Job.Failure("out_of_memory", "too large"))),
                        notes("SaveImage"))
                .ended();
        JsonNode error = failed.path("status").path("messages").path(2);
        assertEquals("execution_error", error.path(0).asText());
        assertEquals(
                "torch.OutOfMemoryError", error.path(1).path("exception_type").asText());
        assertEquals("too large", error.path(1).path("exception_message").asText());
        assertEquals("3", error.path(1).path("node_id").asText());
        assertEquals("error", failed.path("status").path("status_str").asText());
        JsonNode interrupted =
                new PromptEntry(ended(job, JobState.CANCELLED, Optional.empty()), notes("SaveImage")).ended();
        assertEquals(
                "execution_interrupted",
                interrupted.path("status").path("messages").path(2).path(0).asText());
        assertEquals(0, interrupted.path("outputs").size());
    }

    @Test
    void wholeNumbersHaveNoPoint() {
        assertEquals("3", PromptEntry.number(3).toString());
        assertEquals("-2", PromptEntry.number(-2).toString());
        assertEquals("0.5", PromptEntry.number(0.5).toString());
    }
}
