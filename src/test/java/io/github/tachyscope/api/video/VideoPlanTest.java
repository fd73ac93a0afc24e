package io.github.tachyscope.api.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.passthrough.PassthroughProvider;
import io.github.tachyscope.diffusion.synthetic.SyntheticProvider;
import io.github.tachyscope.diffusion.tiny.TinyProvider;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.session.job.Footage;
import io.github.tachyscope.session.job.JobPlan;
import io.github.tachyscope.session.job.Keep;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VideoPlanTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PipelineSpec SYNTHETIC = new SyntheticProvider().spec();
    private static final Footage PICTURE = new Footage.Picture(Path.of("picture.png"));

    private static VideoRequest request(String members) {
        String text = "{'prompt':'a cat'" + (members.isBlank() ? "" : "," + members) + "}";
        try {
            return VideoRequest.read((ObjectNode) JSON.readTree(text.replace('\'', '"')));
        } catch (JsonProcessingException broken) {
            throw new IllegalArgumentException(text, broken);
        }
    }

    private static JobPlan plan(String members) {
        return VideoPlan.of(request(members), SYNTHETIC, Optional.empty(), 7, 1000);
    }

    private static JsonNode first(JobPlan plan) {
        return plan.schedule().at(0).toJson();
    }

    @Test
    void makesAPlanForThePipelinesOwnSizeByDefault() throws Exception {
        JobPlan plan = plan("");
        assertEquals("synthetic", plan.pipeline());
        assertEquals(InputMode.TEXT, plan.mode());
        assertEquals(Optional.empty(), plan.size());
        assertEquals(24, plan.fps());
        assertEquals(List.of(new Keep.Mp4("", Optional.empty(), plan.fps())), plan.keep());
        assertEquals(
                JSON.readTree("{\"prompts\":[{\"text\":\"a cat\",\"weight\":100}],\"base_seed\":7}"),
                JSON.readTree(first(plan).toString()));
    }

    /** Chunks of synthetic have 9 frames, then 12. */
    @ParameterizedTest
    @CsvSource({"1,9", "9,9", "10,21", "21,21", "22,33", "96,105"})
    void roundsUpToWholeChunks(int asked, int made) {
        assertEquals(made, plan("'num_frames':" + asked).frames());
    }

    @Test
    void makesAsManyFramesAsAreAskedForWhereChunksAreSingleFrames() {
        PipelineSpec tiny = new TinyProvider().spec();
        assertEquals(
                5,
                VideoPlan.of(request("'num_frames':5"), tiny, Optional.empty(), 7, 1000)
                        .frames());
    }

    @Test
    void takesAReferenceAsTheFootageOfVideoMode() {
        JobPlan plan = VideoPlan.of(request(""), SYNTHETIC, Optional.of(PICTURE), 7, 1000);
        assertEquals(InputMode.VIDEO, plan.mode());
        assertEquals(Optional.of(PICTURE), plan.footage());
    }

    @Test
    void asksForAReferenceWhereThePipelineNeedsOne() {
        PipelineSpec passthrough = new PassthroughProvider().spec();
        FieldRejected rejected = assertThrows(
                FieldRejected.class, () -> VideoPlan.of(request(""), passthrough, Optional.empty(), 7, 1000));
        assertEquals("input_reference", rejected.field());
    }

    @Test
    void takesASizeThatFits() {
        assertEquals(
                Optional.of(new PictureSize(640, 384)), plan("'size':'640x384'").size());
    }

    @ParameterizedTest
    @CsvSource({"641x384,width", "640x383,height", "32x64,width", "640x4096,height", "60000x64,width"})
    void namesTheStepAndRangeOfSidesWhereASizeDoesNotFit(String size, String field) {
        FieldRejected rejected = assertThrows(FieldRejected.class, () -> plan("'size':'" + size + "'"));
        assertEquals(field, rejected.field());
        assertTrue(rejected.getMessage().contains("multiples of 16 from 64 to 2048"), rejected.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"'num_frames':1001|num_frames", "'seconds':'1000'|seconds"})
    void refusesAVideoThatIsTooLongAndNamesTheSetting(String member, String field) {
        FieldRejected rejected = assertThrows(FieldRejected.class, () -> plan(member));
        assertEquals(field, rejected.field());
        assertTrue(rejected.getMessage().contains("tachyscope.video.max-frames"), rejected.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | [1000]",
                "2 | [1000,500]",
                "3 | [1000,667,333]",
                "4 | [1000,750,500,250]",
                "5 | [1000,800,600,400,200]",
                "8 | [1000,875,750,625,500,375,250,125]"
            })
    void spreadsStepsAsThePipelineDoes(int count, String list) {
        assertEquals(
                list,
                first(plan("'num_inference_steps':" + count))
                        .get("denoising_step_list")
                        .toString());
    }

    @Test
    void keepsTimestepsFallingHoweverManyThereAre() {
        for (PipelineSpec spec : new PipelineSpec[] {SYNTHETIC, new TinyProvider().spec()}) {
            int most = Math.min(50, spec.modes().get(InputMode.TEXT).mostDenoisingSteps());
            for (int count = 1; count <= most; count++) {
                JobPlan plan = VideoPlan.of(request("'num_inference_steps':" + count), spec, Optional.empty(), 7, 1000);
                assertEquals(
                        java.util.List.of(),
                        spec.parameters().checkRuntime(plan.schedule().at(0)).refused(),
                        spec.id() + " with " + count);
            }
        }
    }

    @Test
    void moreStepsThanThePipelineTakesAreRefusedWithItsLimit() {
        FieldRejected refusal = assertThrows(
                FieldRejected.class,
                () -> VideoPlan.of(
                        request("'num_inference_steps':8"), new TinyProvider().spec(), Optional.empty(), 7, 1000));
        assertEquals("num_inference_steps", refusal.field());
        assertTrue(refusal.getMessage().contains("at most 7"), refusal.getMessage());
    }

    @Test
    void passesOnOnlyWhatThePipelineKnows() {
        JsonNode parameters = first(plan("'guidance_scale':5,'negative_prompt':'rain',"
                + "'extra_params':{'noise_scale':0.25,'unknown':1,'step_cost_ms':3}"));
        assertEquals(0.25, parameters.get("noise_scale").asDouble());
        // Fixed when the pipeline was loaded; the check of the plan says so.
        assertTrue(parameters.has("step_cost_ms"));
        for (String unknown : new String[] {"guidance_scale", "negative_prompt", "unknown", "num_inference_steps"}) {
            assertTrue(!parameters.has(unknown), unknown);
        }
    }

    @Test
    void refusesAnAdapterThatThePipelineCannotTake() {
        assertEquals(
                "lora",
                assertThrows(FieldRejected.class, () -> plan("'lora':{'name':'x'}"))
                        .field());
    }

    @Test
    void handsTheWishesForTheEncoderOn() {
        assertEquals(
                Map.of("crf", "20"),
                plan("'extra_params':{'video_codec_options':{'crf':'20'}}").encoder());
    }

    @Test
    void takesTheSeedOfTheRequestOrOneByChance() {
        assertEquals(5, VideoPlan.seed(request("'seed':5")));
        long first = VideoPlan.seed(request(""));
        boolean changes = false;
        for (int i = 0; i < 50; i++) {
            changes |= VideoPlan.seed(request("")) != first;
        }
        assertTrue(changes);
    }

    @Test
    void saysThePromptsOfKeyframesAtTheirChunks() {
        JobPlan plan = plan("'num_frames':60,'extra_params':{'keyframes':["
                + "{'chunk':1,'prompt':'a dog'},{'chunk':3,'prompt':'a fish','transition_chunks':2},"
                + "{'chunk':400,'prompt':'too late'}]}");
        assertEquals(57 + 12, plan.frames());
        assertEquals("{}", plan.schedule().at(2).toJson().toString());
        assertEquals(
                "{\"prompts\":[{\"text\":\"a dog\",\"weight\":100}]}",
                plan.schedule().at(1).toJson().toString());
        JsonNode transition = plan.schedule().at(3).toJson().path("transition");
        assertEquals(
                "a fish", transition.path("target_prompts").path(0).path("text").asText());
        assertEquals(3, transition.path("num_steps").asInt(), "the first chunk of three shows the source");
        assertEquals(4, plan.schedule().length());
    }

    @Test
    void countsTransitionsInFramesWhereAPipelineMakesThemOneByOne() {
        PipelineSpec tiny = new TinyProvider().spec();
        VideoRequest request = request(
                "'num_frames':60,'extra_params':{'keyframes':[{'chunk':1,'prompt':'a dog','transition_chunks':2}]}");
        JobPlan plan = VideoPlan.of(request, tiny, Optional.empty(), 7, 1000);
        assertEquals(
                25,
                plan.schedule()
                        .at(1)
                        .toJson()
                        .path("transition")
                        .path("num_steps")
                        .asInt());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "7                                                      | keyframes must be a list",
                "[{'prompt':'a'}]                                       | keyframes[0].chunk must be",
                "[{'chunk':1.5,'prompt':'a'}]                           | keyframes[0].chunk must be",
                "[{'chunk':1,'prompt':' '}]                             | keyframes[0].prompt must be",
                "[{'chunk':1,'prompt':'a','transition_chunks':-1}]      | keyframes[0].transition_chunks must be",
                "[{'chunk':1,'prompt':'a'},{'chunk':1,'prompt':'b'}]    | keyframes[1].chunk is 1 like",
            },
            quoteCharacter = '~')
    void refusesKeyframesThatCannotBeUnderstood(String keyframes, String message) {
        FieldRejected rejected =
                assertThrows(FieldRejected.class, () -> plan("'extra_params':{'keyframes':" + keyframes + "}"));
        assertTrue(rejected.getMessage().contains(message), rejected.getMessage());
    }
}
