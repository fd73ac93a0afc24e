package io.github.tachyscope.diffusion.stablediffusion;

import static io.github.tachyscope.diffusion.stablediffusion.Rig.distance;
import static io.github.tachyscope.diffusion.stablediffusion.Rig.kind;
import static io.github.tachyscope.diffusion.stablediffusion.Rig.picture;
import static io.github.tachyscope.diffusion.stablediffusion.Rig.plan;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.diffusion.sd.model.ModelRequest;
import io.github.tachyscope.diffusion.sd.sampling.SigmaSampler;
import io.github.tachyscope.diffusion.sd.sampling.SigmaSpacing;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.tensor.Noise;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.Torch;
import io.github.tachyscope.testkit.NativeObjects;
import io.github.tachyscope.testkit.SmallModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state machine of a session, over small networks. */
class PictureGenerationTest {
    /** Other batch sizes sum in another order, and high noise levels multiply what differs. */
    private static final double ROUNDING = 2e-4;

    private static final String LORA = "peft_style.safetensors";

    /** Random wishes, each from its own seed. */
    private static final int COMBINATIONS = 40;

    @TempDir
    static Path folder;

    private static Rig rig;

    @BeforeAll
    static void load() {
        Torch.useThreads(1);
        rig = Rig.of(SmallModels.in(folder), SmallModels.SD15, new ModelRequest.Lora(LORA, 0, true));
    }

    @AfterAll
    static void close() {
        rig.close();
    }

    @Test
    void aPictureGoesThroughTextEncodingItsStepsAndDecoding() {
        try (PictureGeneration one = rig.text("{'prompts':['a sea of its own'],'steps':3,'sampler':'heun'}")) {
            assertEquals(NextStep.NeedsDemand.INSTANCE, one.next(Lane.DENOISE));
            one.demand();
            assertEquals(Optional.of(StepKind.TEXT_ENCODE), kind(one, Lane.TEXT));
            assertEquals(NextStep.Waits.INSTANCE, one.next(Lane.DENOISE), "the prompt is not encoded yet");
            rig.step(Lane.TEXT, one);
            for (int call = 0; call < 5; call++) {
                NextStep.StepPlan next = plan(one, Lane.DENOISE).orElseThrow();
                assertEquals(call, next.stepIndex());
                assertEquals(5 - call, next.stepsLeft(), "two calls for each step but the last");
                assertEquals(NextStep.Waits.INSTANCE, one.next(Lane.CODEC));
                rig.step(Lane.DENOISE, one);
            }
            assertEquals(Optional.of(StepKind.DECODE), kind(one, Lane.CODEC));
            assertEquals(1, rig.step(Lane.CODEC, one).size());
            assertEquals(NextStep.NeedsDemand.INSTANCE, one.next(Lane.DENOISE));
        }
    }

    @Test
    void theSameWishesGiveTheSamePictureAndEachParameterActs() {
        String wish = "'prompts':['a cat'],'negative_prompt':'fog','steps':4,'sampler':'euler_ancestral'";
        float[] usual = rig.painted("{" + wish + "}");
        assertArrayEquals(usual, rig.painted("{" + wish + "}"));
        for (String other : List.of(
                "'prompts':['a dog']",
                "'negative_prompt':'rain'",
                "'base_seed':43",
                "'base_seed':18446744073709551615",
                "'steps':5",
                "'guidance_scale':1",
                "'guidance_scale':3.5",
                "'sampler':'dpmpp_2m'",
                "'scheduler':'karras'",
                "'denoise':0.5",
                "'start_step':1",
                "'end_step':2",
                "'end_step':2,'leftover_noise':true",
                "'add_noise':false",
                "'clip_skip':1",
                "'prediction':'v_prediction'",
                "'prediction':'x0'",
                "'prediction':'lcm'",
                "'zero_terminal_snr':true",
                "'prompts':['a (cat)1.4']",
                "'prompts':[{'text':'a cat','weight':0.5},{'text':'a dog','weight':0.5}]",
                "'lora_scales':[{'path':'" + LORA + "','scale':3}]")) {
            try (PictureGeneration one = rig.text("{" + wish + "}")) {
                one.patch(rig.checked("{" + other + "}"));
                rig.paint(one);
            }
            assertTrue(distance(usual, rig.latents) > 1e-4, other + " changes nothing");
        }
        String weighted = "{'prompts':['a (cat)1.4'],'steps':4";
        assertTrue(
                distance(rig.painted(weighted + "}"), rig.painted(weighted + ",'prompt_weighting':false}")) > 1e-4,
                "the syntax counts");
    }

