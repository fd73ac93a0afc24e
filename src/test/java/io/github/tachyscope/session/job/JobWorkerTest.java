package io.github.tachyscope.session.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.Settings;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.metrics.Metrics;
import io.github.tachyscope.schedule.Scheduler;
import io.github.tachyscope.session.PipelineRegistry;
import io.github.tachyscope.session.Problem;
import io.github.tachyscope.store.ClaimedJob;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobState;
import io.github.tachyscope.store.JobStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One worker whose calls of the store happen when the test says so. */
class JobWorkerTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @TempDir
    Path directory;

    /** Tasks that wait until they are let go. */
    private static final class Held implements Executor {
        private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        Runnable next() throws InterruptedException {
            Runnable task = tasks.poll(JobHouse.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (task == null) {
                throw new AssertionError("nothing is to be done");
            }
            return task;
        }
    }

    private static ClaimedJob claimed(JobHouse house, JobPlan plan) throws Exception {
        house.submit("one", plan);
        return house.store.claims().claim(house.settings.jobs().node()).orElseThrow();
    }

    private static ActorRef<JobWorker.Command> worker(JobHouse house, ClaimedJob job, JobPlan plan, Executor blocking) {
        return house.kit.spawn(JobWorker.create(
                new JobWorker.Setup(house.parts, house.store, blocking, house.jobs), job, JobWork.of(plan)));
    }

    @Test
    void aCancelThatComesAfterTheFilesArePublishedComesTooLate() throws Exception {
        try (JobHouse house = new JobHouse(directory)) {
            JobPlan plan = JobHouse.text(5, "{}");
            ClaimedJob job = claimed(house, plan);
            Held held = new Held();
            ActorRef<JobWorker.Command> worker = worker(house, job, plan, held);
            Path published = directory.resolve("jobs/results/one.1");
            Runnable next = held.next();
            while (!Files.exists(published)) {
                next.run();
                next = held.next();
            }
            worker.tell(JobWorker.Cancel.INSTANCE);
            worker.tell(JobWorker.Park.INSTANCE);
            while (!house.store.log().find("one").orElseThrow().state().ended()) {
                next.run();
                if (!house.store.log().find("one").orElseThrow().state().ended()) {
                    next = held.next();
                }
            }
            Job ended = house.store.log().find("one").orElseThrow();
            assertEquals(JobState.COMPLETED, ended.state(), ended::toString);
            assertTrue(Files.exists(published));
        }
    }

    @Test
    void reportsGoOnAfterOneThatWasAnsweredBetweenTwoAttempts() throws Exception {
        Settings settings = JobHouse.settings(directory, Map.of());
        ActorTestKit kit = ActorTestKit.create(ManualTime.config());
        try (JobStore store = JobStore.open(settings.jobs(), settings.storage().mediaDir(), Clock.systemUTC())) {
            ManualTime time = ManualTime.get(kit.system());
            MediaClock clock = MediaClock.system();
            TestProbe<PipelineRegistry.Command> pipelines = kit.createTestProbe(PipelineRegistry.Command.class);
            TestProbe<Scheduler.Command> scheduler = kit.createTestProbe(Scheduler.Command.class);
            TestProbe<Jobs.Command> jobs = kit.createTestProbe(Jobs.Command.class);
            JobParts parts = new JobParts(
                    settings,
                    clock,
                    scheduler.getRef(),
                    pipelines.getRef(),
                    Metrics.unread(clock::micros),
                    new AtomicLong());
            JobPlan plan = JobHouse.text(5, "{}");
            store.log().add(JobHouse.stored("one", plan));
            ClaimedJob job = store.claims().claim(settings.jobs().node()).orElseThrow();
            Held held = new Held();
            kit.spawn(JobWorker.create(new JobWorker.Setup(parts, store, held, jobs.getRef()), job, JobWork.of(plan)));

            held.next().run();
            PipelineRegistry.Resolve resolve = pipelines.expectMessageClass(PipelineRegistry.Resolve.class);
            time.timePasses(SECOND);
            Runnable report = held.next();
            resolve.replyTo().tell(new PipelineRegistry.Unresolved(Problem.busy("no room", SECOND)));
            Runnable close = held.next();
            report.run();
            close.run();
            jobs.awaitAssert(JobHouse.PATIENCE, () -> {
                time.timePasses(SECOND);
                if (held.tasks.size() < 2) {
                    throw new AssertionError(held.tasks.size() + " tasks; another attempt and a report were expected");
                }
                return null;
            });
        } finally {
            kit.shutdownTestKit();
        }
    }
}
