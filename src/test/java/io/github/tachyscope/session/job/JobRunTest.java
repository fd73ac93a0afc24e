package io.github.tachyscope.session.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.tachyscope.config.Settings;
import io.github.tachyscope.diffusion.synthetic.SyntheticProvider;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.metrics.Metrics;
import io.github.tachyscope.schedule.Scheduler;
import io.github.tachyscope.session.LoadedPipeline;
import io.github.tachyscope.session.PipelineRegistry;
import io.github.tachyscope.session.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a run comes to its pipeline, with a scripted registry. */
class JobRunTest {
    private static final ActorTestKit KIT = ActorTestKit.create(ManualTime.config());
    private static final ManualTime TIME = ManualTime.get(KIT.system());

    @TempDir
    static Path directory;

    private final TestProbe<PipelineRegistry.Command> pipelines = KIT.createTestProbe(PipelineRegistry.Command.class);
    private final TestProbe<Scheduler.Command> scheduler = KIT.createTestProbe(Scheduler.Command.class);
    private final TestProbe<JobRun.Event> events = KIT.createTestProbe(JobRun.Event.class);

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    private ActorRef<JobRun.Command> run(JobPlan plan) throws Exception {
        Settings settings = JobHouse.settings(directory, Map.of("tachyscope.pipelines.load-timeout", "3 minutes"));
        MediaClock clock = MediaClock.system();
        JobParts parts = new JobParts(
                settings,
                clock,
                scheduler.getRef(),
                pipelines.getRef(),
                Metrics.unread(clock::micros),
                new AtomicLong());
        return KIT.spawn(JobRun.create(parts, "job", plan, plan.schedule()::at, events.getRef()));
    }

    private Problem ended() {
        JobRun.Ended ended = events.expectMessageClass(JobRun.Ended.class);
        assertFalse(ended.runLost());
        return ended.problem().orElseThrow();
    }

    @Test
    void aPipelineThatLoadsIsWorthAnotherAttempt() throws Exception {
        run(JobHouse.text(9, "{}"));
        pipelines
                .expectMessageClass(PipelineRegistry.Resolve.class)
                .replyTo()
                .tell(new PipelineRegistry.Unresolved(Problem.badRequest("still loading"), true));
        Problem problem = ended();
        assertEquals(Problem.Kind.BUSY, problem.kind());
        assertEquals("still loading", problem.message());
        assertEquals(Optional.of(Duration.ofSeconds(5)), problem.retryAfter());
    }

    @Test
    void aPipelineThatIsNotLoadedIsNot() throws Exception {
        run(JobHouse.text(9, "{}"));
        pipelines
                .expectMessageClass(PipelineRegistry.Resolve.class)
                .replyTo()
                .tell(new PipelineRegistry.Unresolved(Problem.badRequest("no pipeline is loaded")));
        assertEquals(Problem.Kind.BAD_REQUEST, ended().kind());
    }

    private static JobPlan loading(String load) throws Exception {
        return JobHouse.loading(JobHouse.text(9, "{}"), load);
    }

    private PipelineRegistry.Require required() {
        return pipelines.expectMessageClass(PipelineRegistry.Require.class);
    }

    @Test
    void aPlanThatSaysHowHasItsPipelineLoadedAndKeepsItToTheEnd() throws Exception {
        ActorRef<JobRun.Command> run = run(loading("{\"width\":128}"));
        PipelineRegistry.Require asked = required();
        assertEquals("synthetic", asked.pipelineId());
        assertEquals(128, asked.load().value("width").orElseThrow().asInt());
        asked.replyTo()
                .tell(new PipelineRegistry.Resolved(
                        List.of(new LoadedPipeline("synthetic", "synthetic#7", new SyntheticProvider().spec()))));
        Scheduler.OpenRun open = scheduler.expectMessageClass(Scheduler.OpenRun.class);
        assertEquals("synthetic#7", open.pipelineKey());
        open.replyTo().tell(new Scheduler.RunOpened(open.runId()));
        events.expectMessageClass(JobRun.Opened.class);
        // It may take longer than loading may.
        TIME.timePasses(Duration.ofSeconds(JobRun.LONGEST_WAIT_SECONDS - 1));

        run.tell(JobRun.Cancel.INSTANCE);
        pipelines.expectTerminated(asked.replyTo(), Duration.ofSeconds(3));
    }

    @Test
    void aLoadThatLacksTimeIsWorthAnotherAttempt() throws Exception {
        run(loading("{}"));
        PipelineRegistry.Require asked = required();
        TIME.timePasses(Duration.ofMinutes(3));
        events.expectNoMessage(Duration.ofMillis(50));
        TIME.timePasses(Duration.ofSeconds(15));
        assertEquals(Problem.Kind.BUSY, ended().kind());
        pipelines.expectTerminated(asked.replyTo(), Duration.ofSeconds(3));
    }

    @Test
    void aLoadThatFailsEndsIt() throws Exception {
        run(loading("{}"));
        required().replyTo().tell(new PipelineRegistry.Unresolved(Problem.badRequest("no weights")));
        Problem problem = ended();
        assertEquals(Problem.Kind.BAD_REQUEST, problem.kind());
        assertEquals("no weights", problem.message());
    }

    @Test
    void whoCancelsWhileItLoadsIsGoneForTheRegistry() throws Exception {
        ActorRef<JobRun.Command> run = run(loading("{}"));
        PipelineRegistry.Require asked = required();
        run.tell(JobRun.Cancel.INSTANCE);
        assertEquals(
                Optional.empty(), events.expectMessageClass(JobRun.Ended.class).problem());
        pipelines.expectTerminated(asked.replyTo(), Duration.ofSeconds(3));
    }
}
