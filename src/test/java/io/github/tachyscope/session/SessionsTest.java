package io.github.tachyscope.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.synthetic.SyntheticProvider;
import io.github.tachyscope.schedule.Scheduler;
import io.github.tachyscope.session.Sessions.Answered;
import io.github.tachyscope.session.Sessions.Drained;
import io.github.tachyscope.session.Sessions.Found;
import io.github.tachyscope.session.Sessions.Rejected;
import io.github.tachyscope.testkit.Offers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Sessions with a scripted scheduler and registry; their clients never come. */
class SessionsTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final String OFFER =
            new Offers().video("0", "sendrecv").data("1").sdp();
    private static final LoadedPipeline SYNTHETIC =
            new LoadedPipeline("synthetic", "synthetic#1", new SyntheticProvider().spec());

    private static SessionFixture fixture;

    private final TestProbe<Scheduler.Command> scheduler = KIT.createTestProbe(Scheduler.Command.class);
    private final TestProbe<PipelineRegistry.Command> pipelines = KIT.createTestProbe(PipelineRegistry.Command.class);
    private final TestProbe<Sessions.OfferReply> answers = KIT.createTestProbe(Sessions.OfferReply.class);
    private final TestProbe<Found> found = KIT.createTestProbe(Found.class);
    private final TestProbe<Drained> drained = KIT.createTestProbe(Drained.class);
    private final TestProbe<Sessions.Description> descriptions = KIT.createTestProbe(Sessions.Description.class);
    private final ActorRef<Sessions.Command> sessions =
            KIT.spawn(Sessions.create(fixture.parts(scheduler.getRef(), pipelines.getRef())));

    @BeforeAll
    static void start() throws Exception {
        fixture = new SessionFixture(Map.of(
                "tachyscope.session.max", "3",
                "tachyscope.session.max-per-address", "2",
                "tachyscope.session.max-per-token", "1",
                "tachyscope.session.retry-after", "7 s",
                "tachyscope.session.drain-timeout", "1 s"));
    }

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
        fixture.close();
    }

    @AfterEach
    void stopSessions() {
        KIT.stop(sessions);
        assertNoPorts();
    }

    private void assertNoPorts() {
        answers.awaitAssert(() -> {
            assertEquals(0, fixture.rtc.openSessions());
            return null;
        });
    }

    private void offer(String sdp, String address) {
        offer(sdp, new Sessions.Client(address, Optional.empty()));
    }

    private void offer(String sdp, Sessions.Client client) {
        sessions.tell(new Sessions.Offer(sdp, MissingNode.getInstance(), client, answers.getRef()));
    }

    /** An offer whose session waits for its chain, so that it holds its place. */
    private PipelineRegistry.Resolve waiting(String address) {
        offer(OFFER, address);
        return pipelines.expectMessageClass(PipelineRegistry.Resolve.class);
    }

    private static void resolve(PipelineRegistry.Resolve request) {
        request.replyTo().tell(new PipelineRegistry.Resolved(List.of(SYNTHETIC)));
    }

    private Problem rejection() {
        return answers.expectMessageClass(Rejected.class).problem();
    }

    private Sessions.Description description() {
        sessions.tell(new Sessions.Describe(descriptions.getRef()));
        return descriptions.receiveMessage();
    }

    private void awaitSessions(int count) {
        descriptions.awaitAssert(() -> {
            assertEquals(count, description().sessions().size());
            return null;
        });
    }

    private Scheduler.OpenRun opening(String address) {
        resolve(waiting(address));
        return scheduler.expectMessageClass(Scheduler.OpenRun.class);
    }

    private String open(String address) {
        Scheduler.OpenRun run = opening(address);
        run.replyTo().tell(new Scheduler.RunOpened(run.runId()));
        Answered answered = answers.expectMessageClass(Answered.class);
        assertTrue(answered.sdp().startsWith("v=0"), answered.sdp());
        return answered.sessionId();
    }

    @Test
    void refusesMoreThanTheLimitAndSaysWhenToComeBack() {
        waiting("1");
        waiting("1");
        waiting("2");
        offer(OFFER, "3");
        Problem full = rejection();
        assertEquals(Problem.Kind.BUSY, full.kind());
        assertEquals(Optional.of(Duration.ofSeconds(7)), full.retryAfter());
        assertTrue(full.message().contains("tachyscope.session.max"), full.message());
        assertEquals(3, description().limit());
        assertEquals(3, description().sessions().size());
    }

    @Test
    void refusesMoreThanTheLimitOfAnAddress() {
        waiting("1");
        waiting("1");
        offer(OFFER, "1");
        Problem full = rejection();
        assertEquals(Problem.Kind.BUSY, full.kind());
        assertTrue(full.message().contains("max-per-address"), full.message());
        waiting("2");
    }

    @Test
    void refusesMoreThanTheLimitOfAToken() {
        Optional<String> first = Optional.of("token 1");
        offer(OFFER, new Sessions.Client("1", first));
        pipelines.expectMessageClass(PipelineRegistry.Resolve.class);
        offer(OFFER, new Sessions.Client("2", first));
        Problem full = rejection();
        assertEquals(Problem.Kind.BUSY, full.kind());
        assertTrue(full.message().contains("max-per-token"), full.message());
        offer(OFFER, new Sessions.Client("2", Optional.of("token 2")));
        pipelines.expectMessageClass(PipelineRegistry.Resolve.class);
    }

    @Test
    void aRefusedOfferFreesItsPlace() {
        Problem none = Problem.badRequest("no pipeline is loaded");
        waiting("1").replyTo().tell(new PipelineRegistry.Unresolved(none));
        assertEquals(none, rejection());
        awaitSessions(0);

        resolveWithSdp("this is not SDP");
        assertEquals(Problem.Kind.BAD_REQUEST, rejection().kind());
        awaitSessions(0);
        scheduler.expectNoMessage(Duration.ofMillis(50));
    }

    private void resolveWithSdp(String sdp) {
        offer(sdp, "1");
        resolve(pipelines.expectMessageClass(PipelineRegistry.Resolve.class));
    }

    @Test
    void aRunThatTheSchedulerRefusesRefusesTheOffer() {
        Scheduler.OpenRun full = opening("1");
        full.replyTo().tell(new Scheduler.RunRefused(full.runId(), "64 runs are open", true, Duration.ofSeconds(3)));
        assertEquals(Problem.busy("64 runs are open", Duration.ofSeconds(3)), rejection());
        scheduler.expectMessage(new Scheduler.CloseRun(full.runId()));
        Scheduler.OpenRun wrong = opening("1");
        wrong.replyTo().tell(new Scheduler.RunRefused(wrong.runId(), "no such mode", false, Duration.ofSeconds(3)));
        assertEquals(Problem.badRequest("no such mode"), rejection());
        awaitSessions(0);
        assertEquals(0, fixture.rtc.openSessions());
    }

    @Test
    void hangingUpFreesTheRunAndThePlace() {
        Scheduler.OpenRun run = opening("1");
        run.replyTo().tell(new Scheduler.RunOpened(run.runId()));
        String id = answers.expectMessageClass(Answered.class).sessionId();
        assertEquals(List.of("synthetic"), description().sessions().get(id).pipelineIds());
        descriptions.awaitAssert(() -> {
            assertEquals("connecting", description().sessions().get(id).state());
            return null;
        });

        sessions.tell(new Sessions.HangUp(id, found.getRef()));

        found.expectMessage(Found.YES);
        scheduler.expectMessage(new Scheduler.CloseRun(run.runId()));
        awaitSessions(0);
    }

    @Test
    void anOfferThatIsHungUpWhileItsRunsOpenIsRefused() {
        opening("1");
        String id = description().sessions().keySet().iterator().next();
        sessions.tell(new Sessions.HangUp(id, found.getRef()));
        found.expectMessage(Found.YES);
        assertEquals(Problem.Kind.BAD_REQUEST, rejection().kind());
        awaitSessions(0);
        scheduler.expectMessageClass(Scheduler.CloseRun.class);
    }

    @Test
    void aSessionThatTheDeviceHasNoRoomForCostsNoPort() {
        Scheduler.OpenRun run = opening("1");
        assertEquals(0, fixture.rtc.openSessions());
        run.replyTo().tell(new Scheduler.RunRefused(run.runId(), "cpu is busy", true, Duration.ofSeconds(9)));
        Problem busy = rejection();
        assertEquals(Problem.Kind.BUSY, busy.kind());
        assertEquals(Optional.of(Duration.ofSeconds(9)), busy.retryAfter());
        assertEquals("cpu is busy", busy.message());
        assertEquals(0, fixture.rtc.openSessions());
        awaitSessions(0);
    }

    @Test
    void aBrokenOfferOpensNoRun() {
        offer("v=0 and then nothing", "1");
        resolve(pipelines.expectMessageClass(PipelineRegistry.Resolve.class));
        assertEquals(Problem.Kind.BAD_REQUEST, rejection().kind());
        scheduler.expectNoMessage(Duration.ofMillis(50));
    }

    @Test
    void stoppingWhileRunsOpenFreesThem() {
        Scheduler.OpenRun run = opening("1");
        KIT.stop(sessions);
        scheduler.expectMessage(new Scheduler.CloseRun(run.runId()));
        assertNoPorts();
    }

    @Test
    void saysSoWhenThereIsNoSuchSession() {
        sessions.tell(new Sessions.HangUp("nobody", found.getRef()));
        found.expectMessage(Found.NO);
        sessions.tell(new Sessions.Trickle("nobody", List.of("candidate:1"), found.getRef()));
        found.expectMessage(Found.NO);
        sessions.tell(new Sessions.Patch(Optional.of("nobody"), Parameters.none(), found.getRef()));
        found.expectMessage(Found.NO);
        sessions.tell(new Sessions.Patch(Optional.empty(), Parameters.none(), found.getRef()));
        found.expectMessage(Found.NO);
    }

    @Test
    void aPatchForNobodyInParticularReachesAll() {
        open("1");
        open("2");
        Parameters patch =
                ControlMessage.parse("{\"base_seed\": 4}").orElseThrow().parameters();
        sessions.tell(new Sessions.Patch(Optional.empty(), patch, found.getRef()));
        found.expectMessage(Found.YES);
        assertEquals(patch, scheduler.expectMessageClass(Scheduler.Patch.class).parameters());
        assertEquals(patch, scheduler.expectMessageClass(Scheduler.Patch.class).parameters());
    }

    @Test
    void drainingRefusesNewOffersAndEndsTheOldOnes() {
        open("1");
        waiting("1");

        sessions.tell(new Sessions.Drain(drained.getRef()));

        assertEquals("the session was ended", rejection().message());
        assertTrue(description().draining());
        offer(OFFER, "2");
        Problem refused = rejection();
        assertEquals(Problem.Kind.BUSY, refused.kind());
        assertEquals(Optional.of(Duration.ofSeconds(7)), refused.retryAfter());
        drained.expectMessage(Drained.INSTANCE);
        assertEquals(0, description().sessions().size());
    }

    @Test
    void anEmptyServerIsDrainedAtOnce() {
        sessions.tell(new Sessions.Drain(drained.getRef()));
        drained.expectMessage(Duration.ofMillis(500), Drained.INSTANCE);
    }

    /** Fails when a message is added, so that somebody thinks about it in every state of its actor. */
    @Test
    void everyMessageIsKnown() {
        assertEquals(
                Set.of(
                        "Offer",
                        "Trickle",
                        "HangUp",
                        "Patch",
                        "Watch",
                        "Snapshot",
                        "Describe",
                        "Drain",
                        "SessionStopped",
                        "DrainTimeout"),
                messages(Sessions.Command.class));
        assertEquals(
                Set.of(
                        "End",
                        "Change",
                        "Candidate",
                        "Watch",
                        "Snapshot",
                        "ChainAnswered",
                        "RunAnswered",
                        "PeerEvent",
                        "FlowNote",
                        "Flush",
                        "OpenAgain",
                        "Tick",
                        "HangUpNow",
                        "GiveUp"),
                messages(Session.Command.class));
        assertEquals(
                Set.of(
                        "Load",
                        "DescribeStatus",
                        "Resolve",
                        "Require",
                        "ReleaseUnused",
                        "UserGone",
                        "LoadNews",
                        "WarmedUp"),
                messages(PipelineRegistry.Command.class));
    }

    private static Set<String> messages(Class<?> command) {
        return Arrays.stream(command.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .collect(Collectors.toSet());
    }
}
