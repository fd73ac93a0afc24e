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

class DeadlinePolicyTest {
    /** A batch of n costs as much as 5 + 5 n. */
    private static final StepPolicy.BatchCost HALF_EACH = (key, size) -> 5L + 5L * size;

    private static Candidate live(int id, long deadline, long chunkMicros, String form) {
        return live(id, deadline, 0, chunkMicros, form);
    }

    private static Candidate live(int id, long deadline, long ready, long chunkMicros, String form) {
        return new Candidate(
                new RunId(id),
                id,
                Urgency.LIVE,
                "p",
                key(form),
                8,
                0,
                ready,
                deadline,
                ready,
                chunkMicros,
                chunkMicros,
                0);
    }

    private static Candidate batch(int id, long ready, double served) {
        return new Candidate(
                new RunId(id),
                id,
                Urgency.BATCH,
                "p",
                key("form " + id),
                8,
                0,
                ready,
                Long.MAX_VALUE,
                ready,
                10,
                10,
                served);
    }

    private static BatchKey key(String form) {
        return new BatchKey("p", StepKind.DENOISE, form);
    }

    private static List<Candidate> choose(long now, List<Candidate> waiting, int maxBatch, StepPolicy.BatchCost cost) {
        return new DeadlinePolicy().choose(new StepPolicy.Queue(now, waiting, maxBatch, 0, cost));
    }

    private static List<Long> ids(List<Candidate> batch) {
        return batch.stream().map(each -> each.runId().value()).toList();
    }

    @Test
    void servesTheEarliestDeadlineThatCanStillBeMet() {
        List<Candidate> waiting = List.of(live(1, 500, 10, "a"), live(2, 300, 10, "b"), live(3, 105, 10, "c"));
        assertEquals(List.of(2L), ids(choose(100, waiting, 8, HALF_EACH)));
    }

    @Test
    void prefersLiveRunsToBatchRuns() {
        assertEquals(List.of(2L), ids(choose(0, List.of(batch(1, 0, 0), live(2, 900, 10, "a")), 8, HALF_EACH)));
    }

    @Test
    void coalescesEqualKeysUpToTheLimitsAndKeepsOtherKeysOut() {
        List<Candidate> waiting = new ArrayList<>();
        for (int id = 0; id < 6; id++) {
            waiting.add(live(id, 10_000 + id, 10, id == 3 ? "other" : "same"));
        }
        assertEquals(List.of(0L, 1L, 2L, 4L), ids(choose(0, waiting, 4, HALF_EACH)));
    }

    @Test
    void doesNotCoalesceWhenTheMostUrgentStepWouldMissItsDeadline() {
        List<Candidate> waiting = List.of(live(1, 118, 10, "a"), live(2, 900, 10, "a"), live(3, 900, 10, "a"));
        assertEquals(List.of(1L, 2L), ids(choose(100, waiting, 8, HALF_EACH)));
    }

    @Test
    void growsABatchOnlyWhileItCostsLessThanStepsOneByOne() {
        List<Candidate> waiting = new ArrayList<>();
        for (int id = 0; id < 8; id++) {
            waiting.add(live(id, 10_000 + id, 10, "same"));
        }
        // From four on, another member costs as much as a step alone.
        StepPolicy.BatchCost knee = (key, size) -> size <= 4 ? 6 + 4L * size : 22 + 10L * (size - 4);
        assertEquals(List.of(0L, 1L, 2L, 3L), ids(choose(0, waiting, 8, knee)));
        assertEquals(List.of(0L), ids(choose(0, waiting, 8, (key, size) -> 10L * size)));
        assertEquals(8, choose(0, waiting, 8, (key, size) -> 0).size());
    }

    @Test
    void doesNotFillABatchAtTheCostOfAnotherDeadline() {
        // The other form must start within 15; alone the first step takes 10, with one companion 15, with two 20.
        List<Candidate> waiting =
                List.of(live(1, 20, 10, "a"), live(2, 900, 10, "a"), live(3, 900, 10, "a"), live(4, 25, 10, "b"));
        assertEquals(List.of(1L, 2L), ids(choose(0, waiting, 8, HALF_EACH)));
        // What is late anyway holds nobody back.
        waiting = List.of(live(1, 90, 10, "a"), live(2, 900, 10, "a"), live(3, 900, 10, "a"), live(4, 5, 10, "b"));
        assertEquals(List.of(1L, 2L, 3L), ids(choose(0, waiting, 8, HALF_EACH)));
    }

    @Test
    void aJobJoinsALiveChunkInTimeButNotALateOne() {
        Candidate job =
                new Candidate(new RunId(9), 9, Urgency.BATCH, "p", key("a"), 8, 0, 0, Long.MAX_VALUE, 0, 10, 10, 0);
        assertEquals(List.of(1L, 9L), ids(choose(0, List.of(live(1, 900, 10, "a"), job), 8, HALF_EACH)));
        assertEquals(List.of(1L), ids(choose(0, List.of(live(1, 5, 10, "a"), job), 8, HALF_EACH)));
    }

    @Test
    void aJobJoinsALiveChunkOnlyWhereThatIsCheap() {
        Candidate job =
                new Candidate(new RunId(9), 9, Urgency.BATCH, "p", key("a"), 8, 0, 0, Long.MAX_VALUE, 0, 10, 10, 0);
        List<Candidate> waiting = List.of(live(1, 900, 10, "a"), live(2, 950, 10, "a"), job);
        StepPolicy.BatchCost dear = (key, size) -> 2L + 8L * size;
        assertEquals(List.of(1L, 2L), ids(choose(0, waiting, 8, dear)));
        assertEquals(List.of(1L, 2L, 9L), ids(choose(0, waiting, 8, HALF_EACH)));
    }

