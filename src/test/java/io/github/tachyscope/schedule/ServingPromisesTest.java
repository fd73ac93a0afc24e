package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.TextNode;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.schedule.Scheduler.Urgency;
import io.github.tachyscope.schedule.VirtualEngine.Ran;
import io.github.tachyscope.schedule.VirtualEngine.Work;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What many sessions on few devices may rely on, shown with the real scheduler in virtual time. */
class ServingPromisesTest {
    private static final long STEP = 2_000;
    private static final int RUNS = 256;
    private static final int DEVICES = 4;

    @Test
    void jobsOfAWeightClassGetEqualNumbersOfStepsAndNobodyWaitsLong() {
        List<Ran> order = shares(1, RUNS, 100);
        Map<RunId, Integer> steps = new HashMap<>();
        Map<RunId, Long> last = new HashMap<>();
        Map<RunId, Long> longest = new HashMap<>();
        for (Ran ran : order) {
            steps.merge(ran.run(), 1, Integer::sum);
            Long before = last.put(ran.run(), ran.endMicros());
            long waited = ran.startMicros() - (before == null ? 0 : before);
            longest.merge(ran.run(), waited, Math::max);
        }
        assertEquals(RUNS, steps.size());
        // In a round each run of weight 1 has one step, each of weight 2 two.
        long round = STEP * (RUNS / DEVICES) * 3 / 2;
        longest.forEach((run, waited) ->
                assertTrue(waited <= 2 * round, run + " waited " + waited + ", a round takes " + round));
        for (int weight = 1; weight <= 2; weight++) {
            int most = 0;
            int least = Integer.MAX_VALUE;
            for (int id = 0; id < RUNS; id++) {
                if (weight(id) == weight) {
                    most = Math.max(most, steps.get(new RunId(id)));
                    least = Math.min(least, steps.get(new RunId(id)));
                }
            }
            assertTrue(most <= 1.05 * least, "weight " + weight + ": " + most + " against " + least);
        }
        double ratio = (double) steps.get(new RunId(DEVICES)) / steps.get(new RunId(0));
        assertEquals(2, ratio, 0.1);
        assertTrue(order.size() >= RUNS * 4 * 100, order.size() + " steps");
    }

    @Test
    void theSameCourseEveryTime() {
        long seed = System.nanoTime();
        assertEquals(shares(seed, 48, 10), shares(seed, 48, 10), "seed " + seed);
    }

    /** So many runs of 4 steps a chunk for so many rounds on 4 devices. */
    private static List<Ran> shares(long seed, int runs, int rounds) {
        SplittableRandom random = new SplittableRandom(seed);
        VirtualEngine engine = new VirtualEngine(DEVICES, 1, 1, new DeadlinePolicy(), (kind, size) -> STEP);
        for (int id = 0; id < runs; id++) {
            RunId run = new RunId(id);
            engine.open(
                    run,
                    Work.denoising(4, "form"),
                    Urgency.BATCH,
                    weight(id),
                    reply -> engine.ask(run, Long.MAX_VALUE));
            engine.at(random.nextLong(10 * STEP), () -> engine.ask(run, Long.MAX_VALUE));
        }
        engine.runUntil(STEP * 4 * rounds * (runs / DEVICES) + 12 * STEP);
        return engine.ran;
    }

    // Devices are filled in turn; so each has both weights.
    private static int weight(int id) {
        return 1 + id / DEVICES % 2;
    }

    /** A live session that goes from the codec's thread to the denoiser's and back, beside a job of long steps there. */
    private static Live betweenThreads(StepPolicy policy) {
        VirtualEngine engine = new VirtualEngine(1, 2, 8, policy, (kind, size) -> switch (kind) {
            case IMAGE_ENCODE, DECODE -> 10_000L * size;
            // The session's and the job's forms differ, so they never share a batch.
            default -> 30_000L * size;
        });
        RunId job = new RunId(1);
        engine.open(job, Work.denoising(50, "job"), Urgency.BATCH, 1, reply -> engine.ask(job, Long.MAX_VALUE));
        engine.ask(job, Long.MAX_VALUE);
        RunId live = new RunId(2);
        int[] figures = new int[2];
        long[] deadline = new long[1];
        engine.open(
                live,
                new Work(List.of(StepKind.IMAGE_ENCODE, StepKind.DENOISE, StepKind.DECODE), "live"),
                Urgency.LIVE,
                1,
                reply -> {
                    figures[0]++;
                    figures[1] += engine.clock.micros() <= deadline[0] ? 1 : 0;
                });
        for (int i = 0; i < 500; i++) {
            // No multiple of the job's step, so that they meet in every phase.
            engine.at(1_000 + 117_000L * i, () -> {
                deadline[0] = engine.clock.micros() + 76_000;
                engine.ask(live, deadline[0]);
            });
        }
        engine.runUntil(500 * 117_000L);
        return new Live(
                figures[0],
                figures[1],
                engine.ran.stream().filter(ran -> ran.run().equals(job)).count());
    }

