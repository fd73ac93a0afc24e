package io.github.tachyscope.diffusion.tiny;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.Economy;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs with a size of their own, and such that have to do with a smaller one for a while. */
class TinySizesTest {
    private static final int LARGE = 128;
    private static final int SMALL = 96;
    private static final PictureSize WIDE = new PictureSize(160, 96);

    @BeforeEach
    void useOneThread() {
        Torch.useThreads(1);
    }

    private static TinyGeneration open(Rig rig, InputMode mode, String parameters, PictureSize size) {
        return (TinyGeneration)
                rig.pipeline.open(new GenerationRequest(mode, rig.checked(parameters), Optional.of(size)));
    }

    private static int bytes(int width, int height) {
        return PixelFormat.RGB24.bytes(width, height);
    }

    @Test
    void aRunAtASizeGivesWhatAPipelineLoadedAtThatSizeGives() {
        String wish = "{'prompts':['a sea'],'base_seed':3,'noise_scale':0.6,'camera_smoothing':0.5}";
        try (Rig other = new Rig(RandomModel.networks(Placement.CPU), Rig.SIDE);
                Rig loaded = new Rig(RandomModel.networks(Placement.CPU), WIDE)) {
            for (InputMode mode : InputMode.values()) {
                try (TinyGeneration own = open(other, mode, wish, WIDE);
                        TinyGeneration usual = other.open(mode, wish);
                        TinyGeneration reference = loaded.open(mode, wish)) {
                    for (int frame = 0; frame < 2; frame++) {
                        byte[] expected = next(loaded, reference, mode, frame);
                        assertEquals(bytes(160, 96), expected.length);
                        assertEquals(bytes(Rig.SIDE, Rig.SIDE), next(other, usual, mode, frame).length);
                        assertArrayEquals(expected, next(other, own, mode, frame), mode + ", frame " + frame);
                    }
                }
            }
        }
    }

    private static byte[] next(Rig rig, Generation generation, InputMode mode, int frame) {
        return mode == InputMode.VIDEO ? rig.film(generation, Rig.picture(frame, 200, 100)) : rig.paint(generation);
    }

    @Test
    void runsOfOneSizeShareBatchesAndRunsOfTwoDoNot() {
        try (Rig rig = new Rig(new PlainNetworks());
                TinyGeneration one = open(rig, InputMode.VIDEO, "{'base_seed':1}", WIDE);
                TinyGeneration same = open(rig, InputMode.VIDEO, "{'base_seed':2}", WIDE);
                TinyGeneration usual = rig.open(InputMode.VIDEO, "{}")) {
            for (TinyGeneration each : List.of(one, same, usual)) {
                each.feed(List.of(Rig.picture(1)));
                each.demand();
            }
            for (Lane lane : List.of(Lane.TEXT, Lane.CODEC, Lane.DENOISE, Lane.CODEC)) {
                assertEquals(key(one, lane), key(same, lane));
                assertNotEquals(key(one, lane), key(usual, lane));
                List<StepResult> both = rig.run(lane, List.of(one, same));
                one.commit(both.get(0));
                same.commit(both.get(1));
                for (StepResult result : both) {
                    for (VideoFrame frame : result.frames()) {
                        assertEquals(WIDE, PictureSize.of(frame));
                        frame.release();
                    }
                }
                rig.step(lane, usual);
            }
        }
    }

    private static BatchKey key(Generation generation, Lane lane) {
        return ((NextStep.StepPlan) generation.next(lane)).key();
    }

    @Test
    void sizesOutsideTheRuleAreRefusedAndLeaveNothingBehind() {
        leavesNothingBehind(TinySizesTest::refuseWrongSizes);
    }

