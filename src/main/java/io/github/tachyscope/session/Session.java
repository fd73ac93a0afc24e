package io.github.tachyscope.session;

import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.flow.FlowEvent;
import io.github.tachyscope.flow.VideoFlow;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.rtc.Negotiation;
import io.github.tachyscope.rtc.Peer;
import io.github.tachyscope.rtc.sdp.UnacceptableOffer;
import io.github.tachyscope.schedule.Scheduler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.BehaviorBuilder;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * One live session: a peer connection, the runs of its pipelines, and the flow between them.
 *
 * <pre>
 * resolving --chain known--> opening --runs open--> connecting --peer connected--> live --> ending --> stopped
 *     |                         |                        |                         |  ^       ^
 *     +--- refused: stopped ----+                        +-- peer gone, End, fault |--|-------+
 *                                                          text/video, run lost v  | runs open
 *                                                                              reopening
 * </pre>
 */
final class Session {

    sealed interface Command {}

    /** Ends the session in an orderly way. */
    record End(Optional<String> reason) implements Command {}

    /** Changes parameters from outside the peer connection. */
    record Change(Parameters parameters) implements Command {}

    /** A candidate that arrived after the offer. */
    record Candidate(String line) implements Command {}

    /** Asks for the output as a stream. */
    record Watch(ActorRef<Sessions.WatchReply> replyTo) implements Command {}

    /** Asks for the newest picture of the output. */
    record Snapshot(ActorRef<Sessions.SnapshotReply> replyTo) implements Command {}

    private record ChainAnswered(PipelineRegistry.ResolveReply reply) implements Command {}

    private record RunAnswered(RunId run, Scheduler.OpenReply reply) implements Command {}

    private record PeerEvent(Peer.Event event) implements Command {}

    private record FlowNote(long flow, FlowEvent event) implements Command {}

    private enum Flush implements Command {
        INSTANCE
    }

    private enum Tick implements Command {
        INSTANCE
    }

    private enum HangUpNow implements Command {
        INSTANCE
    }

    private enum GiveUp implements Command {
        INSTANCE
    }

    /** Between the last message and closing the connection, so that the message gets through. */
    private static final Duration FAREWELL = Duration.ofMillis(250);

    /** An ending session that is not through after this just stops. */
    private static final Duration LONGEST_ENDING = Duration.ofSeconds(3);

    private static final Duration TICK = Duration.ofSeconds(1);

    /** A run that is lost again within this time is not opened anew. */
    private static final Duration BETWEEN_RETRIES = Duration.ofSeconds(30);

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final String id;
    private final SessionParts parts;
    private final SessionMeter meter;
    private final Sessions.Offer offer;
    private final ClientChannel client = new ClientChannel();

    // What several states need and what changes with every message.
    private Optional<SessionRuns> runs = Optional.empty();
    private Optional<Negotiation> negotiation = Optional.empty();
    private Optional<ActorRef<Peer.Command>> peer = Optional.empty();
    private Optional<VideoFlow> flow = Optional.empty();
    private long flowNumber;
    private Optional<InputMode> wantedMode = Optional.empty();
    private boolean flushScheduled;
    private boolean paused;
    private boolean statsWanted;
    private int targetBitrate;
    private long received;
    private long activitySeen = -1;
    private long retriedAtMicros;
    private long idleSinceMicros;

    private Session(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            String id,
            SessionParts parts,
            SessionMeter meter,
            Sessions.Offer offer) {
        this.context = context;
        this.timers = timers;
        this.id = id;
        this.parts = parts;
        this.meter = meter;
        this.offer = offer;
        this.targetBitrate = parts.settings().rtc().startBitrate();
        this.retriedAtMicros = parts.clock().micros() - BETWEEN_RETRIES.toNanos() / 1000;
    }

    /** A session for an offer; it answers the offer itself and stops if that is a refusal. */
    static Behavior<Command> create(String id, SessionParts parts, SessionMeter meter, Sessions.Offer offer) {
        return Behaviors.setup(context -> Behaviors.withMdc(
                Command.class,
                Map.of("session", id),
                Behaviors.withTimers(timers -> new Session(context, timers, id, parts, meter, offer).resolving())));
    }