    @Test
    void aJobDoesNotBeginWhereALiveChunkIsAboutToComeAndCannotWait() {
        Live ours = betweenThreads(new DeadlinePolicy());
        Live blind = betweenThreads(queue -> new DeadlinePolicy()
                .choose(new StepPolicy.Queue(
                        queue.nowMicros(),
                        queue.waiting(),
                        queue.maxBatch(),
                        queue.batchCreditMicros(),
                        queue.cost())));
        assertTrue(ours.met() >= 0.99 * ours.chunks(), ours + ", without " + blind);
        assertTrue(blind.met() < 0.95 * blind.chunks(), "the test shows nothing: " + blind);
        assertTrue(ours.jobSteps() >= 0.9 * blind.jobSteps(), ours + ", without " + blind);
    }

    private record Live(int chunks, int met, long jobSteps) {}

    /** A live session of one step of 10 ms every 100 ms beside a job of 50 steps of 20 ms. */
    private static Live beside(StepPolicy policy, boolean withLive) {
        VirtualEngine engine = new VirtualEngine(
                1, 1, 8, policy, (kind, size) -> kind == StepKind.DECODE ? 10_000L * size : 20_000L * size);
        RunId job = new RunId(1);
        engine.open(job, Work.denoising(50, "job"), Urgency.BATCH, 1, reply -> engine.ask(job, Long.MAX_VALUE));
        engine.ask(job, Long.MAX_VALUE);
        int[] figures = new int[2];
        if (withLive) {
            RunId live = new RunId(2);
            long[] deadline = new long[1];
            engine.open(live, new Work(List.of(StepKind.DECODE), "live"), Urgency.LIVE, 1, reply -> {
                figures[0]++;
                figures[1] += engine.clock.micros() <= deadline[0] ? 1 : 0;
                deadline[0] = 0;
            });
            for (int i = 0; i < 600; i++) {
                long when = 1_000 + 100_000L * i;
                engine.at(when, () -> {
                    // While a chunk is under way the next one is not asked for: that frame is lost.
                    if (deadline[0] == 0) {
                        deadline[0] = when + 66_000;
                        engine.ask(live, deadline[0]);
                    }
                });
            }
        }
        engine.runUntil(60_000_000);
        long jobSteps = engine.ran.stream().filter(ran -> ran.run().equals(job)).count();
        return new Live(figures[0], figures[1], jobSteps);
    }

    @Test
    void aLiveSessionKeepsItsDeadlinesBesideALongJobAndTheJobKeepsItsThroughput() {
        Live alone = beside(new DeadlinePolicy(), false);
        Live ours = beside(new DeadlinePolicy(), true);
        assertTrue(ours.chunks() >= 595, ours.toString());
        assertTrue(ours.met() >= 0.99 * 600, ours.toString());
        assertTrue(ours.jobSteps() >= 0.85 * alone.jobSteps(), ours + " against " + alone);
        Live rivals = beside(new FirstComeFirstServed(), true);
        assertTrue(rivals.met() < 0.5 * 600, "first come, first served: " + rivals);
    }

    /** p95 of the chunk latency of seven sessions while the eighth changes its prompt so often per second. */
    private static long neighbours(int changesPerSecond) {
        VirtualEngine engine = new VirtualEngine(1, 2, 8, new DeadlinePolicy(), (kind, size) -> switch (kind) {
            case TEXT_ENCODE -> 3_000L * size;
            default -> 4_000L + 1_000L * size;
        });
        List<Long> latencies = new ArrayList<>();
        for (int id = 0; id < 8; id++) {
            RunId run = new RunId(id);
            long[] asked = new long[1];
            engine.open(run, Work.denoising(2, "form"), Urgency.LIVE, 1, reply -> {
                if (run.value() > 0) {
                    latencies.add(engine.clock.micros() - asked[0]);
                }
            });
            for (int i = 0; i < 20 * 15; i++) {
                long when = 66_667L * i + 900 * id;
                engine.at(when, () -> {
                    asked[0] = when;
                    engine.ask(run, when + 66_667);
                });
            }
        }
        for (int i = 0; i < 20 * changesPerSecond; i++) {
            engine.at(
                    1_000_000L * i / changesPerSecond + 333,
                    () -> engine.tell(new Scheduler.Patch(
                            new RunId(0), Parameters.none().with("prompts", TextNode.valueOf("x")))));
        }
        engine.runUntil(21_000_000);
        return VirtualEngine.quantile(latencies, 0.95);
    }

