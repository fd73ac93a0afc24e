package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.LoadSettings;
import io.github.tachyscope.config.LoadSettings.Measure;
import io.github.tachyscope.diffusion.Economy;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.passthrough.PassthroughProvider;
import io.github.tachyscope.diffusion.synthetic.SyntheticProvider;
import io.github.tachyscope.frame.PictureSize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PressureTest {
    private static final long SECOND = 1_000_000;

    private static LoadSettings settings(Measure... measures) {
        return new LoadSettings(4, 12, 0.95, 0.8, List.of(measures), Duration.ofSeconds(3));
    }

    @Test
    void levelsFollowTheDeclaredOrder() {
        List<Quality> ladder =
                Quality.ladder(settings(Measure.LOWER_RATE, Measure.FEWER_STEPS, Measure.SMALLER_PICTURES));
        assertEquals(
                List.of(Double.POSITIVE_INFINITY, 12.0, 9.0, 6.0, 6.0, 6.0),
                ladder.stream().map(Quality::mostFps).toList());
        assertEquals(Set.of(), ladder.get(3).economies());
        assertEquals(Set.of(Economy.FEWER_STEPS), ladder.get(4).economies());
        assertEquals(
                Set.of(Economy.FEWER_STEPS, Economy.SMALLER_PICTURES),
                ladder.get(5).economies());
        assertEquals(
                Set.of(Economy.FEWER_STEPS),
                Quality.ladder(settings(Measure.FEWER_STEPS, Measure.LOWER_RATE))
                        .get(1)
                        .economies());
        assertEquals(List.of(Quality.FULL), Quality.ladder(settings()));
    }

    @Test
    void refusesAboveTheUpperThresholdUntilBelowTheLower() {
        Pressure pressure = new Pressure(settings());
        assertFalse(pressure.refuses(0.94));
        assertTrue(pressure.refuses(0.96));
        assertTrue(pressure.refuses(0.9));
        assertFalse(pressure.refuses(0.79));
        assertFalse(pressure.refuses(0.9));
    }

    @Test
    void aSessionAloneGivesNothingUp() {
        Pressure pressure = new Pressure(settings(Measure.LOWER_RATE));
        assertFalse(pressure.adjust(1, quality -> 9, 5 * SECOND));
        assertEquals(Quality.FULL, pressure.quality());
    }

    @Test
    void goesDownStepByStepAndAllTheWayBackUp() {
        Pressure pressure = new Pressure(settings(Measure.LOWER_RATE, Measure.FEWER_STEPS));
        long now = 0;
        // Four sessions of 40 ms a frame: 1.92 at 12 fps, 0.96 at 6, 0.58 with fewer steps.
        for (int second = 0; second < 30; second++) {
            pressure.adjust(4, quality -> load(4, quality), now += SECOND);
        }
        assertEquals(4, pressure.quality().level());
        for (int second = 0; second < 30; second++) {
            pressure.adjust(2, quality -> load(2, quality), now += SECOND);
        }
        // Two take 0.96 at the target and 0.72 at three quarters of it.
        assertEquals(2, pressure.quality().level());
        pressure.adjust(1, quality -> load(1, quality), now + SECOND);
        assertEquals(Quality.FULL, pressure.quality());
    }

    private static double load(int sessions, Quality quality) {
        double frame = quality.economies().isEmpty() ? 0.04 : 0.024;
        return sessions * frame * Math.min(12, quality.mostFps());
    }

    @Test
    void settlesUnderAnySteadyLoadAndNeverFlaps() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 300; round++) {
            Pressure pressure =
                    new Pressure(settings(Measure.LOWER_RATE, Measure.FEWER_STEPS, Measure.SMALLER_PICTURES));
            int sessions = 2 + random.nextInt(12);
            double frame = random.nextDouble(0.1);
            double economy = random.nextDouble(0.3, 1.0);
            long now = 0;
            List<Integer> changes = new ArrayList<>();
            for (int second = 0; second < 120; second++) {
                if (pressure.adjust(
                        sessions,
                        quality -> sessions
                                * frame
                                * Math.pow(economy, quality.economies().size())
                                * Math.min(12, quality.mostFps()),
                        now += SECOND)) {
                    changes.add(second);
                }
            }
            assertTrue(changes.size() <= 5, "seed " + seed + ", round " + round + ": changes at " + changes);
            for (int i = 1; i < changes.size(); i++) {
                assertTrue(changes.get(i) - changes.get(i - 1) >= 3, "seed " + seed + ": changes at " + changes);
            }
        }
    }

    @Test
    void needsAreKnownPerEconomyAndGuessedBefore() {
        RunNeeds needs = new RunNeeds(new SyntheticProvider().spec(), Optional.empty());
        Set<Economy> both = Set.of(Economy.FEWER_STEPS, Economy.SMALLER_PICTURES);
        assertFalse(needs.known());
        assertEquals(0, needs.micros(Lane.DENOISE, Set.of()));
        for (int i = 0; i < 100; i++) {
            needs.present().ran(Lane.DENOISE, 1_000);
            needs.present().ran(Lane.DENOISE, 3_000);
            needs.present().finished();
        }
        assertEquals(4_000, needs.micros(Lane.DENOISE, Set.of()), 1);
        assertEquals(2_800, needs.micros(Lane.DENOISE, Set.of(Economy.FEWER_STEPS)), 1);
        assertEquals(1_960, needs.micros(Lane.DENOISE, both), 1);
        needs.economize(Set.of(Economy.FEWER_STEPS));
        needs.present().ran(Lane.DENOISE, 1_500);
        needs.present().finished();
        assertEquals(1_500, needs.micros(Lane.DENOISE, Set.of(Economy.FEWER_STEPS)), 1);
        assertEquals(4_000, needs.micros(Lane.DENOISE, Set.of()), 1);
    }

    @Test
    void whatTheRunCannotDoWithoutIsNotExpectedOfIt() {
        PictureSize least = new PictureSize(64, 64);
        for (RunNeeds needs : List.of(
                new RunNeeds(new SyntheticProvider().spec(), Optional.of(least)),
                new RunNeeds(new SyntheticProvider().spec().loadedFor(least), Optional.empty()),
                new RunNeeds(new PassthroughProvider().spec(), Optional.empty()))) {
            needs.present().ran(Lane.DENOISE, 1_000);
            needs.present().finished();
            assertEquals(1_000, needs.micros(Lane.DENOISE, Set.of(Economy.SMALLER_PICTURES)));
        }
    }

    @Test
    void theLastLevelIsReachedAndUndone() {
        Pressure pressure = new Pressure(settings(Measure.LOWER_RATE, Measure.FEWER_STEPS, Measure.SMALLER_PICTURES));
        RunNeeds needs = new RunNeeds(new SyntheticProvider().spec(), Optional.empty());
        List<Set<Economy>> seen = new ArrayList<>();
        long now = 0;
        for (int sessions : new int[] {7, 2}) {
            for (int second = 0; second < 30; second++) {
                Set<Economy> economies = pressure.quality().economies();
                needs.economize(economies);
                // 40 ms a chunk of one frame, 28 with fewer steps, 16 with smaller pictures too.
                needs.present().ran(Lane.DENOISE, 40_000 - 12_000L * economies.size());
                needs.present().finished();
                pressure.adjust(
                        sessions,
                        quality -> sessions
                                * needs.micros(Lane.DENOISE, quality.economies())
                                * Math.min(12, quality.mostFps())
                                / 1e6,
                        now += SECOND);
                if (seen.isEmpty() || !seen.get(seen.size() - 1).equals(economies)) {
                    seen.add(economies);
                }
            }
        }
        Set<Economy> fewer = Set.of(Economy.FEWER_STEPS);
        Set<Economy> both = Set.of(Economy.FEWER_STEPS, Economy.SMALLER_PICTURES);
        assertEquals(List.of(Set.of(), fewer, both, fewer, Set.of()), seen);
    }
}
