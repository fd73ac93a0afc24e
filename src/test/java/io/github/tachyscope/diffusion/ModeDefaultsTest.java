package io.github.tachyscope.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModeDefaultsTest {
    private static ModeDefaults of(List<Integer> steps, int most) {
        return new ModeDefaults(64, 64, new ChunkGeometry(0, 0, 1, 1), steps, most, Optional.empty(), Optional.empty());
    }

    @Test
    void shorterListsTakeSomeOfThePipelinesOwnStepsAndLongerOnesSomeBetween() {
        ModeDefaults four = of(List.of(1000, 750, 500, 250), 50);
        assertEquals(List.of(1000, 500), four.denoisingSteps(2));
        assertEquals(List.of(1000, 750, 500, 250), four.denoisingSteps(4));
        assertEquals(List.of(1000, 875, 750, 625, 500, 375, 250, 125), four.denoisingSteps(8));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 20, 50, 100})
    void listsOfEveryLengthFallAndEndAboveZero(int count) {
        for (List<Integer> own :
                List.of(List.of(1000), List.of(1000, 750, 500, 250), List.of(900, 100), List.of(100, 99, 98))) {
            List<Integer> steps = of(own, 100).denoisingSteps(count);
            assertEquals(count, steps.size());
            assertEquals(own.get(0), steps.get(0));
            for (int i = 0; i < count; i++) {
                assertTrue(steps.get(i) >= 1 && (i == 0 || steps.get(i) < steps.get(i - 1)), own + ": " + steps);
            }
        }
    }

    @Test
    void noMoreThanTheModeTakes() {
        assertThrows(IllegalArgumentException.class, () -> of(List.of(1000), 4).denoisingSteps(5));
    }
}
