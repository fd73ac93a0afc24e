package io.github.tachyscope.diffusion.tiny.style;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.testkit.NativeObjects;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StyleTest {
    /** No filter looks further than this; styles of whole panes and blurred edges come closest. */
    private static final int REACH = 32;

    private PointerScope scope;
    private InferenceMode inference;

    @BeforeEach
    void open() {
        torch.set_num_threads(1);
        scope = new PointerScope();
        inference = new InferenceMode(true);
    }

    @AfterEach
    void close() {
        inference.close();
        scope.close();
    }

    @ParameterizedTest
    @EnumSource(Style.class)
    void keepsShapeAndRangeAlsoForExtremePictures(Style style) {
        Tensor random = torch.rand(2, 3, 48, 32);
        assertLegal(style.apply(random), 2, 48, 32);
        assertLegal(style.apply(torch.zeros(1, 3, 16, 16)), 1, 16, 16);
        assertLegal(style.apply(torch.ones(1, 3, 16, 64)), 1, 16, 64);
    }

    @ParameterizedTest
    @EnumSource(Style.class)
    void sameGivesSameAndLeavesThePictureAlone(Style style) {
        Tensor picture = Samples.discs(1, 64, 64);
        float[] before = Samples.values(picture);
        float[] first = Samples.values(style.apply(picture));
        assertArrayEquals(first, Samples.values(style.apply(picture)));
        assertArrayEquals(before, Samples.values(picture));
    }

    @ParameterizedTest
    @EnumSource(Style.class)
    void picturesOfABatchDoNotMix(Style style) {
        Tensor left = Samples.discs(1, 64, 64);
        Tensor right = Samples.discs(2, 64, 64);
        Tensor both = style.apply(torch.cat(new TensorVector(left, right), 0));
        assertEquals(0, Samples.meanDifference(style.apply(left), both.narrow(0, 0, 1)), 1e-6);
        assertEquals(0, Samples.meanDifference(style.apply(right), both.narrow(0, 1, 1)), 1e-6);
    }

    @ParameterizedTest
    @EnumSource(Style.class)
    void cuttingAtMultiplesOfSixteenCommutesAwayFromBorders(Style style) {
        Tensor picture = Samples.discs(3, 192, 192);
        Tensor cutAfter = cut(style.apply(picture), 48, 16, 128);
        Tensor cutBefore = style.apply(cut(picture, 48, 16, 128));
        int inside = 128 - 2 * REACH;
        float[] expected = Samples.values(cut(cutAfter, REACH, REACH, inside));
        float[] actual = Samples.values(cut(cutBefore, REACH, REACH, inside));
        assertArrayEquals(expected, actual, 1e-3f);
    }

    /** Guards the test above: a pattern that did not repeat every 16 pixels, or no pattern at all, would pass it. */
    @Test
    void cuttingOffTheLatticeMovesThePatterns() {
        Tensor picture = Samples.discs(3, 192, 192);
        for (Style style : new Style[] {Style.PIXEL, Style.MOSAIC, Style.STAINED, Style.DOTS, Style.HALFTONE}) {
            Tensor cutAfter = cut(style.apply(picture), 50, 18, 128);
            Tensor cutBefore = style.apply(cut(picture, 50, 18, 128));
            assertTrue(Samples.meanDifference(cutAfter, cutBefore) > 0.02, style.name());
        }
    }

    @Test
    void everyTwoStylesLookDifferent() {
        Tensor picture = Samples.discs(4, 128, 128);
        Map<Style, Tensor> results = new EnumMap<>(Style.class);
        for (Style style : Style.values()) {
            results.put(style, style.apply(picture));
        }
        for (Style left : Style.values()) {
            for (Style right : Style.values()) {
                if (left.compareTo(right) < 0) {
                    double difference = Samples.meanDifference(results.get(left), results.get(right));
                    assertTrue(difference > 0.04, left + " and " + right + " differ by " + difference);
                }
            }
        }
    }

    @Test
    void photoIsThePictureInANewTensor() {
        Tensor picture = Samples.discs(5, 32, 32);
        Tensor result = Style.PHOTO.apply(picture);
        assertEquals(0, Samples.meanDifference(picture, result));
        assertTrue(picture.data_ptr().address() != result.data_ptr().address());
    }

    @Test
    void refusesPicturesThatDoNotFitTheLattice() {
        assertThrows(IllegalArgumentException.class, () -> Style.NEON.apply(torch.zeros(1, 3, 24, 32)));
        assertThrows(IllegalArgumentException.class, () -> Style.NEON.apply(torch.zeros(1, 1, 32, 32)));
        assertThrows(IllegalArgumentException.class, () -> Style.NEON.apply(torch.zeros(3, 32, 32)));
    }

    @Test
    void onlyTheResultOutlivesAStyleAndTheCallersScopeFreesIt() {
        Tensor picture = Samples.discs(6, 64, 64);
        for (Style style : Style.values()) {
            long before = Pointer.totalCount();
            Tensor kept;
            try (PointerScope work = new PointerScope()) {
                assertEquals(work, PointerScope.getInnerScope());
                long opened = Pointer.totalCount();
                kept = style.apply(picture);
                NativeObjects.assertNoMoreThan(opened + 1, style.name());
            }
            assertTrue(kept.isNull(), style.name());
            NativeObjects.assertNoMoreThan(before, style.name());
        }
    }

    @Test
    void aResultWithoutAScopeIsTheCallersToClose() throws Exception {
        AtomicReference<Tensor> kept = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            Tensor picture = torch.full(new long[] {1, 3, 16, 16}, new Scalar(0.5f));
            kept.set(Style.POPART.apply(picture));
            picture.close();
        });
        thread.start();
        thread.join();
        assertLegal(kept.get(), 1, 16, 16);
        kept.get().close();
        assertTrue(kept.get().isNull());
    }

    @ParameterizedTest
    @EnumSource(Style.class)
    void constantsFollowTheTypeOfThePicture(Style style) {
        Tensor picture = Samples.discs(7, 48, 48);
        Tensor result = style.apply(picture.to(ScalarType.Double));
        assertEquals(ScalarType.Double, result.scalar_type().intern());
        assertEquals(0, Samples.meanDifference(style.apply(picture), result.to(ScalarType.Float)), 1e-3);
    }

    @Test
    void eachStyleHasItsOwnNames() {
        Set<String> seen = new HashSet<>();
        for (Style style : Style.values()) {
            int names = style.synonyms().size();
            assertTrue(names >= 5 && names <= 9, style + " has " + names);
            style.synonyms().forEach(name -> assertTrue(seen.add(name), name));
        }
    }

    private static Tensor cut(Tensor picture, int x, int y, int size) {
        return picture.narrow(2, y, size).narrow(3, x, size).contiguous();
    }

    private static void assertLegal(Tensor result, long... shape) {
        assertArrayEquals(new long[] {shape[0], 3, shape[1], shape[2]}, result.shape());
        for (float value : Samples.values(result)) {
            assertTrue(value >= 0 && value <= 1, () -> "a value of " + value);
        }
    }
}