    private static void refuseWrongSizes() {
        try (Rig rig = new Rig(new PlainNetworks())) {
            for (PictureSize wrong :
                    List.of(new PictureSize(100, 96), new PictureSize(32, 96), new PictureSize(96, 544))) {
                ParameterRejected refused = assertThrows(
                        ParameterRejected.class,
                        () -> open(rig, InputMode.VIDEO, "{}", wrong).close());
                assertTrue(String.valueOf(refused.getMessage()).contains("multiples of 32 from 64 to 512"));
            }
            assertThrows(
                    ParameterRejected.class,
                    () -> open(rig, InputMode.VIDEO, "{'denoising_step_list':[900,800,700,600,500,400,300]}", WIDE)
                            .close());
        }
    }

    @Test
    void asManySizesAsMayBeAreInUseAndOneMoreIsRefused() {
        leavesNothingBehind(TinySizesTest::useAllSizes);
    }

    private static void useAllSizes() {
        try (Rig rig = new Rig(new PlainNetworks())) {
            List<TinyGeneration> open = new ArrayList<>();
            for (int i = 0; i < TinyPipeline.MOST_SIZES; i++) {
                open.add(open(rig, InputMode.TEXT, "{}", new PictureSize(64 + 32 * (i % 12), 64 + 32 * (i / 12))));
            }
            PictureSize further = new PictureSize(512, 512);
            assertThrows(
                    ParameterRejected.class,
                    () -> open(rig, InputMode.TEXT, "{}", further).close());
            open(rig, InputMode.TEXT, "{}", new PictureSize(96, 64)).close();
            open.remove(0).close();
            open.add(open(rig, InputMode.TEXT, "{}", further));
            open.forEach(TinyGeneration::close);
        }
    }

    @Test
    void underPressureFramesAreSmallerAndAfterwardsAsTheyWere() {
        try (Rig rig = new Rig(new PlainNetworks(), LARGE);
                Rig small = new Rig(new PlainNetworks(), SMALL)) {
            String wish = "{'noise_scale':0.5,'camera_smoothing':0.5}";
            try (TinyGeneration one = rig.open(InputMode.VIDEO, wish);
                    TinyGeneration reference = small.open(InputMode.VIDEO, wish)) {
                byte[] whole = rig.film(one, Rig.picture(1));
                assertEquals(bytes(LARGE, LARGE), whole.length);
                rig.film(one, Rig.picture(2));

                one.economize(Set.of(Economy.SMALLER_PICTURES));
                for (long seed = 3; seed < 5; seed++) {
                    // The temporal mean begins anew, as that of a session which begins here.
                    assertArrayEquals(
                            small.film(reference, Rig.picture(seed)), rig.film(one, Rig.picture(seed)), "seed " + seed);
                }
                one.economize(Set.of());
                assertArrayEquals(whole, rig.film(one, Rig.picture(1)));
            }
        }
    }

    @Test
    void aTextMadeVideoStartsOverAtEachSize() {
        try (PlainNetworksRig large = new PlainNetworksRig(LARGE)) {
            try (TinyGeneration one = large.rig.open(InputMode.TEXT, "{'denoising_step_list':[1000,500]}")) {
                large.rig.paint(one);
                double first = large.firstSigma();
                large.rig.paint(one);
                assertNotEquals(first, large.firstSigma(), "it goes on from the frame before");
                one.economize(Set.of(Economy.SMALLER_PICTURES));
                assertEquals(bytes(SMALL, SMALL), large.rig.paint(one).length);
                assertEquals(first, large.firstSigma(), "there is nothing to go on from");
                large.rig.paint(one);
                assertNotEquals(first, large.firstSigma());
                one.economize(Set.of());
                assertEquals(bytes(LARGE, LARGE), large.rig.paint(one).length);
                assertEquals(first, large.firstSigma());
            }
        }
    }

    /** A pipeline whose noise levels are seen. */
    private record PlainNetworksRig(PlainNetworks networks, Rig rig) implements AutoCloseable {
        PlainNetworksRig(int side) {
            this(new PlainNetworks(), side);
        }

        private PlainNetworksRig(PlainNetworks networks, int side) {
            this(networks, new Rig(networks, side));
        }

