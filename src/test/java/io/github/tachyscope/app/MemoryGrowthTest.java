package io.github.tachyscope.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.app.MemoryGrowth.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

class MemoryGrowthTest {
    private static final long MIB = 1 << 20;

    /** One sample a minute. */
    private static MemoryGrowth judge(int count, IntToLongFunction heap, IntToLongFunction resident) {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            samples.add(new Sample(60 * (i + 1), heap.applyAsLong(i), resident.applyAsLong(i)));
        }
        return MemoryGrowth.of(samples);
    }

    @Test
    void whatGrowsInTheWarmUpOnlyIsNoGrowth() {
        MemoryGrowth growth = judge(16, i -> 50 * MIB, i -> Math.min(i, 4) * 200 * MIB);
        assertEquals(0, growth.resident(), 1);
        assertEquals(0, growth.residentPerHour(), 1);
        assertFalse(growth.beyond(1));
    }

    @Test
    void aSteadyLeakIsSeenWithItsRate() {
        MemoryGrowth growth = judge(60, i -> 50 * MIB, i -> 500 * MIB + i * MIB);
        assertEquals(60 * MIB, growth.residentPerHour(), MIB / 100.0);
        assertEquals(30 * MIB, growth.resident(), MIB / 100.0);
        assertEquals(0, growth.heapPerHour(), 1);
        assertTrue(growth.beyond(20 * MIB));
        assertFalse(growth.beyond(40 * MIB));
    }

    @Test
    void aLeakOfTheHeapAloneIsEnough() {
        assertTrue(judge(12, i -> i * 10 * MIB, i -> 900 * MIB).beyond(20 * MIB));
    }

    @Test
    void oneHighSampleIsNoLeak() {
        assertFalse(
                judge(40, i -> i == 39 ? 200 * MIB : 50 * MIB, i -> 500 * MIB).beyond(20 * MIB));
    }

    @Test
    void memoryThatShrinksIsNoGrowth() {
        MemoryGrowth growth = judge(20, i -> (100 - i) * MIB, i -> (900 - 10 * i) * MIB);
        assertTrue(growth.residentPerHour() < 0);
        assertFalse(growth.beyond(1));
    }

    @Test
    void tooFewSamplesAreNotJudged() {
        assertThrows(IllegalArgumentException.class, () -> judge(7, i -> 0, i -> 0));
    }
}