    @Test
    void everySamplerAndScheduleMakesAPicture() {
        List<float[]> all = new ArrayList<>();
        for (String sampler : SigmaSampler.Kind.wireNames()) {
            all.add(rig.painted("{'prompts':['a cat'],'steps':3,'sampler':'" + sampler + "'}"));
        }
        for (String scheduler : SigmaSpacing.wireNames()) {
            all.add(rig.painted("{'prompts':['a cat'],'steps':3,'scheduler':'" + scheduler + "'}"));
        }
        for (float[] latents : all) {
            for (float number : latents) {
                assertTrue(Float.isFinite(number));
            }
        }
        int euler = SigmaSampler.Kind.wireNames().indexOf("euler");
        int ddim = SigmaSampler.Kind.wireNames().indexOf("ddim");
        assertArrayEquals(all.get(euler), all.get(ddim));
    }

    @Test
    void aBatchOfSessionsGivesEachWhatItGetsAlone() {
        List<String> wishes = List.of(
                "{'prompts':['a cat'],'steps':4,'base_seed':1}",
                "{'prompts':['a dog'],'steps':3,'base_seed':2,'sampler':'dpmpp_2m','scheduler':'karras'}");
        List<float[]> alone = wishes.stream().map(rig::painted).toList();
        List<PictureGeneration> both = wishes.stream().map(rig::text).toList();
        both.forEach(PictureGeneration::demand);
        both.forEach(one -> rig.step(Lane.TEXT, one));
        for (int call = 0; call < 3; call++) {
            assertEquals(
                    plan(both.get(0), Lane.DENOISE).orElseThrow().key(),
                    plan(both.get(1), Lane.DENOISE).orElseThrow().key());
            List<StepResult> results = rig.run(Lane.DENOISE, both);
            rig.commit(both.get(0), results.get(0));
            rig.commit(both.get(1), results.get(1));
        }
        rig.step(Lane.DENOISE, both.get(0));
        List<StepResult> decoded = rig.run(Lane.CODEC, both);
        for (int i = 0; i < 2; i++) {
            rig.commit(both.get(i), decoded.get(i));
            assertTrue(distance(alone.get(i), rig.latents) < ROUNDING, "session " + i);
            both.get(i).close();
        }
    }

    @Test
    void guidanceOfOneTakesOneRowAndIsTheLimitOfTwo() {
        float[] one = rig.painted("{'prompts':['a cat'],'steps':3,'guidance_scale':1}");
        float[] two = rig.painted("{'prompts':['a cat'],'steps':3,'guidance_scale':1.000001}");
        assertTrue(distance(one, two) < 1e-3);
        try (PictureGeneration guided = rig.text("{'guidance_scale':2}");
                PictureGeneration free = rig.text("{'guidance_scale':1}")) {
            for (PictureGeneration each : List.of(guided, free)) {
                each.demand();
                rig.step(Lane.TEXT, each);
            }
            assertFalse(plan(guided, Lane.DENOISE)
                    .orElseThrow()
                    .key()
                    .equals(plan(free, Lane.DENOISE).orElseThrow().key()));
        }
    }

    @Test
    void pictureAfterPictureTakesTheRowsOfOneDraw() {
        try (PictureGeneration one = rig.text("{'steps':2,'sampler':'euler_ancestral'}")) {
            rig.paint(one);
            float[] first = rig.latents;
            rig.paint(one);
            assertTrue(distance(first, rig.latents) > 1e-3, "the second picture has noise of its own");
        }
        // After one step of two, with its noise left, a picture is mostly what it began with.
        try (PictureGeneration one = rig.text("{'steps':2,'end_step':1,'leftover_noise':true,'base_seed':9}");
                TensorScope scope = TensorScope.inference()) {
            rig.paint(one);
            rig.paint(one);
            Tensor drawn = Noise.normal(9, Placement.CPU, 2, 4, 8, 8).narrow(0, 1, 1);
            assertTrue(correlation(Rig.numbers(drawn), rig.latents) > 0.5, "row 1 of the draw");
            assertTrue(Math.abs(correlation(Rig.numbers(Noise.normal(9, Placement.CPU, 1, 4, 8, 8)), rig.latents))
                    < 0.4);
        }
    }

    @Test
    void aPartOfTheScheduleTakesItsOwnStepsOnly() {
        try (PictureGeneration one = rig.text("{'steps':6,'start_step':2,'end_step':5}")) {
            one.demand();
            rig.step(Lane.TEXT, one);
            assertEquals(3, plan(one, Lane.DENOISE).orElseThrow().stepsLeft());
        }
    }