        /** Of the frame that was painted since the last call. */
        double firstSigma() {
            double first = networks.sigmas.get(0);
            networks.sigmas.clear();
            return first;
        }

        @Override
        public void close() {
            rig.close();
        }
    }

    @Test
    void theMotionOfTheCameraOutlastsAChangeOfSize() {
        try (PlainNetworksRig large = new PlainNetworksRig(LARGE);
                TinyGeneration one = large.rig.open(InputMode.VIDEO, "{'noise_controller':true}")) {
            for (long seed = 0; seed < 8; seed++) {
                large.rig.film(one, Rig.picture(seed));
            }
            large.networks.sigmas.clear();
            large.rig.film(one, Rig.picture(8));
            double moving = large.firstSigma();
            one.economize(Set.of(Economy.SMALLER_PICTURES));
            large.rig.film(one, Rig.picture(9));
            assertEquals(moving, large.firstSigma(), 0.005);
        }
    }

    @Test
    void aFrameUnderWayKeepsItsSizeWhileTheNextOneIsSmaller() {
        try (Rig rig = new Rig(new PlainNetworks(), LARGE);
                TinyGeneration one = rig.open(InputMode.VIDEO, "{}")) {
            for (int i = 0; i < 2; i++) {
                one.feed(List.of(Rig.picture(i)));
                one.demand();
                one.economize(Set.of(Economy.SMALLER_PICTURES));
            }
            List<PictureSize> shown = new ArrayList<>();
            while (shown.size() < 2) {
                for (Lane lane : List.of(Lane.TEXT, Lane.CODEC, Lane.DENOISE)) {
                    if (Rig.nextOn(one, lane).isPresent()) {
                        boolean decodes = Rig.nextOn(one, lane).get() == StepKind.DECODE;
                        StepResult result = rig.run(lane, List.of(one)).get(0);
                        assertEquals(decodes, !result.frames().isEmpty());
                        result.frames().forEach(frame -> shown.add(PictureSize.of(frame)));
                        result.frames().forEach(VideoFrame::release);
                        one.commit(result);
                    }
                }
            }
            assertEquals(List.of(new PictureSize(LARGE, LARGE), new PictureSize(SMALL, SMALL)), shown);
        }
    }

    @Test
    void comingAndGoingBetweenSizesLeavesNothingBehind() {
        leavesNothingBehind(TinySizesTest::comeAndGo);
    }

    private static void comeAndGo() {
        try (Rig rig = new Rig(new PlainNetworks(), LARGE)) {
            for (InputMode mode : InputMode.values()) {
                try (TinyGeneration one = rig.open(
                        mode, mode == InputMode.VIDEO ? "{'camera_smoothing':0.5,'noise_controller':true}" : "{}")) {
                    for (int frame = 0; frame < 6; frame++) {
                        one.economize(frame % 3 == 1 ? Set.of(Economy.SMALLER_PICTURES) : Set.of());
                        next(rig, one, mode, frame);
                    }
                    one.economize(Set.of(Economy.SMALLER_PICTURES));
                    one.feed(mode == InputMode.VIDEO ? List.of(Rig.picture(7)) : List.of());
                    one.demand();
                    one.economize(Set.of());
                    if (frameIsHalfDone(rig, one)) {
                        one.dropChunk();
                    }
                }
            }
        }
    }

    private static boolean frameIsHalfDone(Rig rig, TinyGeneration generation) {
        for (Lane lane : List.of(Lane.TEXT, Lane.CODEC, Lane.DENOISE)) {
            if (Rig.nextOn(generation, lane).isPresent()) {
                assertFalse(rig.step(lane, generation).isPresent());
                return true;
            }
        }
        throw new AssertionError("nothing to do");
    }

    /** The first time also makes what stays for good. */
    private static void leavesNothingBehind(Runnable work) {
        work.run();
        long before = Pointer.totalCount();
        work.run();
        long now = Pointer.totalCount();
        assertTrue(now <= before, now + " native objects, not " + before);
    }
}