    @Test
    void aSessionThatChangesItsPromptAllTheTimeDoesNotSlowItsNeighbours() {
        long quiet = neighbours(0);
        long noisy = neighbours(8);
        assertTrue(noisy <= 1.05 * quiet, noisy + " against " + quiet + " us");
    }

    @Test
    void nothingIsLostRunTwiceOrRunAfterItsEndWhateverHappens() {
        for (int round = 0; round < 20; round++) {
            long seed = System.nanoTime() + round;
            try {
                anything(new SplittableRandom(seed));
            } catch (RuntimeException | AssertionError broken) {
                throw new AssertionError("seed " + seed, broken);
            }
        }
    }

    private static void anything(SplittableRandom random) {
        int slots = 1 + random.nextInt(3);
        int maxBatch = 1 + random.nextInt(8);
        long base = 500 + random.nextInt(4_000);
        StepPolicy policy = List.of(new DeadlinePolicy(), new FirstComeFirstServed(), new RoundRobin())
                .get(random.nextInt(3));
        SplittableRandom costs = random.split();
        VirtualEngine engine = new VirtualEngine(
                1 + random.nextInt(4), slots, maxBatch, policy, (kind, size) -> base + costs.nextLong(base * size));
        SplittableRandom failures = random.split();
        engine.fails = run -> failures.nextInt(50) == 0;
        Map<RunId, Integer> open = new HashMap<>();
        Map<RunId, Integer> answered = new HashMap<>();
        Map<RunId, Long> closed = new HashMap<>();
        int runs = 1 + random.nextInt(24);
        for (int id = 0; id < runs; id++) {
            RunId run = new RunId(id);
            Urgency urgency = random.nextBoolean() ? Urgency.LIVE : Urgency.BATCH;
            Work work = new Work(
                    List.of(StepKind.IMAGE_ENCODE, StepKind.DENOISE, StepKind.DENOISE, StepKind.DECODE)
                            .subList(random.nextInt(3), 4),
                    "form " + random.nextInt(2));
            open.put(run, 0);
            engine.open(run, work, urgency, 0.5 + random.nextInt(4), reply -> answered.merge(run, 1, Integer::sum));
            long[] when = {0};
            for (int i = 0; i < 60; i++) {
                when[0] += random.nextLong(20 * base);
                int what = random.nextInt(20);
                engine.at(when[0], () -> {
                    if (what == 0) {
                        engine.tell(new Scheduler.Suspend(run));
                        engine.at(engine.clock.micros() + 9 * base, () -> engine.tell(new Scheduler.Resume(run)));
                    } else if (what == 1) {
                        engine.tell(new Scheduler.Patch(run, Parameters.none().with("x", TextNode.valueOf("y"))));
                    } else if (what == 2 && random.nextInt(20) == 0) {
                        closed.putIfAbsent(run, engine.clock.micros());
                        engine.tell(new Scheduler.CloseRun(run));
                    } else {
                        open.merge(run, 1, Integer::sum);
                        engine.ask(run, engine.clock.micros() + random.nextLong(30 * base));
                    }
                });
            }
        }
        engine.runUntil(4_000_000_000L);
        assertTrue(engine.quiet());
        assertEquals(runs - closed.size(), engine.held(), "runs that devices hold");
        // Every request was answered once, be it with a refusal.
        open.forEach((run, asked) -> assertEquals(asked, answered.getOrDefault(run, 0), run + " asked and answered"));
        Map<String, Integer> times = new HashMap<>();
        for (Ran ran : engine.ran) {
            Long end = closed.get(ran.run());
            assertTrue(end == null || ran.startMicros() <= end, ran + " began after the run was closed at " + end);
            assertTrue(ran.batch() <= maxBatch, ran.toString());
            times.merge(ran.run() + " " + ran.startMicros() + " " + ran.step(), 1, Integer::sum);
        }
        times.forEach((step, count) -> assertEquals(1, count, step + " ran more than once"));
    }
}
