package io.github.tachyscope.diffusion.streamdiffusion;

import static io.github.tachyscope.diffusion.streamdiffusion.Rig.distance;
import static io.github.tachyscope.diffusion.streamdiffusion.Rig.kind;
import static io.github.tachyscope.diffusion.streamdiffusion.Rig.picture;
import static io.github.tachyscope.diffusion.streamdiffusion.Rig.plan;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.Economy;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Torch;
import io.github.tachyscope.tensor.Weights;
import io.github.tachyscope.testkit.NativeObjects;
import io.github.tachyscope.testkit.SmallModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state machine of a session, over small networks. */
class StreamGenerationTest {
    /** Other batch sizes sum in another order. */
    private static final double ROUNDING = 1e-5;

    @TempDir
    static Path folder;

    private static Rig rig;
    private static Rig pairs;

    @BeforeAll
    static void load() {
        Torch.useThreads(1);
        SmallModels models = SmallModels.in(folder);
        rig = Rig.of(models, Rig.light(SmallModels.SD15));
        LoadRequest alone = Rig.light(SmallModels.SD15);
        pairs = Rig.of(models, new LoadRequest(alone.model(), Rig.SIDE, Rig.SIDE, 2));
    }

    @AfterAll
    static void close() {
        rig.close();
        pairs.close();
    }

    private static StreamGeneration film(String parameters) {
        return rig.open(InputMode.VIDEO, parameters);
    }

    @Test
    void aFrameGoesThroughTextEncodingDenoisingAndDecoding() {
        try (StreamGeneration one = film("{'prompts':['a sea of its own'],'t_index_list':[32]}")) {
            assertEquals(NextStep.NeedsDemand.INSTANCE, one.next(Lane.CODEC));
            one.demand();
            assertEquals(new NextStep.NeedsInput(1), one.next(Lane.CODEC));
            one.feed(List.of(picture(1)));
            assertEquals(Optional.of(StepKind.TEXT_ENCODE), kind(one, Lane.TEXT));
            assertEquals(Optional.of(StepKind.IMAGE_ENCODE), kind(one, Lane.CODEC));
            assertEquals(Optional.empty(), kind(one, Lane.DENOISE));
            rig.step(Lane.CODEC, one);
            assertEquals(Optional.empty(), kind(one, Lane.DENOISE), "the prompt is not encoded yet");
            rig.step(Lane.TEXT, one);
            assertEquals(1, plan(one, Lane.DENOISE).orElseThrow().stepsLeft());
            rig.step(Lane.DENOISE, one);
            assertEquals(Optional.of(StepKind.DECODE), kind(one, Lane.CODEC));
            assertEquals(1, rig.step(Lane.CODEC, one).size());
            assertEquals(NextStep.NeedsDemand.INSTANCE, one.next(Lane.DENOISE));
        }
    }

    @Test
    void theFirstFrameFillsTheStreamAndEveryLaterOneTakesOneCall() {
        try (StreamGeneration one = film("{'t_index_list':[10,20,30]}")) {
            for (int frame = 0; frame < 4; frame++) {
                one.feed(List.of(picture(frame)));
                one.demand();
                int calls = 0;
                List<byte[]> shown = List.of();
                while (shown.isEmpty()) {
                    for (Lane lane : Lane.values()) {
                        if (plan(one, lane).isPresent()) {
                            calls += lane == Lane.DENOISE ? 1 : 0;
                            shown = rig.step(lane, one);
                        }
                    }
                }
                assertEquals(frame == 0 ? 3 : 1, calls, "frame " + frame);
            }
        }
    }

    @Test
    void aFrameComesOutAfterAsManyFramesAsThereAreFurtherSteps() {
        float[][] still = new float[1][];
        try (StreamGeneration one = film("{'t_index_list':[10,20,30]}")) {
            still[0] = rig.filmed(one, picture(5));
        }
        try (StreamGeneration one = film("{'t_index_list':[10,20,30]}")) {
            for (int i = 0; i < 3; i++) {
                rig.film(one, picture(i));
            }
            rig.film(one, picture(5));
            assertTrue(distance(rig.filmed(one, picture(6)), still[0]) > 0.01);
            assertTrue(distance(rig.filmed(one, picture(7)), still[0]) < ROUNDING, "two frames later");
        }
    }

