package io.github.tachyscope.diffusion.tiny.style;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FiltersTest {
    private static final int SIZE = 32;
    private PointerScope scope;

    @BeforeEach
    void open() {
        torch.set_num_threads(1);
        scope = new PointerScope();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void blurSpreadsAPointAsAGaussianDoes() {
        float[] point = new float[SIZE * SIZE];
        point[16 * SIZE + 16] = 1;
        float[] blurred = Samples.values(Filters.blur(grey(point), 2).pixels());
        double sum = 0;
        double secondMoment = 0;
        for (int i = 0; i < blurred.length; i++) {
            sum += blurred[i];
            secondMoment += blurred[i] * Math.pow(i % SIZE - 16, 2);
        }
        assertEquals(1, sum, 1e-4);
        assertEquals(2, Math.sqrt(secondMoment), 0.1);
        assertEquals(blurred[16 * SIZE + 13], blurred[13 * SIZE + 16], 1e-7);
    }

    @Test
    void aGradientMeasuresAStepAndItsDirection() {
        float[] step = new float[SIZE * SIZE];
        for (int i = 0; i < step.length; i++) {
            step[i] = i % SIZE >= 16 ? 1 : 0;
        }
        Filters.Gradient gradient = Filters.gradient(grey(step));
        float[] x = Samples.values(gradient.x().pixels());
        float[] y = Samples.values(gradient.y().pixels());
        assertEquals(1, x[10 * SIZE + 15], 1e-6);
        assertEquals(1, x[10 * SIZE + 16], 1e-6);
        assertEquals(0, x[10 * SIZE + 14], 1e-6);
        assertArrayEquals(new float[SIZE * SIZE], y, 1e-6f);
    }

    @Test
    void kuwaharaKeepsAStepThatABlurWouldSoften() {
        float[] step = new float[3 * SIZE * SIZE];
        for (int i = 0; i < step.length; i++) {
            step[i] = (i % SIZE >= 16 ? 0.8f : 0.2f) + (i * 7919 % 13 - 6) * 0.004f;
        }
        Canvas picture = new Canvas(Tensor.create(step, 1, 3, SIZE, SIZE));
        float[] kept = Samples.values(Filters.kuwahara(picture, 4).pixels());
        float[] soft = Samples.values(Filters.blur(picture, 2).pixels());
        int left = 10 * SIZE + 15;
        assertEquals(0.2, kept[left], 0.02);
        assertEquals(0.8, kept[left + 1], 0.02);
        assertTrue(soft[left + 1] - soft[left] < 0.2);
        assertTrue(Math.abs(kept[10 * SIZE + 8] - kept[10 * SIZE + 9]) < 0.006, "flat areas are flattened");
    }

    @Test
    void movesToTheRightForPositivePixels() {
        float[] point = new float[SIZE * SIZE];
        point[5 * SIZE + 10] = 1;
        assertEquals(1, Samples.values(Filters.moved(grey(point), 3).pixels())[5 * SIZE + 13]);
        assertEquals(1, Samples.values(Filters.moved(grey(point), -4).pixels())[5 * SIZE + 6]);
    }

    @Test
    void blocksHaveOneColourEach() {
        float[] blocks = Samples.values(
                Filters.blocks(new Canvas(Samples.discs(1, SIZE, SIZE)), 8).pixels());
        for (int i = 0; i < blocks.length; i++) {
            int x = i % SIZE;
            int y = i / SIZE;
            assertEquals(blocks[y / 8 * 8 * SIZE + x / 8 * 8], blocks[i]);
        }
    }

    @Test
    void grainHasZeroMeanAndUnitVariance() {
        for (Canvas noise : new Canvas[] {
            Patterns.grain(grey(new float[SIZE * SIZE])), Patterns.bristles(grey(new float[SIZE * SIZE]))
        }) {
            assertEquals(0, noise.pixels().mean().item_double(), 1e-6);
            assertEquals(1, noise.pixels().square().mean().item_double(), 1e-5);
        }
    }

    private static Canvas grey(float[] values) {
        return new Canvas(Tensor.create(values, 1, 1, SIZE, SIZE));
    }
}
