package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.schedule.Scheduler.Urgency;
import io.github.tachyscope.schedule.VirtualEngine.Ran;
import io.github.tachyscope.schedule.VirtualEngine.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When previews run, with the real scheduler in virtual time. */
class PreviewSchedulingTest {
    private static final RunId JOB = new RunId(1);
    private static final RunId LIVE = new RunId(2);
    private static final long STEP = 10_000;
    private static final double SHARE = 0.05;

    private static VirtualEngine engine(int slots, long previewMicros) {
        return new VirtualEngine(1, slots, 8, new DeadlinePolicy(), (kind, size) -> switch (kind) {
            case PREVIEW -> previewMicros * size;
            case TEXT_ENCODE, IMAGE_ENCODE, DENOISE, CACHE_UPDATE, DECODE -> STEP * size;
        });
    }

    private static void startJob(VirtualEngine engine, RunId id, int steps, boolean watched) {
        Work work = Work.denoising(steps, "job");
        Consumer<Scheduler.ChunkReply> again = reply -> engine.ask(id, Long.MAX_VALUE);
        if (watched) {
            engine.openWatched(id, work, Urgency.BATCH, again);
        } else {
            engine.open(id, work, Urgency.BATCH, 1, again);
        }
        engine.ask(id, Long.MAX_VALUE);
    }

    private static long micros(List<Ran> steps) {
        return steps.stream()
                .mapToLong(ran -> ran.endMicros() - ran.startMicros())
                .sum();
    }

