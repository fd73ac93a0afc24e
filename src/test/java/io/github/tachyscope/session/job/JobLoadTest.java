package io.github.tachyscope.session.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.session.PipelineRegistry;
import io.github.tachyscope.session.PipelineRegistry.Node;
import io.github.tachyscope.session.PipelineRegistry.State;
import io.github.tachyscope.session.PipelineRegistry.Status;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobState;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that bring their pipeline along, and jobs that come while theirs is loading. */
class JobLoadTest {
    private static final String WIDE = "{\"width\":96,\"height\":64}";
    private static final String HIGH = "{\"width\":64,\"height\":96}";
    private static final String CAT = "{\"base_seed\":7}";

    @TempDir
    private Path directory;

    private static Status status(JobHouse house) {
        TestProbe<Status> probe = house.kit.createTestProbe(Status.class);
        house.parts.pipelines().tell(new PipelineRegistry.DescribeStatus(probe.getRef()));
        return probe.receiveMessage(JobHouse.PATIENCE);
    }

    private static void assertMade(JobHouse house, String id, int width, int height) throws Exception {
        Job job = house.ended(id);
        assertEquals(JobState.COMPLETED, job.state(), job::toString);
        assertEquals(width, job.shape().width());
        assertEquals(height, job.shape().height());
    }

    @Test
    void aJobHasItsPipelineLoadedAndTheChainStaysAsItIs() throws Exception {
        try (JobHouse house = new JobHouse(directory).begin()) {
            Status before = status(house);
            house.submit("wide", JobHouse.loading(JobHouse.text(9, CAT), WIDE));
            assertMade(house, "wide", 96, 64);
            assertEquals(before, status(house));
            house.submit("usual", JobHouse.text(9, CAT));
            assertMade(house, "usual", 64, 64);
        }
    }

    @Test
    void jobsThatWantDifferentPipelinesTakeTurns() throws Exception {
        try (JobHouse house = new JobHouse(directory)) {
            for (int i = 0; i < 6; i++) {
                JobPlan plan = JobHouse.text(21, CAT);
                house.submit("job-" + i, JobHouse.loading(plan, i % 2 == 0 ? WIDE : HIGH));
            }
            house.begin();
            for (int i = 0; i < 6; i++) {
                assertMade(house, "job-" + i, i % 2 == 0 ? 96 : 64, i % 2 == 0 ? 64 : 96);
            }
        }
    }

    @Test
    void aJobWhosePipelineCannotBeLoadedFailsAndSaysWhy() throws Exception {
        try (JobHouse house = new JobHouse(directory).begin()) {
            house.submit("huge", JobHouse.loading(JobHouse.text(9, CAT), "{\"width\":1000000}"));
            Job job = house.ended("huge");
            assertEquals(JobState.FAILED, job.state(), job::toString);
            assertTrue(job.failure().orElseThrow().message().contains("width"), job::toString);
        }
    }

    @Test
    void aJobThatComesWhileTheChainLoadsWaitsForIt() throws Exception {
        try (JobHouse house =
                new JobHouse(directory, "synthetic", Map.of("tachyscope.session.retry-after", "1 s")).begin()) {
            CountDownLatch loaders = new CountDownLatch(1);
            try {
                // No load comes to its turn: the threads that load are taken.
                for (int i = 0; i < 2; i++) {
                    house.kit
                            .system()
                            .dispatchers()
                            .lookup(DispatcherSelector.fromConfig("tachyscope-loader-dispatcher"))
                            .execute(() -> await(loaders));
                }
                TestProbe<PipelineRegistry.LoadReply> reply =
                        house.kit.createTestProbe(PipelineRegistry.LoadReply.class);
                house.parts
                        .pipelines()
                        .tell(new PipelineRegistry.Load(
                                List.of(new Node("synthetic", "synthetic", JobHouse.parameters(WIDE))),
                                reply.getRef()));
                reply.expectMessage(JobHouse.PATIENCE, PipelineRegistry.LoadAccepted.INSTANCE);
                house.submit("early", JobHouse.text(9, CAT));
                house.await("early", job -> job.state() == JobState.RUNNING);
                assertEquals(State.LOADING, status(house).state());
            } finally {
                loaders.countDown();
            }
            assertMade(house, "early", 96, 64);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
