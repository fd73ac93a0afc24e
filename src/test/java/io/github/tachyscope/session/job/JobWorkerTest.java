package io.github.tachyscope.session.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.store.ClaimedJob;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One worker whose calls of the store happen when the test says so. */
class JobWorkerTest {
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
        return house.kit.spawn(
                JobWorker.create(new JobWorker.Setup(house.parts, house.store, blocking, house.jobs), job, plan));
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
}
