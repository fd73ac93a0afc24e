package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.BatchKey;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.schedule.Scheduler.Urgency;
import io.github.tachyscope.schedule.StepPolicy.Candidate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StepPolicyTest {
    private static final StepPolicy.BatchCost TEN_EACH = (key, size) -> 10L * size;

    private static Candidate live(int id, long deadline, long chunkMicros, String form) {
        return new Candidate(new RunId(id), id, Urgency.LIVE, "p", key(form), 8, deadline, 0, chunkMicros, 0);
    }

    private static Candidate batch(int id, long ready, long served) {
        return new Candidate(
                new RunId(id), id, Urgency.BATCH, "p", key("form " + id), 8, Long.MAX_VALUE, ready, 10, served);
    }

    private static BatchKey key(String form) {
        return new BatchKey("p", StepKind.DENOISE, form);
    }

    private static List<Long> ids(List<Candidate> batch) {
        return batch.stream().map(each -> each.runId().value()).toList();
    }

    @Test
    void servesTheEarliestDeadlineThatCanStillBeMet() {
        List<Candidate> waiting = List.of(live(1, 500, 10, "a"), live(2, 300, 10, "b"), live(3, 105, 10, "c"));
        assertEquals(List.of(2L), ids(StepPolicy.choose(100, waiting, 8, TEN_EACH)));
    }

    @Test
    void prefersLiveRunsToBatchRuns() {
        assertEquals(
                List.of(2L), ids(StepPolicy.choose(0, List.of(batch(1, 0, 0), live(2, 900, 10, "a")), 8, TEN_EACH)));
    }

    @Test
    void coalescesEqualKeysUpToTheLimitsAndKeepsOtherKeysOut() {
        List<Candidate> waiting = new ArrayList<>();
        for (int id = 0; id < 6; id++) {
            waiting.add(live(id, 10_000 + id, 10, id == 3 ? "other" : "same"));
        }
        assertEquals(List.of(0L, 1L, 2L, 4L), ids(StepPolicy.choose(0, waiting, 4, TEN_EACH)));
    }

    @Test
    void doesNotCoalesceWhenTheMostUrgentStepWouldMissItsDeadline() {
        List<Candidate> waiting = List.of(live(1, 125, 10, "a"), live(2, 900, 10, "a"), live(3, 900, 10, "a"));
        assertEquals(List.of(1L, 2L), ids(StepPolicy.choose(100, waiting, 8, TEN_EACH)));
    }

    @Test
    void aBatchRunIsServedAlthoughLiveRunsNeverStop() {
        long now = 0;
        boolean served = false;
        while (now < 3 * StepPolicy.AGED_MICROS && !served) {
            List<Candidate> waiting = List.of(
                    new Candidate(new RunId(1), 1, Urgency.LIVE, "p", key("a"), 8, now + 50_000, now, 10_000, 0),
                    batch(2, 0, 0));
            served = ids(StepPolicy.choose(now, waiting, 8, TEN_EACH)).contains(2L);
            now += 10_000;
        }
        assertTrue(served);
        assertTrue(now <= StepPolicy.AGED_MICROS + 10_000, "waited " + now);
    }

    @Test
    void sixteenBatchRunsGetEqualSharesInEveryRound() {
        long seed = 7;
        assertEquals(simulate(seed), simulate(seed), "seed " + seed);
        List<Long> order = simulate(seed);
        int runs = 16;
        int steps = 4 * 100;
        int[] served = new int[runs];
        for (long id : order) {
            served[(int) id]++;
            int most = java.util.Arrays.stream(served).max().orElseThrow();
            int least = java.util.Arrays.stream(served).min().orElseThrow();
            assertTrue(most - least <= 1, "seed " + seed + ": " + most + " against " + least);
        }
        for (int each : served) {
            assertEquals(steps, each);
        }
    }

    /** 16 runs x 4 steps x 100 rounds in virtual time, candidates offered in random order. */
    private static List<Long> simulate(long seed) {
        Random random = new Random(seed);
        long[] servedMicros = new long[16];
        long[] ready = new long[16];
        List<Long> order = new ArrayList<>();
        long now = 0;
        for (int step = 0; step < 16 * 4 * 100; step++) {
            List<Candidate> waiting = new ArrayList<>();
            for (int id = 0; id < 16; id++) {
                waiting.add(batch(id, ready[id], servedMicros[id]));
            }
            Collections.shuffle(waiting, random);
            Candidate chosen = StepPolicy.choose(now, waiting, 8, TEN_EACH).get(0);
            int id = (int) chosen.runId().value();
            now += 2_000;
            servedMicros[id] += 2_000;
            ready[id] = now;
            order.add((long) id);
        }
        return order;
    }

    @Test
    void aRunWithDearStepsGetsFewerOfThemAndTheSameTime() {
        long[] served = new long[2];
        long now = 0;
        for (int step = 0; step < 1_000; step++) {
            List<Candidate> waiting = List.of(batch(0, now, served[0]), batch(1, now, served[1]));
            int id = (int) StepPolicy.choose(now, waiting, 8, TEN_EACH).get(0).order();
            served[id] += id == 0 ? 1_000 : 5_000;
            now += id == 0 ? 1_000 : 5_000;
        }
        assertTrue(Math.abs(served[0] - served[1]) <= 5_000, served[0] + " against " + served[1]);
    }
}
