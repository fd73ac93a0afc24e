package io.github.tachyscope.api.comfy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobState;
import io.github.tachyscope.store.ResultFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PromptMessagesTest {
    private static final List<Act> GRAPH = List.of(
            Act.quick("4", "CheckpointLoaderSimple", 0),
            Act.quick("6", "CLIPTextEncode", 0),
            Act.quick("5", "EmptyLatentImage", 0),
            new Act("3", "KSampler", Act.Kind.SAMPLE, 0, 3, 3, 1),
            Act.quick("8", "VAEDecode", 0),
            Act.output("9", "SaveImage", 0));

    private final List<String> heard = new ArrayList<>();
    private long now = 1_000;

    private PromptMessages messages(List<Act> acts, String... cached) {
        return new PromptMessages("p", acts, Set.of(cached), () -> now++);
    }

    private void hear(List<Told> told) {
        for (Told each : told) {
            if (each instanceof Told.Text text) {
                heard.add(brief(text.message()) + (text.toAll() ? " to all" : ""));
            } else if (each instanceof Told.Preview preview) {
                heard.add("preview " + preview.node());
            } else if (each instanceof Told.Picture picture) {
                heard.add("picture " + picture.file().name());
            }
        }
    }

    private static String brief(ObjectNode message) {
        JsonNode data = message.path("data");
        String type = message.path("type").asText();
        return switch (type) {
            case "executing", "executed" -> type + " " + data.path("node").asText();
            case "progress" ->
                type + " " + data.path("value").asInt() + "/" + data.path("max").asInt();
            case "execution_cached" -> type + " " + data.path("nodes");
            case "execution_error", "execution_interrupted" ->
                type + " " + data.path("node_id").asText();
            default -> type;
        };
    }

    private List<String> heardWithoutStates() {
        return heard.stream().filter(text -> !text.equals("progress_state")).toList();
    }

    static Job job(ResultFile... files) {
        return new Job(
                "p",
                1,
                "comfy",
                "m",
                "",
                "",
                1,
                JobState.COMPLETED,
                false,
                new Job.Times(1, OptionalLong.of(2), OptionalLong.of(3), OptionalLong.empty()),
                Job.Progress.NONE,
                new Job.Shape(1, 1, 1, 1),
                0,
                Map.of(),
                0,
                Optional.empty(),
                1,
                Optional.empty(),
                List.of(files));
    }

    static ResultFile file(String node, String name) {
        return new ResultFile(
                name,
                ResultFile.Kind.IMAGE,
                "image/png",
                1,
                "0".repeat(64),
                "{\"source\":\"" + node + "\",\"folder\":\"output\",\"subfolder\":\"sub\",\"name\":\"" + name + "\"}");
    }

    @Test
    void aPromptIsToldInTheOrderThatClientsRelyOn() {
        PromptMessages messages = messages(GRAPH);
        hear(messages.started(0));
        assertEquals(Optional.of("3"), messages.node());
        hear(messages.stepped(0, StepKind.TEXT_ENCODE));
        for (int i = 0; i < 3; i++) {
            hear(messages.stepped(0, StepKind.DENOISE));
            hear(messages.previewed(0, List.of(new byte[1])));
        }
        hear(messages.stepped(0, StepKind.DECODE));
        assertEquals(Optional.of("8"), messages.node());
        hear(messages.previewed(0, List.of(new byte[1])));
        hear(messages.completed(new Outputs(job(file("9", "a_00001_.png")))));
        assertEquals(
                List.of(
                        "execution_start",
                        "execution_cached []",
                        "executing 4",
                        "executing 6",
                        "executing 5",
                        "executing 3",
                        "progress 1/3",
                        "preview 3",
                        "progress 2/3",
                        "preview 3",
                        "progress 3/3",
                        "preview 3",
                        "executing 8",
                        "executing 9",
                        "executed 9",
                        "execution_success"),
                heardWithoutStates());
        assertEquals(Optional.empty(), messages.node());
    }

    @Test
    void cachedNodesAreNamedAndNotExecuted() {
        PromptMessages messages = messages(GRAPH, "4", "6");
        hear(messages.started(0));
        assertEquals(
                List.of("execution_start", "execution_cached [\"4\",\"6\"]", "executing 5", "executing 3"),
                heardWithoutStates());
    }

    @Test
    void whatWasMissedIsMadeUpForAtTheEnd() {
        PromptMessages messages = messages(GRAPH);
        hear(messages.completed(new Outputs(job(file("9", "a.png")))));
        assertEquals(
                List.of(
                        "execution_start",
                        "execution_cached []",
                        "executing 4",
                        "executing 6",
                        "executing 5",
                        "executing 3",
                        "progress 3/3",
                        "executing 8",
                        "executing 9",
                        "executed 9",
                        "execution_success"),
                heardWithoutStates());
    }

    @Test
    void stepsOfManyChunksAndOfTwoCallsEachComeToTheStepsOfTheGraph() {
        // 4 steps of 2 calls, in 3 chunks.
        PromptMessages messages = messages(
                List.of(new Act("3", "KSampler", Act.Kind.SAMPLE, 0, 4, 8, 3), Act.output("9", "SaveImage", 0)));
        hear(messages.started(0));
        for (int chunk = 0; chunk < 3; chunk++) {
            for (int call = 0; call < 8; call++) {
                hear(messages.stepped(0, StepKind.DENOISE));
            }
            hear(messages.stepped(0, StepKind.DECODE));
        }
        assertEquals(
                List.of("progress 1/4", "progress 2/4", "progress 3/4", "progress 4/4"),
                heard.stream().filter(text -> text.startsWith("progress ")).toList());
        assertEquals(Optional.of("9"), messages.node());
    }

    @Test
    void twoSamplersComeOneAfterTheOther() {
        PromptMessages messages = messages(List.of(
                new Act("3", "KSampler", Act.Kind.SAMPLE, 0, 1, 1, 1),
                Act.quick("8", "VAEDecode", 0),
                Act.quick("14", "CLIPTextEncode", 1),
                new Act("13", "KSampler", Act.Kind.SAMPLE, 1, 1, 1, 1),
                Act.output("9", "SaveImage", 0),
                Act.output("19", "SaveImage", 1)));
        hear(messages.started(0));
        hear(messages.stepped(0, StepKind.DENOISE));
        hear(messages.started(1));
        assertEquals(Optional.of("13"), messages.node());
        hear(messages.stepped(0, StepKind.DENOISE));
        hear(messages.completed(new Outputs(job(file("9", "a.png"), file("19", "b.png")))));
        assertEquals(
                List.of(
                        "execution_start",
                        "execution_cached []",
                        "executing 3",
                        "progress 1/1",
                        "executing 8",
                        "executing 14",
                        "executing 13",
                        "progress 1/1",
                        "executing 9",
                        "executed 9",
                        "executing 19",
                        "executed 19",
                        "execution_success"),
                heardWithoutStates());
    }

    @Test
    void anAttemptThatBeginsAnewDoesNotGoBack() {
        PromptMessages messages = messages(GRAPH);
        hear(messages.started(0));
        hear(messages.stepped(0, StepKind.DENOISE));
        hear(messages.stepped(0, StepKind.DENOISE));
        heard.clear();
        hear(messages.started(0));
        hear(messages.stepped(0, StepKind.DENOISE));
        hear(messages.stepped(0, StepKind.DENOISE));
        assertEquals(List.of(), heardWithoutStates());
        hear(messages.stepped(0, StepKind.DENOISE));
        assertEquals(List.of("progress 3/3"), heardWithoutStates());
    }

    @Test
    void picturesForTheSocketAreSentWhileTheirNodeIsExecuted() {
        PromptMessages messages = messages(List.of(
                new Act("3", "KSampler", Act.Kind.SAMPLE, 0, 1, 1, 1), Act.output("9", "SaveImageWebsocket", 0)));
        hear(messages.completed(new Outputs(job(file("9", "a.png"), file("9", "b.png")))));
        assertEquals(
                List.of("executing 9", "picture a.png", "picture b.png", "execution_success"),
                heardWithoutStates().subList(4, 8));
    }

    @Test
    void anErrorIsThatOfTheNodeThatRanAndAnInterruptIsForAll() {
        PromptMessages failed = messages(GRAPH);
        hear(failed.started(0));
        hear(failed.failed(new Failing("torch.OutOfMemoryError", "no memory"), Optional.empty()));
        assertEquals("execution_error 3", heard.get(heard.size() - 1));
        assertTrue(heard.stream().noneMatch("execution_success"::equals));
        PromptMessages interrupted = messages(GRAPH);
        hear(interrupted.started(0));
        hear(interrupted.interrupted());
        assertEquals("execution_interrupted 3 to all", heard.get(heard.size() - 1));
        int before = heard.size();
        hear(interrupted.interrupted());
        assertEquals(before, heard.size());
    }

    @Test
    void aGraphThatCannotRunFailsAtItsNode() {
        PromptMessages messages = messages(List.of(Act.quick("3", "KSampler", 0)));
        hear(messages.failed(new Failing("ValueError", "two in a row"), Optional.of(Act.quick("3", "KSampler", 0))));
        assertEquals("execution_error 3", heard.get(heard.size() - 1));
    }

    @Test
    void statesNameEveryNodeThatRanAndLeaveOutThoseThatWait() {
        PromptMessages messages = messages(GRAPH);
        ObjectNode last = null;
        List<Told> told = new ArrayList<>(messages.started(0));
        told.addAll(messages.stepped(0, StepKind.DENOISE));
        for (Told each : told) {
            if (each instanceof Told.Text text
                    && text.message().path("type").asText().equals("progress_state")) {
                last = text.message();
            }
        }
        JsonNode nodes = java.util.Objects.requireNonNull(last).path("data").path("nodes");
        assertEquals(
                Set.of("4", "6", "5", "3"),
                nodes.properties().stream().map(Map.Entry::getKey).collect(java.util.stream.Collectors.toSet()));
        assertEquals("finished", nodes.path("4").path("state").asText());
        assertEquals("running", nodes.path("3").path("state").asText());
        assertEquals(1, nodes.path("3").path("value").asInt());
        assertEquals(3, nodes.path("3").path("max").asInt());
    }

    @Test
    void aGraphOfThousandsOfNodesDoesNotMakeMessagesThatGrowWithTheirSquare() {
        List<Act> acts = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            acts.add(Act.quick("n" + i, "LoraLoader", 0));
        }
        acts.add(new Act("3", "KSampler", Act.Kind.SAMPLE, 0, 1, 1, 1));
        long chars = 0;
        for (Told each : messages(acts).started(0)) {
            chars += ((Told.Text) each).message().toString().length();
        }
        assertTrue(chars < 10_000_000, chars + " characters");
    }
}
