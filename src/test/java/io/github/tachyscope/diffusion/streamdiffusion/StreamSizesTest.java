package io.github.tachyscope.diffusion.streamdiffusion;

import static io.github.tachyscope.diffusion.streamdiffusion.Rig.picture;
import static io.github.tachyscope.diffusion.streamdiffusion.Rig.plan;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.Economy;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.ParameterRejected;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.tensor.Torch;
import io.github.tachyscope.testkit.NativeObjects;
import io.github.tachyscope.testkit.SmallModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions with a picture size of their own, and those that make do with a smaller one for a while. */
class StreamSizesTest {
    private static final PictureSize LOADED = new PictureSize(192, 192);
    private static final PictureSize OTHER = new PictureSize(160, 128);
    private static final PictureSize SMALLER = new PictureSize(144, 144);

    @TempDir
    static Path folder;

    private static SmallModels models;
    private static Rig rig;

    @BeforeAll
    static void load() throws Exception {
        Torch.useThreads(1);
        models = SmallModels.in(folder);
        rig = rig(LOADED);
    }

    @AfterAll
    static void close() {
        rig.close();
    }

    private static Rig rig(PictureSize size) {
        return Rig.of(models, new LoadRequest(Rig.light(SmallModels.SD15).model(), size.width(), size.height(), 1));
    }

    private static StreamGeneration open(Rig of, Optional<PictureSize> size, String parameters) {
        return (StreamGeneration)
                of.pipeline.open(new GenerationRequest(InputMode.VIDEO, of.checked(parameters), size));
    }

    @Test
    void aSessionOfItsOwnSizeShowsWhatAPipelineLoadedForItShows() {
        String wish = "{'prompts':['a cat'],'t_index_list':[20,35],'guidance_scale':1.3}";
        try (Rig there = rig(OTHER);
                StreamGeneration expected = open(there, Optional.empty(), wish);
                StreamGeneration one = open(rig, Optional.of(OTHER), wish)) {
            for (int frame = 0; frame < 3; frame++) {
                byte[] shown = rig.film(one, picture(frame));
                assertEquals(PixelFormat.RGB24.bytes(160, 128), shown.length);
                assertArrayEquals(there.film(expected, picture(frame)), shown, "frame " + frame);
            }
        }
    }

    @Test
    void onlySessionsOfOneSizeShareABatch() {
        try (StreamGeneration usual = open(rig, Optional.empty(), "{}");
                StreamGeneration same = open(rig, Optional.of(LOADED), "{}");
                StreamGeneration other = open(rig, Optional.of(OTHER), "{}")) {
            for (StreamGeneration one : List.of(usual, same, other)) {
                one.feed(List.of(picture(1)));
                one.demand();
            }
            Object key = plan(usual, Lane.CODEC).orElseThrow().key();
            assertEquals(key, plan(same, Lane.CODEC).orElseThrow().key());
            assertNotEquals(key, plan(other, Lane.CODEC).orElseThrow().key());
        }
    }

    @Test
    void aSizeThatCannotBeIsRefusedByNameAndRange() {
        for (PictureSize wrong :
                List.of(new PictureSize(130, 128), new PictureSize(64, 128), new PictureSize(128, 4096))) {
            ParameterRejected refusal =
                    assertThrows(ParameterRejected.class, () -> open(rig, Optional.of(wrong), "{}"), wrong.toString());
            assertTrue(refusal.getMessage().contains("multiples of 8 from 128 to 2048"), refusal.getMessage());
        }
    }

    @Test
    void everyFrameIsShownWhileASessionGetsSmallerAndLargerAgainAndNothingIsLeft() {
        String wish = "{'prompts':['a cat'],'t_index_list':[20,35]}";
        open(rig, Optional.empty(), wish).close();
        long before = Pointer.totalCount();
        try (StreamGeneration one = open(rig, Optional.empty(), wish);
                StreamGeneration small = open(rig, Optional.of(SMALLER), wish)) {
            rig.film(one, picture(0));
            byte[] full = rig.film(one, picture(1));
            assertEquals(PixelFormat.RGB24.bytes(192, 192), full.length);
            one.economize(Set.of(Economy.SMALLER_PICTURES));
            for (int frame = 2; frame < 5; frame++) {
                byte[] shown = rig.film(one, picture(frame));
                assertEquals(PixelFormat.RGB24.bytes(144, 144), shown.length);
                assertArrayEquals(rig.film(small, picture(frame)), shown, "a new stream from frame 2 on: " + frame);
            }
            one.economize(Set.of());
            assertEquals(PixelFormat.RGB24.bytes(192, 192), rig.film(one, picture(4)).length);
            assertEquals(PixelFormat.RGB24.bytes(192, 192), rig.film(one, picture(4)).length);
        }
        NativeObjects.assertNoMoreThan(before);
    }

    @Test
    void aPictureOfAnotherSizeIsNeverShownAgain() {
        String wish = "{'t_index_list':[30],'similar_image_filter_enabled':true,'similar_image_filter_threshold':0.1}";
        try (StreamGeneration one = open(rig, Optional.empty(), wish)) {
            for (int frame = 0; frame < 12; frame++) {
                boolean small = frame / 3 % 2 == 1;
                one.economize(small ? Set.of(Economy.SMALLER_PICTURES) : Set.of());
                int side = small ? 144 : 192;
                assertEquals(PixelFormat.RGB24.bytes(side, side), rig.film(one, picture(1)).length, "frame " + frame);
            }
        }
    }

    @Test
    void aLoopGoesOnWithTheLastPictureWhateverItsSize() {
        try (StreamGeneration one = open(rig, Optional.empty(), "{'image_loopback':true,'t_index_list':[30]}")) {
            rig.film(one, picture(0));
            one.economize(Set.of(Economy.SMALLER_PICTURES));
            assertEquals(PixelFormat.RGB24.bytes(144, 144), rig.film(one, picture(1)).length);
            assertEquals(PixelFormat.RGB24.bytes(144, 144), rig.film(one, picture(1)).length);
        }
    }
}
