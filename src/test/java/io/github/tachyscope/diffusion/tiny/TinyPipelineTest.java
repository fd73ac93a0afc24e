package io.github.tachyscope.diffusion.tiny;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The steps over the model in its true size, untrained. */
class TinyPipelineTest {
    private static final List<String> WISHES = List.of(
            "{'prompts':['a sea'],'base_seed':1,'noise_scale':0.5}",
            "{'prompts':['a fire'],'base_seed':2,'noise_scale':0.9}",
            "{'prompts':[{'text':'a','weight':1},{'text':'wood','weight':2}],'base_seed':1,'noise_scale':0.2}");

    private Rig rig;

    @BeforeEach
    void open() {
        Torch.useThreads(1);
        rig = new Rig(RandomModel.networks(Placement.CPU));
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void everyParameterOfThePictureChangesIt() {
        byte[] reference;
        try (TinyGeneration one = rig.open(InputMode.VIDEO, WISHES.get(0))) {
            reference = rig.film(one, Rig.picture(1));
            assertArrayEquals(reference, rig.film(one, Rig.picture(1)));
            assertFalse(Arrays.equals(reference, rig.film(one, Rig.picture(2))));
        }
        for (String other : List.of(
                "{'prompts':['a fire'],'base_seed':1,'noise_scale':0.5}",
                "{'prompts':['a sea'],'base_seed':2,'noise_scale':0.5}",
                "{'prompts':['a sea'],'base_seed':1,'noise_scale':0.6}",
                "{'prompts':['a sea'],'base_seed':1,'noise_scale':0.5,'denoising_step_list':[1000,500]}")) {
            try (TinyGeneration one = rig.open(InputMode.VIDEO, other)) {
                assertFalse(Arrays.equals(reference, rig.film(one, Rig.picture(1))), other);
            }
        }
    }

    @Test
    void aBatchGivesWhatEachOfItGetsAlone() {
        List<TinyGeneration> alone = new ArrayList<>();
        List<TinyGeneration> together = new ArrayList<>();
        for (int i = 0; i < WISHES.size(); i++) {
            alone.add(rig.open(InputMode.VIDEO, WISHES.get(i)));
            together.add(rig.open(InputMode.VIDEO, WISHES.get(i)));
            for (TinyGeneration each : List.of(alone.get(i), together.get(i))) {
                each.feed(List.of(Rig.picture(i)));
                each.demand();
            }
        }
        assertEquals(
                1,
                together.stream().map(each -> each.next(Lane.CODEC)).distinct().count(),
                "equal keys in spite of other prompts, seeds and noise");
        for (Lane lane : List.of(Lane.TEXT, Lane.CODEC, Lane.DENOISE, Lane.CODEC)) {
            // The alone ones' texts are in the cache of the pipeline by now, so theirs come first.
            List<StepResult> single = new ArrayList<>();
            for (TinyGeneration each : alone) {
                single.add(rig.run(lane, List.of(each)).get(0));
            }
            List<StepResult> batch = rig.run(lane, together);
            for (int i = 0; i < WISHES.size(); i++) {
                same(single.get(i), batch.get(i));
                alone.get(i).commit(single.get(i));
                together.get(i).commit(batch.get(i));
            }
        }
        alone.forEach(TinyGeneration::close);
        together.forEach(TinyGeneration::close);
    }

    private static void same(StepResult one, StepResult other) {
        if (one instanceof Computed.Denoised a && other instanceof Computed.Denoised b) {
            assertTrue(greatest(a.latents(), b.latents()) < 1e-5);
        } else if (one instanceof Computed.Encoded a && other instanceof Computed.Encoded b) {
            assertTrue(greatest(a.latents(), b.latents()) < 1e-5);
        } else if (one instanceof Computed.Decoded a && other instanceof Computed.Decoded b) {
            byte[] left = Rig.bytes(a.frames().get(0));
            byte[] right = Rig.bytes(b.frames().get(0));
            for (int i = 0; i < left.length; i++) {
                assertTrue(Math.abs((left[i] & 0xff) - (right[i] & 0xff)) <= 1, "byte " + i);
            }
        } else if (one instanceof Computed.Prompts a && other instanceof Computed.Prompts b) {
            assertEquals(a.prompts().keySet(), b.prompts().keySet());
            a.prompts()
                    .forEach((text, rows) -> assertArrayEquals(rows, b.prompts().get(text), 1e-5f));
        } else {
            throw new AssertionError(one + " and " + other);
        }
    }

    private static double greatest(Tensor one, Tensor other) {
        try (TensorScope scope = TensorScope.inference()) {
            return one.sub(other).abs().max().item_double();
        }
    }

    @Test
    void aSessionBetweenOthersGetsItsFramesBitForBit() {
        List<byte[]> alone = new ArrayList<>();
        try (TinyGeneration one = rig.open(InputMode.VIDEO, WISHES.get(0))) {
            for (int i = 0; i < 4; i++) {
                alone.add(rig.film(one, Rig.picture(i)));
            }
        }
        List<TinyGeneration> all =
                WISHES.stream().map(wish -> rig.open(InputMode.VIDEO, wish)).toList();
        int done = 0;
        int[] fed = new int[all.size()];
        while (done < alone.size()) {
            for (int g = 0; g < all.size(); g++) {
                TinyGeneration each = all.get(g);
                while (fed[g] < done + 2) {
                    each.feed(List.of(Rig.picture(fed[g]++)));
                    each.demand();
                }
                for (Lane lane : Lane.values()) {
                    Optional<byte[]> frame =
                            Rig.nextOn(each, lane).isPresent() ? rig.step(lane, each) : Optional.empty();
                    if (g == 0 && frame.isPresent()) {
                        assertArrayEquals(alone.get(done), frame.get(), "frame " + done);
                        done++;
                    }
                }
            }
        }
        all.forEach(TinyGeneration::close);
    }

    @Test
    void nativeMemoryStaysFlatOverTwoThousandSteps() {
        steps(2_000);
    }

    @Test
    @Tag("soak")
    void nativeMemoryStaysFlatOverTenThousandSteps() {
        steps(10_000);
    }

    private void steps(int count) {
        try (Rig small = new Rig(RandomModel.networks(Placement.CPU), 32);
                TinyGeneration film = small.open(InputMode.VIDEO, WISHES.get(0));
                TinyGeneration paint = small.open(InputMode.TEXT, "{'prompts':['a sea']}")) {
            long objects = 0;
            long bytes = 0;
            for (int step = 0; step < count; ) {
                film.patch(rig.checked("{'noise_scale':" + 0.01 * (step % 100) + ",'base_seed':" + step % 3 + "}"));
                paint.patch(rig.checked("{'prompts':['" + step % 7 + "']}"));
                small.film(film, Rig.picture(step));
                small.paint(paint);
                step += 7;
                if (step >= count / 4 && objects == 0) {
                    // By now the caches of both are full.
                    objects = Pointer.totalCount();
                    bytes = Pointer.physicalBytes();
                }
            }
            assertTrue(Pointer.totalCount() <= objects + 64, Pointer.totalCount() + " objects, before " + objects);
            long more = Pointer.physicalBytes() - bytes;
            assertTrue(more < 64L << 20, "grown by " + more + " bytes");
        }
    }

    @Test
    void closingThePipelineFreesItsWeights() {
        long before = Pointer.totalCount();
        Rig other = new Rig(RandomModel.networks(Placement.CPU));
        TinyGeneration one = other.open(InputMode.TEXT, "{}");
        one.demand();
        byte[] frame = other.frame(one);
        assertEquals(3 * Rig.SIDE * Rig.SIDE, frame.length);
        one.close();
        other.close();
        assertTrue(Pointer.totalCount() <= before, Pointer.totalCount() + " objects, before " + before);
    }

    @Test
    void aFrameCarriesTheTimeOfItsPicture() {
        try (TinyGeneration one = rig.open(InputMode.VIDEO, "{}")) {
            one.feed(List.of(Rig.picture(7)));
            one.demand();
            for (Lane lane : List.of(Lane.TEXT, Lane.CODEC, Lane.DENOISE)) {
                rig.step(lane, one);
            }
            StepResult last = rig.run(Lane.CODEC, List.of(one)).get(0);
            assertEquals(
                    List.of(7000L),
                    last.frames().stream().map(VideoFrame::ptsMicros).toList());
            one.commit(last);
        }
    }
}