    @Test
    void aPictureIsMadeAnewAsFarAsItIsAskedFor() {
        float[] whole = rig.repainted(3, "{'steps':4,'denoise':0}");
        float[] little = rig.repainted(3, "{'steps':4,'denoise':0.1}");
        float[] much = rig.repainted(3, "{'steps':4,'denoise':0.9}");
        float[] other = rig.repainted(4, "{'steps':4,'denoise':0.1}");
        assertTrue(distance(whole, little) > 1e-4);
        assertTrue(distance(whole, little) < distance(whole, much));
        assertTrue(distance(little, other) > 1e-3);
        assertTrue(rig.painted("{'denoise':0}").length == 0, "nothing from nothing");
    }

    @Test
    void camerasPicturesOverlap() {
        try (PictureGeneration one = rig.open(InputMode.VIDEO, "{'steps':4,'denoise':0.5}")) {
            one.feed(List.of(picture(1), picture(2)));
            one.demand();
            one.demand();
            rig.step(Lane.TEXT, one);
            rig.step(Lane.CODEC, one);
            rig.step(Lane.DENOISE, one);
            assertEquals(1, plan(one, Lane.CODEC).orElseThrow().chunkIndex(), "the next is encoded meanwhile");
            rig.step(Lane.CODEC, one);
            while (plan(one, Lane.DENOISE).orElseThrow().chunkIndex() == 0) {
                rig.step(Lane.DENOISE, one);
            }
            one.begin(Lane.DENOISE);
            assertEquals(1, rig.step(Lane.CODEC, one).size(), "the first is decoded while the second is denoised");
            rig.commit(one, rig.pipeline.run(Lane.DENOISE, List.of(one)).get(0));
            rig.finish(one);
        }
        float[] second = rig.latents;
        try (PictureGeneration one = rig.open(InputMode.VIDEO, "{'steps':4,'denoise':0.5}")) {
            for (int i = 1; i <= 2; i++) {
                one.feed(List.of(picture(i)));
                rig.paint(one);
            }
            assertArrayEquals(second, rig.latents, "as if one had come after the other");
        }
    }

    @Test
    void promptsActOnTheNextCallAndSamplersOnTheNextPicture() {
        String wish = "{'prompts':['a cat'],'steps':4,'sampler':'euler'}";
        float[] usual = rig.painted(wish);
        try (PictureGeneration one = rig.text(wish)) {
            one.demand();
            rig.step(Lane.TEXT, one);
            rig.step(Lane.DENOISE, one);
            one.patch(rig.checked("{'steps':9,'sampler':'heun','base_seed':5}"));
            assertEquals(3, plan(one, Lane.DENOISE).orElseThrow().stepsLeft());
            rig.finish(one);
            assertArrayEquals(usual, rig.latents);
            one.demand();
            assertEquals(17, plan(one, Lane.DENOISE).orElseThrow().stepsLeft());
        }
        try (PictureGeneration one = rig.text(wish)) {
            one.demand();
            rig.step(Lane.TEXT, one);
            rig.step(Lane.DENOISE, one);
            one.patch(rig.checked("{'prompts':['a fog of its own']}"));
            assertEquals(Optional.of(StepKind.TEXT_ENCODE), kind(one, Lane.TEXT));
            rig.finish(one);
            assertTrue(distance(usual, rig.latents) > 1e-4);
        }
    }

    @Test
    void runsHaveSizesOfTheirOwn() {
        try (PictureGeneration one = rig.open(InputMode.TEXT, "{'steps':2}", Optional.of(new PictureSize(96, 80)))) {
            assertEquals(96 * 80 * 3, rig.paint(one).length);
        }
        String said = assertThrows(
                        ParameterRejected.class,
                        () -> rig.open(InputMode.TEXT, "{}", Optional.of(new PictureSize(100, 80))))
                .getMessage();
        assertTrue(said.contains("multiples of 8 from 64 to 2048"), said);
    }

