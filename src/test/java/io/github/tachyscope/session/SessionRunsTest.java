package io.github.tachyscope.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.diffusion.passthrough.PassthroughProvider;
import io.github.tachyscope.diffusion.synthetic.SyntheticProvider;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.schedule.Scheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SessionRunsTest {
    private static SessionFixture fixture;

    private final TestInbox<Scheduler.Command> scheduler = TestInbox.create();
    private final TestInbox<PipelineRegistry.Command> pipelines = TestInbox.create();
    private final List<String> complaints = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        fixture = new SessionFixture(Map.of());
    }

    @AfterAll
    static void stop() {
        fixture.close();
    }

    private static LoadedPipeline loaded(String nodeId, PipelineProvider provider) {
        return new LoadedPipeline(nodeId, provider.spec().id() + "#1", provider.spec());
    }

    private static LoadedPipeline synthetic(String nodeId) {
        return loaded(nodeId, new SyntheticProvider());
    }

    private static LoadedPipeline passthrough() {
        return loaded("passthrough", new PassthroughProvider());
    }

    private SessionRuns runs(LoadedPipeline... chain) {
        return new SessionRuns(fixture.parts(scheduler.getRef(), pipelines.getRef()), List.of(chain), InputMode.VIDEO);
    }

    private static Parameters json(String json) {
        return ControlMessage.parse(json).orElseThrow().parameters();
    }

    private void complain(String code, String text) {
        complaints.add(code + ": " + text);
    }

    private List<Scheduler.Command> told() {
        return scheduler.getAllReceived();
    }

    @Test
    void aChainRunsInTheModesOfItsFirstMember() {
        assertEquals(Optional.empty(), SessionRuns.misfit(List.of(synthetic("a"), passthrough()), InputMode.TEXT));
        String why = SessionRuns.misfit(List.of(passthrough()), InputMode.TEXT).orElseThrow();
        assertTrue(why.contains("has no text mode"), why);
    }

    @Test
    void namesEveryWrongStartValue() {
        List<Problem.Field> wrong =
                runs(synthetic("a")).begin(json("{\"noise_scale\": 7, \"manage_cache\": \"x\", \"base_seed\": 1}"));
        assertEquals(
                List.of(List.of("initialParameters", "noise_scale"), List.of("initialParameters", "manage_cache")),
                wrong.stream().map(Problem.Field::path).toList());
    }

    @Test
    void manyUpdatesAreOnePatchPerRunAndTheLastValueWins() {
        SessionRuns runs = runs(synthetic("a"), synthetic("b"));
        List<RunId> ids = runs.renew(InputMode.VIDEO);
        for (int i = 1; i <= 1000; i++) {
            runs.collect(json("{\"base_seed\": " + i + "}"), Optional.empty(), this::complain);
        }
        runs.apply(this::complain);
        Parameters last = json("{\"base_seed\": 1000}");
        assertEquals(List.of(new Scheduler.Patch(ids.get(0), last), new Scheduler.Patch(ids.get(1), last)), told());
        assertEquals(1, runs.revision());
        assertEquals(List.of(), complaints);
    }

    @Test
    void aNodeIdAddressesOneMemberAndKeepsTheOrder() {
        SessionRuns runs = runs(synthetic("a"), synthetic("b"));
        List<RunId> ids = runs.renew(InputMode.VIDEO);
        runs.collect(json("{\"base_seed\": 1}"), Optional.of("b"), this::complain);
        runs.collect(json("{\"base_seed\": 2}"), Optional.empty(), this::complain);
        runs.apply(this::complain);
        assertEquals(
                List.of(
                        new Scheduler.Patch(ids.get(1), json("{\"base_seed\": 1}")),
                        new Scheduler.Patch(ids.get(0), json("{\"base_seed\": 2}")),
                        new Scheduler.Patch(ids.get(1), json("{\"base_seed\": 2}"))),
                told());
    }

    @Test
    void aWrongValueIsToldAndLeftOut() {
        SessionRuns runs = runs(synthetic("a"));
        List<RunId> ids = runs.renew(InputMode.VIDEO);
        runs.collect(json("{\"noise_scale\": 7, \"base_seed\": 3}"), Optional.empty(), this::complain);
        runs.apply(this::complain);
        assertEquals(List.of(new Scheduler.Patch(ids.get(0), json("{\"base_seed\": 3}"))), told());
        assertEquals(1, complaints.size());
        assertTrue(complaints.get(0).startsWith("invalid_parameter: noise_scale"), complaints.get(0));
    }

    @Test
    void whatWasSetStaysWhenTheModeChangesAndOneShotsDoNot() {
        SessionRuns runs = runs(synthetic("a"));
        runs.begin(json("{\"noise_scale\": 0.1, \"reset_cache\": true}"));
        List<RunId> old = runs.renew(InputMode.VIDEO);
        runs.collect(json("{\"base_seed\": 5, \"reset_cache\": true}"), Optional.empty(), this::complain);
        runs.apply(this::complain);
        told();

        List<RunId> fresh = runs.renew(InputMode.TEXT);

        assertEquals(List.of(new Scheduler.CloseRun(old.get(0))), told());
        assertNotEquals(old, fresh);
        assertEquals(InputMode.TEXT, runs.modeOf(0));
        assertEquals(json("{\"noise_scale\": 0.1, \"base_seed\": 5}"), runs.startParameters(0));
    }

    @Test
    void valuesOfOneNodeDoNotBecomeThoseOfAnotherWhenTheModeChanges() {
        SessionRuns runs = runs(synthetic("a"), synthetic("b"));
        runs.renew(InputMode.VIDEO);
        runs.collect(json("{\"base_seed\": 5}"), Optional.of("b"), this::complain);
        runs.apply(this::complain);

        runs.renew(InputMode.TEXT);

        assertEquals(Parameters.none(), runs.startParameters(0));
        assertEquals(json("{\"base_seed\": 5}"), runs.startParameters(1));
    }

    @Test
    void onlyTheFirstMemberRunsInTheSessionsMode() {
        SessionRuns runs = runs(synthetic("a"), synthetic("b"));
        runs.renew(InputMode.TEXT);
        assertEquals(InputMode.TEXT, runs.modeOf(0));
        assertEquals(InputMode.VIDEO, runs.modeOf(1));
        assertEquals(0, runs.handles().get(0).geometry().framesIn());
        assertEquals(12, runs.handles().get(1).geometry().framesIn());
    }

    @Test
    void isOpenWhenEveryRunIs() {
        SessionRuns runs = runs(synthetic("a"), synthetic("b"));
        RunId stale = runs.renew(InputMode.TEXT).get(0);
        List<RunId> present = runs.renew(InputMode.TEXT);
        assertFalse(runs.opened(stale));
        assertFalse(runs.opened(present.get(0)));
        assertFalse(runs.opened(stale));
        assertTrue(runs.opened(present.get(1)));
    }

    @Test
    void suspendsResumesAndClosesAllRunsOnce() {
        SessionRuns runs = runs(synthetic("a"), synthetic("b"));
        List<RunId> ids = runs.renew(InputMode.TEXT);
        runs.suspend(true);
        runs.suspend(false);
        runs.close();
        runs.close();
        assertEquals(
                List.of(
                        new Scheduler.Suspend(ids.get(0)),
                        new Scheduler.Suspend(ids.get(1)),
                        new Scheduler.Resume(ids.get(0)),
                        new Scheduler.Resume(ids.get(1)),
                        new Scheduler.CloseRun(ids.get(0)),
                        new Scheduler.CloseRun(ids.get(1))),
                told());
    }
}
