package io.github.tachyscope.diffusion.tiny;

import static io.github.tachyscope.diffusion.tiny.Rig.difference;
import static io.github.tachyscope.diffusion.tiny.Rig.nextOn;
import static io.github.tachyscope.diffusion.tiny.Rig.picture;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.Economy;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The state machine, over networks of almost nothing. */
class TinyGenerationTest {
    private final PlainNetworks networks = new PlainNetworks();
    private final Rig rig = new Rig(networks);

    @AfterEach
    void close() {
        rig.close();
        assertEquals(0, networks.openGuidance.get(), "guidance that nobody closed");
    }

    @Test
    void aFrameGoesThroughTextEncodingDenoisingAndDecoding() {
        try (TinyGeneration one = rig.open(InputMode.VIDEO, "{'prompts':['a sea']}")) {
            assertEquals(NextStep.NeedsDemand.INSTANCE, one.next(Lane.CODEC));
            one.demand();
            assertEquals(new NextStep.NeedsInput(1), one.next(Lane.CODEC));
            one.feed(List.of(picture(1)));
            assertEquals(Optional.of(StepKind.TEXT_ENCODE), nextOn(one, Lane.TEXT));
            assertEquals(Optional.of(StepKind.IMAGE_ENCODE), nextOn(one, Lane.CODEC));
            assertEquals(Optional.empty(), nextOn(one, Lane.DENOISE));
            rig.step(Lane.CODEC, one);
            assertEquals(Optional.empty(), nextOn(one, Lane.DENOISE), "the prompt is not encoded yet");
            rig.step(Lane.TEXT, one);
            assertEquals(Optional.empty(), nextOn(one, Lane.CODEC));
            NextStep.StepPlan denoise = (NextStep.StepPlan) one.next(Lane.DENOISE);
            assertEquals(1, denoise.stepsLeft());
            rig.step(Lane.DENOISE, one);
            assertEquals(Optional.of(StepKind.DECODE), nextOn(one, Lane.CODEC));
            assertTrue(rig.step(Lane.CODEC, one).isPresent());
            assertEquals(NextStep.NeedsDemand.INSTANCE, one.next(Lane.DENOISE));
            rig.film(one, picture(2));
            assertEquals(List.of("a sea"), networks.encodedTexts, "encoded once");
        }
    }