    // --- resolving: which pipelines ----------------------------------------------------------------------------------

    private Behavior<Command> resolving() {
        OfferParameters wanted;
        try {
            wanted = OfferParameters.parse(offer.initialParameters());
        } catch (OfferParameters.Refused refused) {
            return refuse(refused.problem());
        }
        context.ask(
                PipelineRegistry.ResolveReply.class,
                parts.pipelines(),
                parts.settings().session().askTimeout(),
                replyTo -> new PipelineRegistry.Resolve(wanted.pipelineIds(), replyTo),
                (reply, fault) -> new ChainAnswered(Optional.ofNullable(reply)
                        .orElseGet(() ->
                                new PipelineRegistry.Unresolved(Problem.internal("the pipelines do not answer")))));
        return state().onMessage(ChainAnswered.class, answered -> accept(wanted.control(), answered.reply()))
                .onMessage(End.class, end -> refuse(Problem.badRequest("the session was ended")))
                .onAnyMessage(early -> Behaviors.same())
                .build();
    }

    /** Everything that can be refused is refused here, before anything is allocated. */
    private Behavior<Command> accept(ControlMessage control, PipelineRegistry.ResolveReply reply) {
        if (reply instanceof PipelineRegistry.Unresolved unresolved) {
            return refuse(unresolved.problem());
        }
        List<LoadedPipeline> chain = ((PipelineRegistry.Resolved) reply).chain();
        meter.pipelineIds(chain.stream().map(member -> member.spec().id()).toList());
        InputMode mode = control.inputMode().orElse(chain.get(0).spec().defaultMode());
        Optional<String> misfit = SessionRuns.misfit(chain, mode);
        if (misfit.isPresent()) {
            return refuse(Problem.badRequest(misfit.get()));
        }
        SessionRuns fresh = new SessionRuns(parts, chain, mode);
        List<Problem.Field> wrong = fresh.begin(control.parameters());
        if (!wrong.isEmpty()) {
            return refuse(Problem.invalid(wrong.get(0).message(), wrong));
        }
        try {
            negotiation = Optional.of(parts.rtc().negotiate(id, offer.sdp()));
        } catch (UnacceptableOffer unacceptable) {
            return refuse(Problem.badRequest(unacceptable.getMessage()));
        }
        paused = control.paused().orElse(false);
        statsWanted = control.stats().orElse(false);
        runs = Optional.of(fresh);
        openRuns(mode);
        return opening();
    }

    private Behavior<Command> refuse(Problem problem) {
        offer.replyTo().tell(new Sessions.Rejected(problem));
        return Behaviors.stopped();
    }

    // --- opening: a run in each pipeline -----------------------------------------------------------------------------

    private void openRuns(InputMode mode) {
        SessionRuns own = runs.orElseThrow();
        List<RunId> ids = own.renew(mode);
        for (int i = 0; i < ids.size(); i++) {
            RunId run = ids.get(i);
            String pipeline = own.chain().get(i).key();
            GenerationRequest request = new GenerationRequest(own.modeOf(i), own.startParameters(i));
            context.ask(
                    Scheduler.OpenReply.class,
                    parts.scheduler(),
                    parts.settings().session().askTimeout(),
                    replyTo -> new Scheduler.OpenRun(run, id, pipeline, request, Scheduler.Urgency.LIVE, replyTo),
                    (reply, fault) -> new RunAnswered(
                            run,
                            Optional.ofNullable(reply)
                                    .orElseGet(() -> new Scheduler.RunRefused(
                                            run,
                                            "the device does not answer",
                                            true,
                                            parts.settings().session().retryAfter()))));
        }
    }

    private Behavior<Command> opening() {
        return state().onMessage(RunAnswered.class, answered -> {
                    if (answered.reply() instanceof Scheduler.RunRefused refused) {
                        return refuse(
                                refused.busy()
                                        ? Problem.busy(refused.message(), refused.retryAfter())
                                        : Problem.badRequest(refused.message()));
                    }
                    return runs.orElseThrow().opened() ? answerOffer() : Behaviors.same();
                })
                .onMessage(End.class, end -> refuse(Problem.badRequest("the session was ended")))
                .onAnyMessage(early -> Behaviors.same())
                .build();
    }