    @Test
    void aThreadIsKeptFreeForALiveChunkThatComesSoonAndCannotWait() {
        Candidate job = batch(1, 0, 0);
        long now = 1000;
        record Case(boolean begins, long comes, long spare, long credit) {}
        for (Case each : List.of(
                new Case(true, now + 4, 6, 0),
                new Case(false, now + 4, 5, 0),
                new Case(false, now + 4, -50, 0),
                new Case(true, now + 5, -50, 0),
                new Case(false, now - 20, 9, 0),
                new Case(true, now - 20, 10, 0),
                new Case(true, now + 4, -50, 10))) {
            List<Candidate> chosen = new DeadlinePolicy()
                    .choose(new StepPolicy.Queue(
                            now,
                            List.of(job),
                            8,
                            each.credit(),
                            List.of(new StepPolicy.Arrival(each.comes(), each.spare())),
                            HALF_EACH));
            assertEquals(each.begins() ? List.of(1L) : List.of(), ids(chosen), each.toString());
        }
        // A live step never waits for another one.
        assertEquals(
                List.of(2L),
                ids(new DeadlinePolicy()
                        .choose(new StepPolicy.Queue(
                                now,
                                List.of(job, live(2, 900, 10, "a")),
                                8,
                                0,
                                List.of(new StepPolicy.Arrival(now, -50)),
                                HALF_EACH))));
    }

    @Test
    void theMostUrgentOfThoseThatFitJoin() {
        List<Candidate> waiting = new ArrayList<>();
        for (int id = 0; id < 40; id++) {
            waiting.add(live(id, 10_000 + (id * 7) % 40, 10, "same"));
        }
        List<Long> chosen = ids(choose(0, waiting, 5, HALF_EACH));
        assertEquals(List.of(0L, 23L, 6L, 29L, 12L), chosen);
    }

    @Test
    void anAgedLiveStepGoesFirst() {
        long now = 5_000_000;
        List<Candidate> waiting = List.of(
                live(1, now + 50, now - 10, 10, "a"), live(2, now - 9_000, now - DeadlinePolicy.AGED_MICROS, 10, "b"));
        assertEquals(List.of(2L), ids(choose(now, waiting, 8, HALF_EACH)));
    }

    @Test
    void aBatchRunIsServedAlthoughLiveRunsNeverStop() {
        DeadlinePolicy policy = new DeadlinePolicy();
        BatchCredit credit = new BatchCredit();
        Candidate job = new Candidate(
                new RunId(2), 2, Urgency.BATCH, "p", key("b"), 8, 0, 0, Long.MAX_VALUE, 0, 10_000, 10_000, 0);
        long live = 0;
        long batch = 0;
        for (long now = 0; now < 3_000_000; now += 10_000) {
            List<Candidate> waiting = List.of(live(1, now + 50_000, now, 10_000, "a"), job);
            boolean served = ids(policy.choose(new StepPolicy.Queue(now, waiting, 8, credit.micros(), HALF_EACH)))
                    .contains(2L);
            credit.ran(!served, true, 10_000);
            live += served ? 0 : 10_000;
            batch += served ? 10_000 : 0;
        }
        assertEquals(BatchCredit.SHARE, (double) batch / (batch + live), 0.01);
        assertTrue(batch > 0);
    }

    @Test
    void whatJobsAreOwedComesEvenBeforeLiveStepsThatHaveWaitedTooLong() {
        long now = 5_000_000;
        Candidate job = batch(1, 0, 0);
        Candidate aged = live(2, now - 9_000, now - DeadlinePolicy.AGED_MICROS, 10, "b");
        DeadlinePolicy policy = new DeadlinePolicy();
        assertEquals(List.of(1L), ids(policy.choose(new StepPolicy.Queue(now, List.of(aged, job), 8, 10, HALF_EACH))));
        assertEquals(List.of(2L), ids(policy.choose(new StepPolicy.Queue(now, List.of(aged, job), 8, 9, HALF_EACH))));
        Candidate other =
                new Candidate(new RunId(3), 3, Urgency.BATCH, "p", job.key(), 8, 0, 0, Long.MAX_VALUE, 0, 10, 10, 5);
        List<Candidate> waiting = List.of(aged, job, other);
        assertEquals(List.of(1L), ids(policy.choose(new StepPolicy.Queue(now, waiting, 8, 14, HALF_EACH))));
        assertEquals(List.of(1L, 3L), ids(policy.choose(new StepPolicy.Queue(now, waiting, 8, 15, HALF_EACH))));
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
        double[] servedMicros = new double[16];
        long[] ready = new long[16];
        List<Long> order = new ArrayList<>();
        long now = 0;
        for (int step = 0; step < 16 * 4 * 100; step++) {
            List<Candidate> waiting = new ArrayList<>();
            for (int id = 0; id < 16; id++) {
                waiting.add(batch(id, ready[id], servedMicros[id]));
            }
            Collections.shuffle(waiting, random);
            Candidate chosen = choose(now, waiting, 8, HALF_EACH).get(0);
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
        double[] served = new double[2];
        long now = 0;
        for (int step = 0; step < 1_000; step++) {
            List<Candidate> waiting = List.of(batch(0, now, served[0]), batch(1, now, served[1]));
            int id = (int) choose(now, waiting, 8, HALF_EACH).get(0).order();
            served[id] += id == 0 ? 1_000 : 5_000;
            now += id == 0 ? 1_000 : 5_000;
        }
        assertTrue(Math.abs(served[0] - served[1]) <= 5_000, served[0] + " against " + served[1]);
    }
}