    @Test
    void stepsOneByOneGiveTheSamePicturesWithoutDelay() {
        for (String guidance : List.of(
                "'cfg_type':'none'",
                "'cfg_type':'self','guidance_scale':1.3,'delta':0.7",
                "'cfg_type':'full','guidance_scale':1.8,'negative_prompt':'fog'",
                "'cfg_type':'initialize','guidance_scale':1.4,'negative_prompt':'fog'",
                "'cfg_type':'self','guidance_scale':1.3,'do_add_noise':false")) {
            float[] streamed;
            try (StreamGeneration one = film("{'prompts':['a cat'],'t_index_list':[15,25,40]," + guidance + "}")) {
                streamed = rig.filmed(one, picture(3));
            }
            try (StreamGeneration one = film("{'prompts':['a cat'],'t_index_list':[15,25,40],"
                    + "'use_denoising_batch':false," + guidance + "}")) {
                rig.film(one, picture(2));
                double distance = distance(rig.filmed(one, picture(3)), streamed);
                assertTrue(distance < 1e-4, guidance + ": " + distance);
            }
        }
    }

    @Test
    void aSingleEulerStepIsThatOfTheStream() {
        List<float[]> shown = new ArrayList<>();
        for (String sampler : List.of("lcm", "euler", "euler_ancestral")) {
            // Timestep 499 in either schedule.
            String wish = "{'prompts':['a cat'],'t_index_list':[25],'cfg_type':'full','guidance_scale':1.5,'sampler':'"
                    + sampler + "'}";
            try (StreamGeneration one = film(wish)) {
                shown.add(rig.filmed(one, picture(3)));
            }
        }
        assertTrue(distance(shown.get(0), shown.get(1)) < 1e-4, "" + distance(shown.get(0), shown.get(1)));
        assertTrue(distance(shown.get(1), shown.get(2)) < 1e-4);
    }