    private Behavior<Command> answerOffer() {
        Negotiation agreed = negotiation.orElseThrow();
        ActorRef<Peer.Command> spawned =
                context.spawn(agreed.peer(context.messageAdapter(Peer.Event.class, PeerEvent::new)), "peer");
        context.watch(spawned);
        peer = Optional.of(spawned);
        client.connect(spawned);
        idleSinceMicros = parts.clock().micros();
        timers.startTimerWithFixedDelay(Tick.INSTANCE, TICK);
        offer.replyTo().tell(new Sessions.Answered(id, agreed.answerSdp()));
        return connecting();
    }

    // --- connecting, live, reopening ---------------------------------------------------------------------------------

    private Behavior<Command> connecting() {
        meter.state("connecting");
        return running()
                .onMessage(PeerEvent.class, event -> event.event() instanceof Peer.Connected, event -> live())
                .onMessage(PeerEvent.class, event -> onPeer(event.event()))
                .onAnyMessage(stale -> Behaviors.same())
                .build();
    }

    private Behavior<Command> live() {
        InputMode now = runs.orElseThrow().mode();
        Optional<InputMode> other = wantedMode.filter(mode -> mode != now);
        wantedMode = Optional.empty();
        if (other.isPresent()) {
            return reopening(other.get());
        }
        startFlow();
        meter.state(paused ? "paused" : "streaming");
        return running()
                .onMessage(PeerEvent.class, event -> onPeer(event.event()))
                .onAnyMessage(stale -> Behaviors.same())
                .build();
    }

    /** Live, but between two modes or after a lost run: the old runs are gone, the new ones not yet open. */
    private Behavior<Command> reopening(InputMode mode) {
        meter.state("reopening");
        stopFlow();
        openRuns(mode);
        return running()
                .onMessage(RunAnswered.class, answered -> {
                    if (answered.reply() instanceof Scheduler.RunRefused refused) {
                        return ending(Optional.of(refused.message()));
                    }
                    return runs.orElseThrow().opened() ? live() : Behaviors.same();
                })
                .onMessage(PeerEvent.class, event -> onPeer(event.event()))
                .onAnyMessage(stale -> Behaviors.same())
                .build();
    }

    private BehaviorBuilder<Command> running() {
        return state().onMessage(End.class, end -> ending(end.reason()))
                .onMessage(Change.class, this::changedFromOutside)
                .onMessage(Candidate.class, candidate -> {
                    tellPeer(new Peer.AddCandidate(candidate.line()));
                    return Behaviors.same();
                })
                .onMessage(FlowNote.class, note -> note.flow() == flowNumber, note -> onFlow(note.event()))
                .onMessage(Flush.class, flush -> applyParameters())
                .onMessage(Tick.class, tick -> onTick())
                .onSignal(Terminated.class, gone -> Behaviors.stopped());
    }

    private void startFlow() {
        long number = ++flowNumber;
        ActorRef<Command> self = context.getSelf();
        ActorRef<Peer.Command> to = peer.orElseThrow();
        List<Peer.VideoLine> lines = sending();
        VideoFlow started = VideoFlow.start(
                new VideoFlow.Parts(
                        runs.orElseThrow().handles(),
                        receiving().map(Peer.VideoLine::codec).orElse(VideoCodec.VP8),
                        lines.isEmpty() ? VideoCodec.VP8 : lines.get(0).codec(),
                        targetBitrate,
                        parts.settings().session().maxFps(),
                        parts.settings().media(),
                        parts.clock(),
                        meter.flow(),
                        frame -> lines.forEach(line -> to.tell(new Peer.SendVideo(line.mid(), frame))),
                        event -> self.tell(new FlowNote(number, event))),
                context.getSystem());
        flow = Optional.of(started);
        if (paused) {
            started.pause(true);
            runs.orElseThrow().suspend(true);
        }
    }

    /** Only the first line that the client sends on is the input; what comes on others is dropped. */
    private Optional<Peer.VideoLine> receiving() {
        return negotiation.orElseThrow().videoLines().stream()
                .filter(Peer.VideoLine::receives)
                .findFirst();
    }