    @Test
    void neighbouringFramesOverlapAndEndInTheirOrder() {
        try (TinyGeneration one = rig.open(InputMode.VIDEO, "{}")) {
            List<VideoFrame> frames = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                one.feed(List.of(picture(i)));
                one.demand();
            }
            rig.step(Lane.TEXT, one);
            rig.step(Lane.CODEC, one);
            List<StepResult> denoised = rig.run(Lane.DENOISE, List.of(one));
            assertEquals(Optional.of(StepKind.IMAGE_ENCODE), nextOn(one, Lane.CODEC), "while frame 0 denoises");
            List<StepResult> encoded = rig.run(Lane.CODEC, List.of(one));
            assertEquals(Optional.empty(), nextOn(one, Lane.CODEC), "one step on each lane");
            one.commit(denoised.get(0));
            one.commit(encoded.get(0));
            assertEquals(
                    0,
                    ((NextStep.StepPlan) one.next(Lane.CODEC)).chunkIndex(),
                    "the older frame is decoded before anything else");
            List<StepResult> next = rig.run(Lane.DENOISE, List.of(one));
            List<StepResult> decoded = rig.run(Lane.CODEC, List.of(one));
            frames.addAll(decoded.get(0).frames());
            one.commit(decoded.get(0));
            one.feed(List.of(picture(2)));
            one.demand();
            assertEquals(2, ((NextStep.StepPlan) one.next(Lane.CODEC)).chunkIndex(), "the next one begins at once");
            one.commit(next.get(0));
            List<StepResult> last = rig.run(Lane.CODEC, List.of(one));
            frames.addAll(last.get(0).frames());
            one.commit(last.get(0));
            assertEquals(
                    List.of(0L, 1000L),
                    frames.stream().map(VideoFrame::ptsMicros).toList());
        }
    }

    @Test
    void overlappingChangesNoPixel() {
        byte[][] alone = new byte[6][];
        try (TinyGeneration one = rig.open(InputMode.VIDEO, "{'prompts':['a'],'denoising_step_list':[1000,500]}")) {
            for (int i = 0; i < alone.length; i++) {
                alone[i] = rig.film(one, picture(i));
            }
        }
        long seed = 11;
        Random random = new Random(seed);
        try (TinyGeneration one = rig.open(InputMode.VIDEO, "{'prompts':['a'],'denoising_step_list':[1000,500]}")) {
            int fed = 0;
            int done = 0;
            while (done < alone.length) {
                if (fed < alone.length && fed < done + 2) {
                    one.feed(List.of(picture(fed++)));
                    one.demand();
                }
                Lane lane = Lane.values()[random.nextInt(3)];
                if (nextOn(one, lane).isPresent()) {
                    Optional<byte[]> frame = rig.step(lane, one);
                    if (frame.isPresent()) {
                        assertArrayEquals(alone[done], frame.get(), "frame " + done + ", seed " + seed);
                        done++;
                    }
                }
            }
        }
    }

    @Test
    void aPromptChangeActsOnTheNextStepAndKnownPromptsAreNotEncodedAgain() {
        try (TinyGeneration one = rig.open(InputMode.VIDEO, "{'prompts':['a'],'denoising_step_list':[1000,500]}")) {
            rig.film(one, picture(0));
            one.feed(List.of(picture(0)));
            one.demand();
            rig.step(Lane.CODEC, one);
            rig.step(Lane.DENOISE, one);
            one.patch(rig.checked("{'prompts':['b']}"));
            assertEquals(Optional.empty(), nextOn(one, Lane.DENOISE));
            rig.step(Lane.TEXT, one);
            networks.guided.clear();
            rig.step(Lane.DENOISE, one);
            assertArrayEquals(PlainNetworks.prompt("b"), networks.guided.get(0));
            rig.frame(one);
            one.patch(rig.checked("{'prompts':[{'text':'a','weight':1},{'text':'b','weight':3}]}"));
            assertEquals(Optional.empty(), nextOn(one, Lane.TEXT));
            rig.film(one, picture(0));
            one.patch(rig.checked("{'transition':{'target_prompts':['a'],'num_steps':3}}"));
            rig.film(one, picture(0));
            assertEquals(List.of("a", "b"), networks.encodedTexts);
        }
    }

    @Test
    void aBlendIsTheMeanOfItsPromptsByWeight() {
        try (TinyGeneration one =
                rig.open(InputMode.VIDEO, "{'prompts':[{'text':'a','weight':1},{'text':'b','weight':3}]}")) {
            rig.film(one, picture(0));
            float[] a = PlainNetworks.prompt("a");
            float[] b = PlainNetworks.prompt("b");
            for (int i = 0; i < a.length; i++) {
                assertEquals(0.25 * a[i] + 0.75 * b[i], networks.guided.get(0)[i], 1e-6);
            }
        }
    }

    @Test
    void aTransitionMovesWithEveryFrameFromItsSourceToItsTarget() {
        try (TinyGeneration one = rig.open(InputMode.VIDEO, "{'prompts':['a']}")) {
            rig.film(one, picture(0));
            networks.guided.clear();
            one.patch(rig.checked("{'transition':{'target_prompts':['b'],'num_steps':5}}"));
            for (int i = 0; i < 7; i++) {
                rig.film(one, picture(0));
            }
            float[] a = PlainNetworks.prompt("a");
            float[] b = PlainNetworks.prompt("b");
            assertEquals(4, networks.guided.size(), "the source is known, then one new point per frame");
            for (int i = 0; i < 4; i++) {
                double t = (i + 1) / 4.0;
                assertEquals((1 - t) * a[0] + t * b[0], networks.guided.get(i)[0], 1e-6);
            }
        }
    }

    @Test
    void theNoiseScaleAndTheStepListGiveTheNoiseLevels() {
        try (TinyGeneration one = rig.open(InputMode.VIDEO, "{'noise_scale':0.5,'denoising_step_list':[1000,500]}")) {
            rig.film(one, picture(0));
            assertEquals(0.2, networks.sigmas.get(0), 1e-9);
            assertEquals(0.25 * 0.25 / (1 - 0.75 * 0.25), networks.sigmas.get(1), 1e-9);
            networks.sigmas.clear();
            one.patch(rig.checked("{'noise_scale':1.0,'denoising_step_list':[700]}"));
            rig.film(one, picture(0));
            assertEquals(List.of(1.0), networks.sigmas);
        }
        try (TinyGeneration one = rig.open(InputMode.TEXT, "{}")) {
            networks.sigmas.clear();
            rig.paint(one);
            assertEquals(List.of(1.0, 0.8, 0.62, 0.45, 0.3, 0.18, 0.09), networks.sigmas);
            networks.sigmas.clear();
            rig.paint(one);
            assertEquals(List.of(0.45, 0.18), networks.sigmas);
        }
    }

    @Test
    void underPressureAFrameTakesFewerStepsAndAfterwardsAllAgain() {
        try (TinyGeneration one =
                rig.open(InputMode.VIDEO, "{'noise_scale':0.5,'denoising_step_list':[1000,750,500]}")) {
            rig.film(one, picture(0));
            List<Double> all = List.copyOf(networks.sigmas);
            assertEquals(3, all.size());
            networks.sigmas.clear();
            one.economize(Set.of(Economy.FEWER_STEPS));
            rig.film(one, picture(0));
            assertEquals(List.of(all.get(0), all.get(2)), networks.sigmas);
            networks.sigmas.clear();
            one.patch(rig.checked("{'denoising_step_list':[1000,500]}"));
            rig.film(one, picture(0));
            assertEquals(1, networks.sigmas.size());
            networks.sigmas.clear();
            one.economize(Set.of());
            rig.film(one, picture(0));
            assertEquals(2, networks.sigmas.size());
        }
    }

    @Test
    void framesDifferWithNoiseScaleAndSeedAndNotWithTime() {
        byte[] reference;
        try (TinyGeneration one = rig.open(InputMode.VIDEO, "{'noise_scale':0.5}")) {
            reference = rig.film(one, picture(3));
            assertArrayEquals(reference, rig.film(one, picture(3)), "the noise of a session stands still");
            one.patch(rig.checked("{'base_seed':7}"));
            assertFalse(Arrays.equals(reference, rig.film(one, picture(3))), "a new seed redraws");
            one.patch(rig.checked("{'base_seed':42}"));
            assertArrayEquals(reference, rig.film(one, picture(3)));
        }
        try (TinyGeneration louder = rig.open(InputMode.VIDEO, "{'noise_scale':0.8}")) {
            assertFalse(Arrays.equals(reference, rig.film(louder, picture(3))));
        }
        try (TinyGeneration silent = rig.open(InputMode.VIDEO, "{'noise_scale':0.0}");
                TinyGeneration other = rig.open(InputMode.VIDEO, "{'noise_scale':0.0,'base_seed':9}")) {
            assertArrayEquals(rig.film(silent, picture(3)), rig.film(other, picture(3)));
        }
    }

    @Test
    void theNoiseControllerFollowsTheMotionOfTheCamera() {
        try (TinyGeneration one = rig.open(InputMode.VIDEO, "{'noise_controller':true}")) {
            rig.film(one, picture(0));
            rig.film(one, picture(0));
            double still = networks.sigmas.get(1);
            rig.film(one, picture(1));
            assertTrue(networks.sigmas.get(2) < still, "much motion, little noise: " + networks.sigmas);
        }
    }

    @Test
    void cameraSmoothingMixesInThePast() {
        try (TinyGeneration plain = rig.open(InputMode.VIDEO, "{'noise_scale':0.1}");
                TinyGeneration smooth = rig.open(InputMode.VIDEO, "{'noise_scale':0.1,'camera_smoothing':0.5}")) {
            assertArrayEquals(rig.film(plain, picture(0)), rig.film(smooth, picture(0)), "nothing past yet");
            byte[] before = rig.film(plain, picture(0));
            byte[] after = rig.film(plain, picture(1));
            byte[] between = rig.film(smooth, picture(1));
            assertTrue(difference(between, before) < difference(after, before));
            for (int i = 0; i < 20; i++) {
                between = rig.film(smooth, picture(1));
            }
            assertTrue(difference(between, after) < 1, "and forgets it");
            smooth.patch(rig.checked("{'reset_cache':true}"));
            assertArrayEquals(rig.film(plain, picture(4)), rig.film(smooth, picture(4)), "or at once, if asked");
        }
    }

    @Test
    void aTextMadeVideoMovesCalmlyAndANewSeedBeginsAnother() {
        try (TinyGeneration one = rig.open(InputMode.TEXT, "{'prompts':['a sea']}");
                TinyGeneration same = rig.open(InputMode.TEXT, "{'prompts':['a sea']}")) {
            List<byte[]> frames = new ArrayList<>();
            double greatest = 0;
            for (int i = 0; i < 60; i++) {
                frames.add(rig.paint(one));
                if (i > 20) {
                    greatest = Math.max(greatest, difference(frames.get(i), frames.get(i - 1)));
                }
            }
            double far = difference(frames.get(59), frames.get(21));
            assertTrue(greatest > 0 && far > 3 * greatest, "steps of up to " + greatest + ", in all " + far);
            assertArrayEquals(frames.get(0), rig.paint(same));
            same.patch(rig.checked("{'base_seed':5}"));
            networks.sigmas.clear();
            rig.paint(same);
            assertEquals(7, networks.sigmas.size(), "from nothing but noise");
            same.patch(rig.checked("{'prompts':['a fire']}"));
            networks.sigmas.clear();
            rig.paint(same);
            assertEquals(2, networks.sigmas.size(), "a new prompt keeps the picture");
        }
    }

    @Test
    void wrongParametersAreRefusedInWordsAndChangeNothing() {
        try (TinyGeneration one = rig.open(InputMode.VIDEO, "{'noise_scale':0.5}")) {
            byte[] before = rig.film(one, picture(0));
            ParameterRejected rejected = assertThrows(
                    ParameterRejected.class,
                    () -> one.patch(rig.checked("{'noise_scale':0.9,'denoising_step_list':[1000,800,600,400,200]}")));
            assertEquals(
                    "denoising_step_list may have at most 4 timesteps in video mode, not 5", rejected.getMessage());
            assertEquals("denoising_step_list", rejected.parameter());
            assertArrayEquals(before, rig.film(one, picture(0)));
        }
        assertThrows(
                ParameterRejected.class,
                () -> rig.open(InputMode.TEXT, "{'denoising_step_list':[900,800,700,600,500,400,300,200]}"));
    }

    @Test
    void stretchesCamerasOfAnySizeToItsOwn() {
        try (TinyGeneration one = rig.open(InputMode.VIDEO, "{'noise_scale':0.0}")) {
            byte[] exact = rig.film(one, picture(5));
            byte[] wide = rig.film(one, picture(5, 128, 96));
            assertEquals(exact.length, wide.length);
            assertTrue(difference(exact, wide) < 6, "differs by " + difference(exact, wide));
        }
    }

    @Test
    void aFailedStepLeavesTheGenerationUsableAndNothingBehind() {
        long before;
        try (TinyGeneration warm = rig.open(InputMode.VIDEO, "{'prompts':['a']}")) {
            rig.film(warm, picture(0));
        }
        before = Pointer.totalCount();
        try (TinyGeneration one = rig.open(InputMode.VIDEO, "{'prompts':['a']}")) {
            byte[] good = rig.film(one, picture(0));
            for (Lane lane : List.of(Lane.CODEC, Lane.DENOISE)) {
                one.feed(List.of(picture(0)));
                one.demand();
                while (nextOn(one, lane).isEmpty()) {
                    rig.step(Lane.CODEC, one);
                }
                networks.failure = new IllegalStateException("scripted");
                assertThrows(IllegalStateException.class, () -> rig.run(lane, List.of(one)));
                one.dropChunk();
                assertEquals(NextStep.NeedsDemand.INSTANCE, one.next(lane));
                assertArrayEquals(good, rig.film(one, picture(0)));
            }
        }
        assertFreed(before, "");
    }

    /** Not more than before; what others left behind may be collected meanwhile. */
    private static void assertFreed(long before, String where) {
        long now = Pointer.totalCount();
        assertTrue(now <= before, now + " native objects, not " + before + " " + where);
    }

    @Test
    void closingAndDroppingInEveryStateLeavesNothingBehind() {
        try (TinyGeneration warm = rig.open(InputMode.VIDEO, "{}")) {
            rig.film(warm, picture(0));
        }
        long before = Pointer.totalCount();
        String all = "{'prompts':['a'],'noise_controller':true,'camera_smoothing':0.5,'denoising_step_list':[900,300]}";
        for (InputMode mode : InputMode.values()) {
            for (int steps = 0; steps < 24; steps++) {
                for (boolean discard : new boolean[] {true, false}) {
                    TinyGeneration one = rig.open(mode, all);
                    StepResult last = null;
                    for (int i = 0; i <= steps; i++) {
                        if (mode == InputMode.VIDEO) {
                            one.feed(List.of(picture(i)));
                        }
                        one.demand();
                        Lane lane = Arrays.stream(Lane.values())
                                .filter(each -> nextOn(one, each).isPresent())
                                .findFirst()
                                .orElseThrow();
                        last = rig.run(lane, List.of(one)).get(0);
                        if (i < steps || !discard) {
                            last.frames().forEach(VideoFrame::release);
                            one.commit(last);
                        }
                        one.patch(rig.checked(i % 3 == 0 ? "{'reset_cache':true}" : "{'base_seed':" + i + "}"));
                    }
                    if (discard) {
                        last.discard();
                        one.dropChunk();
                    }
                    one.close();
                    assertFreed(before, mode + " after " + steps + " steps, " + discard);
                }
            }
        }
    }
}