    @Test
    void eulerStepsMakeTextPicturesOfEveryLength() {
        for (int steps = 1; steps <= 4; steps++) {
            String indices = List.of(0, 10, 20, 30).subList(0, steps).toString();
            for (String sampler : List.of("euler", "euler_ancestral")) {
                List<float[]> twice = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    try (StreamGeneration one =
                            rig.open(InputMode.TEXT, "{'sampler':'" + sampler + "','t_index_list':" + indices + "}")) {
                        rig.paint(one);
                        twice.add(rig.last());
                    }
                }
                assertArrayEquals(twice.get(0), twice.get(1));
                for (float number : twice.get(0)) {
                    assertTrue(Math.abs(number) < 1000, sampler + " " + indices + ": " + number);
                }
            }
        }
    }

    @Test
    void twoSessionsInOneBatchAreAsEachAlone() {
        List<String> wishes = List.of(
                "{'prompts':['a cat'],'t_index_list':[25,40],'base_seed':1,'guidance_scale':1.3}",
                "{'prompts':['a dog'],'t_index_list':[30,45],'base_seed':2,'guidance_scale':1.5,'delta':0.5}");
        List<float[]> alone = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            try (StreamGeneration one = film(wishes.get(i))) {
                for (int frame = 0; frame < 3; frame++) {
                    alone.add(rig.filmed(one, picture(10 * i + frame)));
                }
            }
        }
        try (StreamGeneration one = film(wishes.get(0));
                StreamGeneration two = film(wishes.get(1))) {
            List<StreamGeneration> both = List.of(one, two);
            for (int frame = 0; frame < 3; frame++) {
                for (int i = 0; i < 2; i++) {
                    both.get(i).feed(List.of(picture(10 * i + frame)));
                    both.get(i).demand();
                }
                int shown = 0;
                while (shown == 0) {
                    for (Lane lane : List.of(Lane.TEXT, Lane.DENOISE, Lane.CODEC)) {
                        Optional<StepPlan> plan = plan(one, lane);
                        if (plan.isPresent()) {
                            assertEquals(
                                    plan.get().key(),
                                    plan(two, lane).orElseThrow().key(),
                                    "one batch");
                            List<StepResult> results = rig.run(lane, both);
                            for (int i = 0; i < 2; i++) {
                                shown += rig.commit(both.get(i), results.get(i)).size();
                            }
                        }
                    }
                }
                for (int i = 0; i < 2; i++) {
                    float[] together = rig.latents.get(rig.latents.size() - 2 + i);
                    double distance = distance(together, alone.get(3 * i + frame));
                    assertTrue(distance < ROUNDING, "session " + i + ", frame " + frame + ": " + distance);
                }
            }
        }
    }

    @Test
    void onlyWhatMustAgreeIsInTheBatchKey() {
        String usual = "'t_index_list':[10,30],'guidance_scale':1.5,'cfg_type':'full'";
        Object key = denoiseKey("{" + usual + "}");
        for (String other : List.of("'base_seed':9", "'prompts':['a dog']", "'negative_prompt':'x'", "'delta':0.5")) {
            assertEquals(key, denoiseKey("{" + usual + "," + other + "}"), other);
        }
        assertEquals(key, denoiseKey("{'t_index_list':[12,33],'guidance_scale':1.9,'cfg_type':'full'}"));
        for (String other : List.of(
                "'t_index_list':[10],'guidance_scale':1.5,'cfg_type':'full'",
                "'t_index_list':[10,30],'guidance_scale':1.5,'cfg_type':'self'",
                "'t_index_list':[10,30],'guidance_scale':1.5,'cfg_type':'initialize'",
                usual + ",'prompts':[{'text':'(\\\"a\\\", \\\"b\\\").and()'}]")) {
            assertNotEquals(key, denoiseKey("{" + other + "}"), other);
        }
    }

    private static Object denoiseKey(String parameters) {
        try (StreamGeneration one = film(parameters)) {
            one.feed(List.of(picture(1)));
            one.demand();
            rig.step(Lane.CODEC, one);
            if (plan(one, Lane.TEXT).isPresent()) {
                rig.step(Lane.TEXT, one);
            }
            return plan(one, Lane.DENOISE).orElseThrow().key();
        }
    }

    @Test
    void overlappingLanesChangeNoNumber() {
        String wish = "{'prompts':['a'],'t_index_list':[10,30],'guidance_scale':1.4}";
        List<float[]> alone = new ArrayList<>();
        try (StreamGeneration one = film(wish)) {
            for (int i = 0; i < 6; i++) {
                alone.add(rig.filmed(one, picture(i)));
            }
        }
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (StreamGeneration one = film(wish)) {
            int fed = 0;
            int done = 0;
            while (done < alone.size()) {
                if (fed < alone.size() && fed < done + 2) {
                    one.feed(List.of(picture(fed++)));
                    one.demand();
                }
                Lane lane = Lane.values()[random.nextInt(3)];
                if (plan(one, lane).isPresent() && !rig.step(lane, one).isEmpty()) {
                    assertArrayEquals(alone.get(done), rig.last(), "frame " + done + ", seed " + seed);
                    done++;
                }
            }
        }
    }

    @Test
    void aStepThatThrowsOrADroppedFrameLeavesTheStreamAsItWas() {
        String wish = "{'prompts':['a'],'t_index_list':[10,30],'guidance_scale':1.4}";
        List<float[]> undisturbed = new ArrayList<>();
        try (StreamGeneration one = film(wish)) {
            for (int i = 0; i < 4; i++) {
                undisturbed.add(rig.filmed(one, picture(i)));
            }
        }
        long before = Pointer.totalCount();
        try (StreamGeneration one = film(wish)) {
            assertArrayEquals(undisturbed.get(0), rig.filmed(one, picture(0)));
            assertArrayEquals(undisturbed.get(1), rig.filmed(one, picture(1)));
            for (int stepsBefore = 0; stepsBefore < 3; stepsBefore++) {
                one.feed(List.of(picture(99)));
                one.demand();
                List<Lane> way = List.of(Lane.CODEC, Lane.DENOISE, Lane.CODEC);
                for (int i = 0; i < stepsBefore; i++) {
                    rig.step(way.get(i), one);
                }
                // Computed, and then thrown away.
                rig.run(way.get(stepsBefore), List.of(one)).forEach(StepResult::discard);
                one.dropChunk();
            }
            one.feed(List.of(picture(98)));
            one.demand();
            rig.step(Lane.CODEC, one);
            Tensor weight = matrix();
            weight.t_();
            one.begin(Lane.DENOISE);
            assertThrows(RuntimeException.class, () -> rig.pipeline.run(Lane.DENOISE, List.of(one)));
            weight.t_();
            one.dropChunk();
            assertArrayEquals(undisturbed.get(2), rig.filmed(one, picture(2)));
            assertArrayEquals(undisturbed.get(3), rig.filmed(one, picture(3)));
        }
        NativeObjects.assertNoMoreThan(before + 1, "native objects left behind");
    }

    /** A matrix of the denoiser that no step can multiply with while it is turned. */
    private static Tensor matrix() {
        return rig.model.owned().stream()
                .filter(Weights.class::isInstance)
                .map(owned -> ((Weights) owned).parameters())
                .map(all -> all.get("mid_block.attentions.0.transformer_blocks.0.ff.net.2.weight"))
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aClosedSessionLeavesNothingBehind() {
        try (StreamGeneration first = film("{}")) {
            rig.film(first, picture(1));
        }
        long before = Pointer.totalCount();
        for (String wish :
                List.of("{'t_index_list':[10,30]}", "{'t_index_list':[10,30],'use_denoising_batch':false}")) {
            StreamGeneration one = film(wish);
            rig.film(one, picture(1));
            one.feed(List.of(picture(2)));
            one.demand();
            rig.step(Lane.CODEC, one);
            rig.step(Lane.DENOISE, one);
            one.close();
        }
        NativeObjects.assertNoMoreThan(before);
    }

    @Test
    void framesInFlightSurviveOtherTimestepsAndSeedsButNotAnotherNumberOfSteps() {
        try (StreamGeneration one = film("{'t_index_list':[10,30]}")) {
            rig.film(one, picture(0));
            for (String patch : List.of("{'t_index_list':[12,34]}", "{'base_seed':8}", "{'num_inference_steps':40}")) {
                rig.patch(one, patch);
                assertEquals(1, calls(one), patch);
            }
            rig.patch(one, "{'t_index_list':[12,24,36]}");
            assertEquals(3, calls(one));
            rig.patch(one, "{'strength':0.5}");
            assertEquals(1, calls(one));
            one.economize(Set.of(Economy.FEWER_STEPS));
            assertEquals(2, calls(one), "every second of three steps");
            one.economize(Set.of());
            assertEquals(3, calls(one));
        }
    }

    /** Calls of the denoiser that the next frame takes. */
    private static int calls(StreamGeneration one) {
        one.feed(List.of(picture(4)));
        one.demand();
        int calls = 0;
        while (true) {
            for (Lane lane : List.of(Lane.TEXT, Lane.DENOISE, Lane.CODEC)) {
                if (plan(one, lane).isPresent()) {
                    calls += lane == Lane.DENOISE ? 1 : 0;
                    if (!rig.step(lane, one).isEmpty()) {
                        return calls;
                    }
                }
            }
        }
    }

    @Test
    void aTransitionBeginsAtTheOldPromptAndEndsAtTheNewOne() {
        List<float[]> moving = new ArrayList<>();
        float[] start;
        float[] end;
        try (StreamGeneration one = film("{'prompts':['a cat'],'t_index_list':[10]}")) {
            start = rig.filmed(one, picture(1));
            rig.patch(one, "{'transition':{'target_prompts':['a dog'],'num_steps':3}}");
            for (int i = 0; i < 4; i++) {
                moving.add(rig.filmed(one, picture(1)));
            }
        }
        try (StreamGeneration one = film("{'prompts':['a dog'],'t_index_list':[10]}")) {
            rig.film(one, picture(1));
            end = rig.filmed(one, picture(1));
        }
        assertTrue(distance(moving.get(1), start) > 1e-4 && distance(moving.get(1), end) > 1e-4, "between");
        assertTrue(distance(moving.get(2), end) < distance(moving.get(1), end));
        assertTrue(distance(moving.get(3), end) < 1e-3);
    }

    @Test
    void otherChangesLeaveATransitionAloneAndPromptsEndIt() {
        // Nothing in between; a change before the text is encoded; one on the way; the target set at once.
        for (String between : List.of("", "first", "later", "prompts")) {
            try (StreamGeneration one = film("{'prompts':['a cat'],'t_index_list':[10],'cfg_type':'none'}")) {
                rig.film(one, picture(1));
                rig.patch(one, "{'transition':{'target_prompts':['tall trees in " + between + "'],'num_steps':4}}");
                if (between.equals("first")) {
                    rig.patch(one, "{'delta':0.5,'negative_prompt':'fog'}");
                }
                rig.film(one, picture(1));
                if (between.equals("later")) {
                    rig.patch(one, "{'delta':0.5,'negative_prompt':'rain'}");
                } else if (between.equals("prompts")) {
                    rig.patch(one, "{'prompts':['tall trees in " + between + "']}");
                }
                float[] second = rig.filmed(one, picture(1));
                for (int i = 0; i < 3; i++) {
                    rig.film(one, picture(1));
                }
                double left = distance(second, rig.last());
                assertTrue(between.equals("prompts") ? left < 1e-5 : left > 1e-4, between + ": " + left);
            }
        }
    }

    @Test
    void similarFramesShowTheLastPictureAgainAndNeverMoreOftenThanAllowed() {
        try (StreamGeneration one = film("{'t_index_list':[10],'similar_image_filter_enabled':true,"
                + "'similar_image_filter_threshold':0.5,'similar_image_filter_max_skip_frame':2}")) {
            byte[] first = rig.film(one, picture(1));
            int before = rig.latents.size();
            assertArrayEquals(first, rig.film(one, picture(1)));
            assertArrayEquals(first, rig.film(one, picture(1)));
            assertEquals(before, rig.latents.size(), "no picture was made");
            rig.film(one, picture(1));
            assertEquals(before + 1, rig.latents.size(), "two in a row are enough");
            rig.film(one, picture(2));
            assertEquals(before + 2, rig.latents.size(), "another picture");
            rig.patch(one, "{'similar_image_filter_max_skip_frame':0}");
            rig.film(one, picture(2));
            assertEquals(before + 3, rig.latents.size());
            rig.patch(one, "{'similar_image_filter_max_skip_frame':9,'similar_image_filter_threshold':1}");
            rig.film(one, picture(2));
            assertEquals(before + 4, rig.latents.size());
        }
    }

    @Test
    void skippedFramesKeepTheirOrderAmongOverlappingOnes() {
        try (StreamGeneration one = film("{'t_index_list':[10],'similar_image_filter_enabled':true,"
                + "'similar_image_filter_threshold':0.5}")) {
            for (int i = 0; i < 2; i++) {
                one.feed(List.of(picture(1).at(1000L * i)));
                one.demand();
            }
            rig.step(Lane.TEXT, one);
            rig.step(Lane.CODEC, one);
            rig.step(Lane.CODEC, one);
            assertEquals(Optional.empty(), kind(one, Lane.CODEC), "the second one waits for the first");
            rig.step(Lane.DENOISE, one);
            List<Long> times = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                List<StepResult> shown = rig.run(Lane.CODEC, List.of(one));
                shown.get(0).frames().stream().map(VideoFrame::ptsMicros).forEach(times::add);
                rig.commit(one, shown.get(0));
            }
            assertEquals(List.of(0L, 1000L), times);
        }
    }

    @Test
    void textMakesNewPicturesFromTheSeed() {
        for (String way : List.of("'t_index_list':[0]", "'t_index_list':[0,25]", "'use_denoising_batch':false")) {
            List<float[]> first = new ArrayList<>();
            for (int round = 0; round < 2; round++) {
                try (StreamGeneration one = rig.open(InputMode.TEXT, "{'prompts':['a cat']," + way + "}")) {
                    for (int i = 0; i < 2; i++) {
                        rig.paint(one);
                        first.add(rig.last());
                    }
                }
            }
            assertArrayEquals(first.get(0), first.get(2), way);
            assertArrayEquals(first.get(1), first.get(3), way);
            assertTrue(distance(first.get(0), first.get(1)) > 0.1, way);
        }
    }

    @Test
    void aLoopTakesTheLastPictureInPlaceOfTheCamerasOrOfNoise() {
        float[] next;
        try (StreamGeneration one = film("{'t_index_list':[20],'image_loopback':true,'cfg_type':'none'}")) {
            byte[] shown = rig.film(one, picture(1));
            next = rig.filmed(one, picture(2));
            try (StreamGeneration other = film("{'t_index_list':[20],'cfg_type':'none'}")) {
                VideoFrame again = VideoFrame.of(PixelFormat.RGB24, Rig.SIDE, Rig.SIDE, shown, 0);
                assertArrayEquals(next, rig.filmed(other, again));
            }
            for (int i = 0; i < 2; i++) {
                one.feed(List.of(picture(3)));
                one.demand();
            }
            rig.step(Lane.CODEC, one);
            assertEquals(Optional.empty(), kind(one, Lane.CODEC), "the next one waits for the picture");
            rig.chunk(one);
            assertEquals(Optional.of(StepKind.IMAGE_ENCODE), kind(one, Lane.CODEC));
        }
        try (StreamGeneration one = rig.open(InputMode.TEXT, "{'t_index_list':[20],'image_loopback':true}")) {
            byte[] shown = rig.paint(one);
            one.demand();
            assertEquals(Optional.of(StepKind.IMAGE_ENCODE), kind(one, Lane.CODEC));
            assertEquals(Optional.empty(), kind(one, Lane.DENOISE));
            byte[] changed = rig.chunk(one).get(0);
            assertFalse(Arrays.equals(shown, changed));
        }
    }

    @Test
    void framesSideBySideAreAsOneByOne() {
        List<float[]> alone = new ArrayList<>();
        try (StreamGeneration one = film("{'t_index_list':[10,30],'guidance_scale':1.4,'cfg_type':'initialize'}")) {
            for (int i = 0; i < 4; i++) {
                alone.add(rig.filmed(one, picture(i)));
            }
            alone.add(rig.filmed(one, picture(9)));
        }
        try (StreamGeneration two =
                pairs.open(InputMode.VIDEO, "{'t_index_list':[10,30],'guidance_scale':1.4,'cfg_type':'initialize'}")) {
            two.feed(List.of(picture(0), picture(1), picture(2), picture(3)));
            two.demand();
            two.demand();
            assertEquals(2, pairs.chunk(two).size());
            float[] warm = pairs.last();
            assertEquals(2, pairs.chunk(two).size());
            float[] next = pairs.last();
            int half = warm.length / 2;
            for (int i = 0; i < 2; i++) {
                // Alone, frame i leaves with frame i + 1; the first two calls of the pairs hold frames 0 and 1.
                float[] expected = alone.get(i + 1);
                float[] first = Arrays.copyOfRange(warm, i * half, (i + 1) * half);
                float[] second = Arrays.copyOfRange(next, i * half, (i + 1) * half);
                assertTrue(distance(first, expected) < ROUNDING, "frame " + i + ": " + distance(first, expected));
                assertTrue(distance(second, expected) < ROUNDING, "frame " + i + " again");
            }
        }
    }
}