    /** The lines that show the output: all that want pictures and share the first one's codec. */
    private List<Peer.VideoLine> sending() {
        List<Peer.VideoLine> all = negotiation.orElseThrow().videoLines().stream()
                .filter(Peer.VideoLine::sends)
                .toList();
        return all.stream().filter(line -> line.codec() == all.get(0).codec()).toList();
    }

    private Behavior<Command> onPeer(Peer.Event event) {
        if (event instanceof Peer.VideoReceived video) {
            receive(video.mid(), video.frame());
        } else if (event instanceof Peer.KeyFrameWanted) {
            flow.ifPresent(VideoFlow::requestKeyFrame);
        } else if (event instanceof Peer.TargetBitrate target) {
            adapt(target);
        } else if (event instanceof Peer.TextReceived text) {
            received++;
            Optional<ControlMessage> control = ControlMessage.parse(text.text());
            return control.isPresent() ? control(control.get()) : Behaviors.same();
        } else if (event instanceof Peer.ChannelOpened opened) {
            client.opened(opened.channelId());
        } else if (event instanceof Peer.ChannelClosed closed) {
            client.closed(closed.channelId());
        } else if (event instanceof Peer.Closed closed) {
            context.getLog().info("connection closed: {} ({})", closed.reason(), closed.message());
            return Behaviors.stopped();
        }
        return Behaviors.same();
    }

    private void receive(String mid, EncodedFrame frame) {
        received++;
        if (receiving().filter(line -> line.mid().equals(mid)).isPresent()) {
            flow.ifPresent(running -> running.receive(frame));
        }
    }

    private void adapt(Peer.TargetBitrate target) {
        if (!sending().isEmpty() && sending().get(0).mid().equals(target.mid())) {
            targetBitrate = target.bitsPerSecond();
            flow.ifPresent(running -> running.targetBitrate(targetBitrate));
        }
    }

    private Behavior<Command> onFlow(FlowEvent event) {
        if (event instanceof FlowEvent.NeedsKeyFrame) {
            receiving().ifPresent(line -> tellPeer(new Peer.RequestKeyFrame(line.mid())));
        } else if (event instanceof FlowEvent.ParameterDropped dropped) {
            client.complain("parameter_dropped", dropped.message());
        } else if (event instanceof FlowEvent.ChunkLost lost) {
            return lost.runLost() ? retry(lost) : survive(lost);
        } else if (event instanceof FlowEvent.Ended ended && ended.fault().isPresent()) {
            return ending(ended.fault());
        }
        return Behaviors.same();
    }

    private Behavior<Command> survive(FlowEvent.ChunkLost lost) {
        if (lost.inARow() >= parts.settings().session().failedChunks()) {
            return ending(Optional.of(lost.message()));
        }
        client.complain("chunk_failed", lost.message());
        return Behaviors.same();
    }

    /** A lost run (out of memory, stuck device) is opened anew once; losing it again soon ends the session. */
    private Behavior<Command> retry(FlowEvent.ChunkLost lost) {
        long now = parts.clock().micros();
        if (now - retriedAtMicros < BETWEEN_RETRIES.toNanos() / 1000) {
            return ending(Optional.of(lost.message()));
        }
        retriedAtMicros = now;
        client.complain("run_lost", lost.message() + "; starting afresh");
        return reopening(runs.orElseThrow().mode());
    }

    private Behavior<Command> onTick() {
        client.breathe();
        long activity = received + meter.flow().framesOut();
        long now = parts.clock().micros();
        if (activity != activitySeen) {
            activitySeen = activity;
            idleSinceMicros = now;
        } else if (now - idleSinceMicros
                > parts.settings().session().idleTimeout().toNanos() / 1000) {
            return ending(Optional.of("the session was idle for too long"));
        }
        if (statsWanted && client.isOpen()) {
            client.send(Notification.stats(
                    meter.figures(),
                    meter.flow().steps(),
                    meter.flow().stalls(),
                    runs.orElseThrow().revision()));
        }
        return Behaviors.same();
    }

    // --- parameters --------------------------------------------------------------------------------------------------

    private Behavior<Command> changedFromOutside(Change change) {
        client.send(Notification.parametersUpdated(change.parameters()));
        return control(ControlMessage.of(change.parameters()));
    }