    @ParameterizedTest
    @CsvSource({"1,10000", "2,10000", "3,10000", "1,40000", "2,3000"})
    void dearPreviewsKeepWithinTheirShareAtAnyTime(int slots, long cost) {
        VirtualEngine engine = engine(slots, cost);
        startJob(engine, JOB, 50, true);
        long end = 1_000 * STEP;
        engine.runUntil(end);
        for (Ran preview : engine.previewed) {
            long before = micros(engine.ran.stream()
                    .filter(ran -> ran.endMicros() <= preview.startMicros())
                    .toList());
            long taken = micros(engine.previewed.stream()
                    .filter(other -> other.endMicros() <= preview.endMicros())
                    .toList());
            assertTrue(taken <= SHARE * before + 1, taken + " of " + before);
        }
        double share = (double) micros(engine.previewed) / micros(engine.ran);
        assertTrue(share > 0.8 * SHARE, "share " + share);
        // The thread of the steps is never idle for a preview that is not affordable.
        long idle = end - micros(engine.ran) - (slots == 1 ? micros(engine.previewed) : 0);
        assertTrue(idle <= STEP + cost, "idle for " + idle);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void cheapPreviewsComeWithEveryStepAndOnlyOnce(int slots) {
        VirtualEngine engine = engine(slots, 100);
        startJob(engine, JOB, 10, true);
        engine.runUntil(200 * STEP);
        List<String> seen = engine.previewed.stream()
                .map(ran -> ran.chunk() + "/" + ran.step())
                .toList();
        assertEquals(seen.stream().distinct().toList(), seen, "each estimate once");
        // All but the last of ten, from the first steps on: those after which nothing is earned yet aside.
        long steps = engine.ran.stream().filter(ran -> ran.step() < 9).count();
        assertTrue(seen.size() >= steps - 2, seen.size() + " previews of " + steps + " steps");
        assertEquals(0, engine.frames.out());
        assertEquals(
                seen.size(),
                engine.news.stream()
                        .filter(news -> news instanceof Scheduler.Previewed)
                        .count());
        assertEquals(
                engine.ran.size(),
                engine.news.stream()
                        .filter(news -> news instanceof Scheduler.StepDone done
                                && done.plan().key().kind() == StepKind.DENOISE)
                        .count());
    }

    @Test
    void nobodyMakesPreviewsForARunThatNobodyFollows() {
        VirtualEngine engine = engine(1, 100);
        startJob(engine, JOB, 10, false);
        engine.openWatched(LIVE, Work.denoising(10, "live"), Urgency.LIVE, reply -> {});
        engine.ask(LIVE, 50 * STEP);
        engine.runUntil(100 * STEP);
        assertEquals(List.of(), engine.previewed);
    }

    private record Beside(List<Boolean> met, int previews, long jobSteps) {}

    /** A live session of one step every {@code period} beside jobs, with or without previews. */
    private static Beside beside(int slots, long preview, long period, long patience, boolean watched) {
        VirtualEngine engine = new VirtualEngine(1, slots, 8, new DeadlinePolicy(), (kind, size) -> switch (kind) {
            case PREVIEW -> preview * size;
            case DECODE -> 5_000L * size;
            case TEXT_ENCODE, IMAGE_ENCODE, DENOISE, CACHE_UPDATE -> STEP * size;
        });
        startJob(engine, JOB, 50, watched);
        List<Boolean> met = new ArrayList<>();
        long[] deadline = new long[1];
        engine.open(LIVE, new Work(List.of(StepKind.DENOISE, StepKind.DECODE), "live"), Urgency.LIVE, 1, reply -> {
            met.add(engine.clock.micros() <= deadline[0]);
            deadline[0] = 0;
        });
        for (int i = 0; i < 400; i++) {
            long when = 1_700 + period * i;
            engine.at(when, () -> {
                if (deadline[0] == 0) {
                    deadline[0] = when + patience;
                    engine.ask(LIVE, deadline[0]);
                }
            });
        }
        engine.runUntil(400 * period + 100 * STEP);
        long steps = engine.ran.stream().filter(ran -> ran.run().equals(JOB)).count();
        return new Beside(met, engine.previewed.size(), steps);
    }

    @ParameterizedTest
    @CsvSource({
        "1,100,33000,30000",
        "1,2000,50000,40000",
        "1,10000,100000,66000",
        "1,30000,100000,66000",
        "2,2000,33000,26000",
        "2,10000,100000,40000"
    })
    void aLiveSessionMeetsAllDeadlinesBesideAJobThatShowsItself(int slots, long cost, long period, long patience) {
        Beside without = beside(slots, cost, period, patience, false);
        Beside with = beside(slots, cost, period, patience, true);
        assertEquals(0, without.previews());
        // Of the first chunk nobody knows yet what it costs.
        assertFalse(without.met().subList(1, without.met().size()).contains(false));
        assertEquals(without.met(), with.met());
        assertTrue(with.previews() > 0, "some previews");
        assertTrue(with.jobSteps() >= 0.94 * without.jobSteps(), with.jobSteps() + " of " + without.jobSteps());
    }

    @Test
    void aSessionWithoutTimeToSpareSuffersNoPreview() {
        // A step of the job under way leaves 25 - 10 - 15 ms: less than a preview takes.
        Beside with = beside(1, 1_000, 50_000, 25_500, true);
        Beside without = beside(1, 1_000, 50_000, 25_500, false);
        assertEquals(without.met(), with.met());
        Beside late = beside(1, 100, 16_000, 12_000, true);
        assertTrue(late.met().stream().noneMatch(met -> met), "always late");
        assertEquals(0, late.previews());
    }

    @Test
    void thePreviewsOfAJobAreItsOwnTime() {
        VirtualEngine engine = engine(1, STEP);
        RunId other = new RunId(3);
        startJob(engine, JOB, 50, true);
        startJob(engine, other, 50, false);
        engine.runUntil(2_000 * STEP);
        long own =
                micros(engine.ran.stream().filter(ran -> ran.run().equals(JOB)).toList()) + micros(engine.previewed);
        long others = micros(
                engine.ran.stream().filter(ran -> ran.run().equals(other)).toList());
        assertTrue(engine.previewed.size() > 20, engine.previewed.size() + " previews");
        assertEquals(1, (double) own / others, 0.02);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void nothingIsLeftOfARunThatEndsAtAnyMoment(int slots) {
        long cost = STEP / 4;
        int steps = 12;
        for (long moment = 0; moment < steps * STEP; moment += STEP / 2 + cost / 8) {
            for (int way = 0; way < 3; way++) {
                VirtualEngine engine = engine(slots, cost);
                List<Scheduler.ChunkReply> replies = new ArrayList<>();
                engine.openWatched(JOB, Work.denoising(steps, "job"), Urgency.BATCH, replies::add);
                engine.ask(JOB, Long.MAX_VALUE);
                engine.runUntil(moment);
                String what = "slots " + slots + ", way " + way + " at " + moment;
                if (way == 0) {
                    engine.tell(new Scheduler.CloseRun(JOB));
                } else if (way == 1) {
                    engine.tell(new Scheduler.Suspend(JOB));
                    engine.runUntil(moment + 2 * STEP);
                    engine.tell(new Scheduler.CloseRun(JOB));
                } else {
                    engine.fails = run -> replies.isEmpty();
                    engine.runUntil(moment + 2 * STEP + cost);
                    assertTrue(replies.stream().anyMatch(reply -> reply instanceof Scheduler.ChunkFailed), what);
                    engine.fails = run -> false;
                    replies.clear();
                    engine.ask(JOB, Long.MAX_VALUE);
                    engine.runUntil(moment + 2 * steps * STEP);
                    assertTrue(replies.get(0) instanceof Scheduler.ChunkReady, what + ": " + replies);
                    engine.tell(new Scheduler.CloseRun(JOB));
                }
                engine.runUntil(moment + 5 * steps * STEP);
                assertTrue(engine.quiet(), what);
                assertEquals(0, engine.held(), what);
                assertEquals(0, engine.frames.out(), what);
            }
        }
    }

    @Test
    void aFailedPreviewEndsPreviewsAndNothingElse() {
        VirtualEngine engine = engine(1, 100);
        engine.blind = run -> engine.previewed.size() == 3;
        startJob(engine, JOB, 10, true);
        engine.runUntil(100 * STEP);
        assertEquals(3, engine.previewed.size());
        assertTrue(engine.ran.size() > 95, engine.ran.size() + " steps");
        assertEquals(
                2,
                engine.news.stream()
                        .filter(news -> news instanceof Scheduler.Previewed)
                        .count());
    }
}