    @Test
    void valuesOutOfRangeAreRefusedByNameAndRange() {
        Map<String, String> wrong = Map.ofEntries(
                Map.entry("'steps':0", "steps must be between 1 and 10000"),
                Map.entry("'steps':10001", "steps must be between 1 and 10000"),
                Map.entry("'guidance_scale':101", "guidance_scale must be between 0 and 100"),
                Map.entry("'denoise':1.1", "denoise must be between 0 and 1"),
                Map.entry("'sampler':'best'", "sampler must be one of euler, euler_ancestral"),
                Map.entry("'scheduler':'best'", "scheduler must be one of simple, normal"),
                Map.entry("'base_seed':-1", "base_seed must be between 0 and 18446744073709551615"),
                Map.entry("'base_seed':18446744073709551616", "base_seed must be between 0 and 18446744073709551615"),
                Map.entry("'start_step':-1", "start_step must be between 0 and 10000"),
                Map.entry("'end_step':10001", "end_step must be between 0 and 10000"),
                Map.entry("'prediction':'noise'", "prediction must be one of model, eps"),
                Map.entry("'add_noise':1", "add_noise must be true or false"),
                Map.entry("'zero_terminal_snr':'yes'", "zero_terminal_snr must be true or false"),
                Map.entry("'clip_skip':-1", "clip_skip must be between 0 and 47"));
        wrong.forEach((value, message) -> {
            ParameterSchema.Checked checked = rig.spec.parameters().checkRuntime(Rig.json("{" + value + "}"));
            assertEquals(1, checked.refused().size(), value);
            assertTrue(
                    checked.refused().get(0).message().startsWith(message),
                    checked.refused().toString());
        });
        try (PictureGeneration one = rig.text("{}")) {
            String said = assertThrows(ParameterRejected.class, () -> one.patch(rig.checked("{'clip_skip':40}")))
                    .getMessage();
            assertTrue(said.matches("clip_skip must be between 0 and \\d with this model, not 40"), said);
            assertThrows(ParameterRejected.class, () -> one.patch(rig.checked("{'prompts':['cat.swap(dog)']}")));
        }
    }

    @Test
    void aDroppedPictureFreesItsMemoryAndComesAgainTheSame() {
        String wish = "{'prompts':['a cat'],'steps':4,'sampler':'uni_pc'}";
        float[] usual = rig.painted(wish);
        long before = Pointer.totalCount();
        try (PictureGeneration one = rig.text(wish)) {
            one.demand();
            rig.step(Lane.TEXT, one);
            rig.step(Lane.DENOISE, one);
            rig.step(Lane.DENOISE, one);
            one.begin(Lane.DENOISE);
            rig.pipeline.run(Lane.DENOISE, List.of(one)).get(0).discard();
            one.dropChunk();
            assertEquals(NextStep.NeedsDemand.INSTANCE, one.next(Lane.DENOISE));
            rig.paint(one);
            assertArrayEquals(usual, rig.latents);
        }
        NativeObjects.assertNoMoreThan(before, "after a session");
        try (PictureGeneration one = rig.open(InputMode.VIDEO, "{'steps':4}")) {
            one.feed(List.of(picture(1), picture(2)));
            one.demand();
            rig.step(Lane.CODEC, one);
        }
        NativeObjects.assertNoMoreThan(before, "after a session that ended early");
    }

    @Test
    void whateverIsAskedForEndsWithAPictureAndLeavesNothing() {
        rig.painted("{'steps':1}");
        for (int seed = 0; seed < COMBINATIONS; seed++) {
            Random random = new Random(seed);
            String wish =
                    "{'steps':" + (1 + random.nextInt(4)) + ",'sampler':'" + any(random, SigmaSampler.Kind.wireNames())
                            + "','scheduler':'" + any(random, SigmaSpacing.wireNames()) + "','prediction':'"
                            + any(random, Schema.PREDICTIONS) + "','zero_terminal_snr':" + random.nextBoolean()
                            + ",'denoise':" + random.nextInt(11) / 10.0 + ",'start_step':" + random.nextInt(3)
                            + ",'end_step':" + random.nextInt(6) + ",'leftover_noise':" + random.nextBoolean()
                            + ",'add_noise':" + random.nextBoolean() + ",'guidance_scale':" + random.nextInt(3)
                            + ",'preview_method':'latent2rgb'}";
            long before = Pointer.totalCount();
            boolean filmed = random.nextBoolean();
            try (PictureGeneration one = rig.open(filmed ? InputMode.VIDEO : InputMode.TEXT, wish)) {
                for (int picture = 0; picture < 2; picture++) {
                    if (filmed) {
                        one.feed(List.of(picture(picture)));
                    }
                    assertEquals(Rig.SIDE * Rig.SIDE * 3, rig.paint(one).length, wish);
                    for (float number : rig.latents) {
                        assertTrue(Float.isFinite(number), seed + ": " + wish);
                    }
                }
            }
            NativeObjects.assertNoMoreThan(before, seed + ": " + wish);
        }
    }

    private static String any(Random random, List<String> values) {
        return values.get(random.nextInt(values.size()));
    }

    private static double correlation(float[] one, float[] other) {
        double both = 0;
        double first = 0;
        double second = 0;
        for (int i = 0; i < one.length; i++) {
            both += one[i] * other[i];
            first += one[i] * one[i];
            second += other[i] * other[i];
        }
        return both / Math.sqrt(first * second);
    }
}