    /** Acts on what concerns the session at once; collects the rest until the mailbox is through. */
    private Behavior<Command> control(ControlMessage message) {
        SessionRuns own = runs.orElseThrow();
        message.stats().ifPresent(wanted -> statsWanted = wanted);
        message.paused().ifPresent(this::pause);
        if (!message.parameters().isEmpty()) {
            own.collect(message.parameters(), message.nodeId(), client::complain);
            if (!flushScheduled) {
                flushScheduled = true;
                context.getSelf().tell(Flush.INSTANCE);
            }
        }
        return message.inputMode().map(this::switchTo).orElse(Behaviors.same());
    }

    /** A switch while there is no flow, so before the connection or during another switch, comes afterwards. */
    private Behavior<Command> switchTo(InputMode mode) {
        SessionRuns own = runs.orElseThrow();
        Optional<String> misfit = SessionRuns.misfit(own.chain(), mode);
        if (misfit.isPresent()) {
            client.complain("invalid_parameter", misfit.get());
            return Behaviors.same();
        }
        if (flow.isEmpty()) {
            wantedMode = Optional.of(mode);
            return Behaviors.same();
        }
        if (mode == own.mode()) {
            return Behaviors.same();
        }
        applyParameters();
        return reopening(mode);
    }

    private Behavior<Command> applyParameters() {
        flushScheduled = false;
        Parameters applied = runs.orElseThrow().apply(client::complain);
        if (applied.value(Parameters.RESET_CACHE)
                .filter(reset -> reset.asBoolean(false))
                .isPresent()) {
            flow.ifPresent(VideoFlow::flush);
        }
        return Behaviors.same();
    }

    private void pause(boolean wanted) {
        if (wanted == paused) {
            return;
        }
        paused = wanted;
        flow.ifPresent(running -> {
            meter.state(paused ? "paused" : "streaming");
            running.pause(paused);
            runs.orElseThrow().suspend(paused);
        });
    }

    // --- the end -----------------------------------------------------------------------------------------------------

    private Behavior<Command> ending(Optional<String> reason) {
        context.getLog().info("session ends{}", reason.map(text -> ": " + text).orElse(""));
        meter.state("ending");
        stopFlow();
        runs.ifPresent(SessionRuns::close);
        client.send(Notification.streamStopped(reason));
        timers.cancel(Tick.INSTANCE);
        timers.startSingleTimer(HangUpNow.INSTANCE, FAREWELL);
        timers.startSingleTimer(GiveUp.INSTANCE, LONGEST_ENDING);
        return state().onMessage(HangUpNow.class, now -> {
                    tellPeer(Peer.Close.INSTANCE);
                    return Behaviors.same();
                })
                .onMessage(GiveUp.class, giveUp -> Behaviors.stopped())
                .onMessage(
                        PeerEvent.class, event -> event.event() instanceof Peer.Closed, closed -> Behaviors.stopped())
                .onSignal(Terminated.class, gone -> Behaviors.stopped())
                .onAnyMessage(late -> Behaviors.same())
                .build();
    }

    private void stopFlow() {
        // What the old flow still has to say, such as that its run is gone, concerns nobody any more.
        flowNumber++;
        flow.ifPresent(VideoFlow::stop);
        flow = Optional.empty();
    }

    private void tellPeer(Peer.Command command) {
        peer.ifPresent(ref -> ref.tell(command));
    }

    /** What every state knows: questions about the output, and the end, for whatever reason. */
    private BehaviorBuilder<Command> state() {
        return Behaviors.receive(Command.class)
                .onMessage(Watch.class, watch -> {
                    watch.replyTo().tell(new Sessions.WatchReply(flow.flatMap(VideoFlow::watch)));
                    return Behaviors.same();
                })
                .onMessage(Snapshot.class, snapshot -> {
                    snapshot.replyTo().tell(new Sessions.SnapshotReply(flow.flatMap(VideoFlow::newest)));
                    return Behaviors.same();
                })
                .onSignal(PostStop.class, stop -> {
                    stopFlow();
                    runs.ifPresent(SessionRuns::close);
                    if (peer.isEmpty()) {
                        negotiation.ifPresent(Negotiation::abandon);
                    }
                    return Behaviors.same();
                });
    }
}
