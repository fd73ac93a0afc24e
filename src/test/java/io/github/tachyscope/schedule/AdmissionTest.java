package io.github.tachyscope.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.LoadSettings;
import io.github.tachyscope.config.LoadSettings.Measure;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.schedule.Scheduler.Urgency;
import io.github.tachyscope.schedule.VirtualEngine.Work;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who is taken on, and what the others do without meanwhile: the real scheduler in virtual time. */
class AdmissionTest {
    private static final long FRAME = 40_000;
    private static final LoadSettings LOAD =
            new LoadSettings(4, 12, 0.95, 0.75, List.of(Measure.LOWER_RATE), Duration.ofSeconds(3));

    private final VirtualEngine engine =
            new VirtualEngine(1, 1, 1, new DeadlinePolicy(), LOAD, (kind, size) -> FRAME * size);
    private final Map<RunId, List<Quality>> granted = new HashMap<>();

    /** A viewer that asks for the next frame as soon as it has one, at the rate that it may have. */
    private Scheduler.OpenReply join(int number) {
        RunId id = new RunId(number);
        granted.put(id, new ArrayList<>());
        Scheduler.OpenReply reply = engine.open(id, Work.denoising(1, "form"), Urgency.LIVE, 1, answer -> {
            if (answer instanceof Scheduler.ChunkReady ready) {
                List<Quality> seen = granted.get(id);
                if (seen.isEmpty() || !seen.get(seen.size() - 1).equals(ready.quality())) {
                    seen.add(ready.quality());
                }
                long pause = (long) (1e6 / Math.min(30, ready.quality().mostFps()));
                engine.at(engine.clock.micros() + pause, () -> engine.ask(id, engine.clock.micros() + 100_000));
            }
        });
        if (reply instanceof Scheduler.RunOpened) {
            engine.ask(id, engine.clock.micros() + 100_000);
        }
        return reply;
    }

    private void pass(int seconds) {
        engine.runUntil(engine.clock.micros() + seconds * 1_000_000L);
    }

    @Test
    void aClientBeyondTheBudgetIsRefusedAndAdmittedWhenOthersLeft() {
        engine.adjustEverySecond();
        int joined = 0;
        Scheduler.OpenReply reply = join(joined);
        while (reply instanceof Scheduler.RunOpened && joined < 20) {
            joined++;
            pass(2);
            reply = join(joined);
        }
        // 40 ms a frame at 4 frames a second: 0.16 each, so five fit below 0.95.
        assertEquals(5, joined);
        Scheduler.RunRefused refused = assertInstanceOf(Scheduler.RunRefused.class, reply);
        assertTrue(refused.busy());
        assertTrue(
                refused.message().contains("busy") && refused.message().contains("tachyscope.load"), refused.message());
        assertEquals(5, engine.held(), "the refused one took nothing from the device");

        // With one free place it would be 0.8 again, which is not below the lower threshold yet.
        engine.tell(new Scheduler.CloseRun(new RunId(0)));
        assertInstanceOf(Scheduler.RunRefused.class, join(100));
        engine.tell(new Scheduler.CloseRun(new RunId(1)));
        assertInstanceOf(Scheduler.RunOpened.class, join(101));
        assertInstanceOf(Scheduler.RunOpened.class, join(102));
    }

    @Test
    void aDeviceThatWasNeverTriedTakesItsShare() {
        VirtualEngine two = new VirtualEngine(2, 1, 1, new DeadlinePolicy(), LOAD, (kind, size) -> FRAME * size);
        // What is known comes from one device alone.
        RunId first = new RunId(1);
        two.open(first, Work.denoising(1, "form"), Urgency.LIVE, 1, answer -> {});
        two.ask(first, 100_000);
        two.runUntil(1_000_000);
        two.tell(new Scheduler.CloseRun(first));
        for (int number = 2; number < 6; number++) {
            two.open(new RunId(number), Work.denoising(1, "form"), Urgency.LIVE, 1, answer -> {});
        }
        assertEquals(List.of(2, 2), two.heldByDevice());
    }

    @Test
    void jobsAreTakenOnWhateverTheLiveLoad() {
        for (int number = 0; number < 7; number++) {
            join(number);
            pass(1);
        }
        assertInstanceOf(
                Scheduler.RunOpened.class,
                engine.open(new RunId(99), Work.denoising(4, "job"), Urgency.BATCH, 1, answer -> {}));
    }

    @Test
    void sessionsAreToldWhatTheyDoWithoutAndGetItBack() {
        engine.adjustEverySecond();
        join(0);
        pass(10);
        assertEquals(List.of(Quality.FULL), granted.get(new RunId(0)), "alone it gives nothing up");
        join(1);
        join(2);
        join(3);
        pass(30);
        // Four at 40 ms: 1.92 of the device at 12 frames a second, 0.96 at 6.
        for (int number = 0; number < 4; number++) {
            List<Quality> seen = granted.get(new RunId(number));
            assertEquals(3, seen.get(seen.size() - 1).level(), "run " + number + ": " + seen);
        }
        engine.tell(new Scheduler.CloseRun(new RunId(3)));
        engine.tell(new Scheduler.CloseRun(new RunId(2)));
        engine.tell(new Scheduler.CloseRun(new RunId(1)));
        pass(30);
        List<Quality> seen = granted.get(new RunId(0));
        assertEquals(Quality.FULL, seen.get(seen.size() - 1));
    }

    @Test
    void aJobNeverHearsOfIt() {
        engine.adjustEverySecond();
        List<Quality> job = new ArrayList<>();
        RunId id = new RunId(99);
        engine.open(id, Work.denoising(1, "job"), Urgency.BATCH, 1, answer -> {
            job.add(((Scheduler.ChunkReady) answer).quality());
            engine.ask(id, Long.MAX_VALUE);
        });
        engine.ask(id, Long.MAX_VALUE);
        join(0);
        join(1);
        join(2);
        pass(20);
        assertTrue(job.size() > 5, job.size() + " chunks of the job");
        assertTrue(job.stream().allMatch(Quality.FULL::equals));
    }
}
