package io.github.tachyscope.diffusion.tiny.style;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TonesTest {
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
    void aStaircaseHasItsTreadsAndNeverFalls() {
        float[] stairs = Samples.values(Tones.posterised(ramp(), 4, 16).pixels());
        for (int tread = 0; tread < 4; tread++) {
            assertEquals((tread + 0.5) / 4, stairs[125 + 250 * tread], 1e-3);
        }
        assertEquals(0, stairs[0], 1e-3);
        assertEquals(1, stairs[1000], 1e-3);
        for (int i = 1; i < stairs.length; i++) {
            assertTrue(stairs[i] >= stairs[i - 1] - 1e-6, "falls at " + i);
            assertTrue(stairs[i] - stairs[i - 1] < 0.02, "jumps at " + i);
        }
    }

    @Test
    void aSmoothStepRisesOrFallsBetweenItsEnds() {
        float[] rising = Samples.values(Tones.smooth(ramp(), 0.2, 0.6).pixels());
        float[] falling = Samples.values(Tones.smooth(ramp(), 0.6, 0.2).pixels());
        assertEquals(0, rising[200], 1e-5);
        assertEquals(0.5, rising[400], 1e-5);
        assertEquals(1, rising[600], 1e-5);
        for (int i = 0; i < rising.length; i++) {
            assertEquals(1, rising[i] + falling[i], 1e-5);
        }
    }

    @Test
    void aColourMapMeetsItsStopsAndIsLinearBetweenThem() {
        ColourMap map = ColourMap.even(0x000000, 0xFF0000, 0xFFFFFF);
        float[] painted = Samples.values(map.paint(ramp()).pixels());
        float[][] expected = {{0, 0, 0, 0}, {250, 0.5f, 0, 0}, {500, 1, 0, 0}, {750, 1, 0.5f, 0.5f}, {1000, 1, 1, 1}};
        for (float[] point : expected) {
            for (int channel = 0; channel < 3; channel++) {
                assertEquals(point[channel + 1], painted[channel * 1001 + (int) point[0]], 1e-5);
            }
        }
        assertThrows(IllegalArgumentException.class, () -> new ColourMap(List.of(ColourMap.stop(0, 0))));
        assertThrows(
                IllegalArgumentException.class,
                () -> new ColourMap(List.of(ColourMap.stop(0.5, 0), ColourMap.stop(0.5, 1))));
    }

    private static Canvas ramp() {
        float[] values = new float[1001];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / 1000f;
        }
        return new Canvas(Tensor.create(values, 1, 1, 1, 1001));
    }
}
