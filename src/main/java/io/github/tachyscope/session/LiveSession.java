package io.github.tachyscope.session;

import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.flow.FlowEvent;
import io.github.tachyscope.flow.VideoFlow;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.rtc.Negotiation;
import io.github.tachyscope.rtc.Peer;
import io.github.tachyscope.schedule.Scheduler;
import java.time.Duration;
import java.util.List;
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
 * A session that was answered: a peer connection, the runs of its pipelines, and the flow between them.
 *
 * <pre>
 * connecting --peer connected--> live <--runs open-- reopening
 *     |                          |  |                   ^  |
 *     |                          |  +-- text/video, ----+  |
 *     |                          |      a lost run         |
 *     +-- End, fault ------------+-------------------------+--> ending --> stopped
 *     any: the peer is gone --> stopped
 * </pre>
 */
final class LiveSession {
    /** Between the last message and closing the connection, so that the message gets through. */
    private static final Duration FAREWELL = Duration.ofMillis(250);

    /** An ending session that is not through after this just stops. */
    private static final Duration LONGEST_ENDING = Duration.ofSeconds(3);

    private static final Duration TICK = Duration.ofSeconds(1);

    /** A run that is lost again within this time is not opened anew. */
    private static final Duration BETWEEN_RETRIES = Duration.ofSeconds(30);

    /** A lost run that no device takes for so long ends the session; about what a restart with large weights takes. */
    private static final Duration LONGEST_REOPENING = Duration.ofMinutes(2);

    private static final Duration BETWEEN_OPENINGS = Duration.ofSeconds(1);

    private final ActorContext<Session.Command> context;
    private final TimerScheduler<Session.Command> timers;
    private final String id;
    private final SessionParts parts;
    private final SessionMeter meter;
    private final Negotiation negotiation;
    private final SessionRuns runs;
    private final ActorRef<Peer.Command> peer;
    private final ClientChannel client = new ClientChannel();

    // What changes with every message.
    private Optional<VideoFlow> flow = Optional.empty();
    private long flowNumber;
    private Optional<InputMode> wantedMode = Optional.empty();
    private boolean flushScheduled;
    private long collectedSinceMicros;
    private boolean paused;
    private boolean statsWanted;
    private int targetBitrate;
    private long received;
    private long activitySeen = -1;
    private long retriedAtMicros;
    private long idleSinceMicros;

    /** Spawns the peer, which begins to connect. */
    LiveSession(
            ActorContext<Session.Command> context,
            TimerScheduler<Session.Command> timers,
            String id,
            SessionParts parts,
            SessionMeter meter,
            Negotiation negotiation,
            SessionRuns runs,
            ControlMessage control) {
        this.context = context;
        this.timers = timers;
        this.id = id;
        this.parts = parts;
        this.meter = meter;
        this.negotiation = negotiation;
        this.runs = runs;
        this.paused = control.paused().orElse(false);
        this.statsWanted = control.stats().orElse(false);
        this.targetBitrate = parts.settings().rtc().startBitrate();
        this.retriedAtMicros = parts.clock().micros() - BETWEEN_RETRIES.toNanos() / 1000;
        this.idleSinceMicros = parts.clock().micros();
        this.peer = context.spawn(
                negotiation.peer(context.messageAdapter(Peer.Event.class, Session.PeerEvent::new)), "peer");
        context.watch(peer);
        client.connect(peer);
        timers.startTimerWithFixedDelay(Session.Tick.INSTANCE, TICK);
    }

    Behavior<Session.Command> connecting() {
        meter.state("connecting");
        return running()
                .onMessage(Session.PeerEvent.class, event -> event.event() instanceof Peer.Connected, event -> live())
                .onMessage(Session.PeerEvent.class, event -> onPeer(event.event()))
                .onAnyMessage(stale -> Behaviors.same())
                .build();
    }

    private Behavior<Session.Command> live() {
        InputMode now = runs.mode();
        Optional<InputMode> other = wantedMode.filter(mode -> mode != now);
        wantedMode = Optional.empty();
        if (other.isPresent()) {
            return reopening(other.get());
        }
        startFlow();
        meter.state(paused ? "paused" : "streaming");
        return running()
                .onMessage(Session.PeerEvent.class, event -> onPeer(event.event()))
                .onAnyMessage(stale -> Behaviors.same())
                .build();
    }

    private Behavior<Session.Command> reopening(InputMode mode) {
        return reopening(mode, Optional.empty());
    }

    /**
     * Live, but between two modes or after a lost run: the old runs are gone, the new ones not yet open.
     *
     * @param untilMicros how long to try while there is no room; a device that failed needs its time to come back
     */
    private Behavior<Session.Command> reopening(InputMode mode, Optional<Long> untilMicros) {
        meter.state("reopening");
        stopFlow();
        runs.open(mode, id, context);
        return running()
                .onMessage(Session.RunAnswered.class, answered -> runs.isPresent(answered.run()), answered -> {
                    if (answered.reply() instanceof Scheduler.RunRefused refused) {
                        long now = parts.clock().micros();
                        if (refused.busy()
                                && untilMicros.filter(until -> now < until).isPresent()) {
                            runs.close();
                            timers.startSingleTimer(Session.OpenAgain.INSTANCE, BETWEEN_OPENINGS);
                            return Behaviors.same();
                        }
                        return ending(Optional.of(refused.message()));
                    }
                    return runs.opened(answered.run()) ? live() : Behaviors.same();
                })
                .onMessage(Session.OpenAgain.class, again -> reopening(mode, untilMicros))
                .onMessage(Session.PeerEvent.class, event -> onPeer(event.event()))
                .onAnyMessage(stale -> Behaviors.same())
                .build();
    }

    private BehaviorBuilder<Session.Command> running() {
        return state().onMessage(Session.End.class, end -> ending(end.reason()))
                .onMessage(Session.Change.class, this::changedFromOutside)
                .onMessage(Session.Candidate.class, candidate -> {
                    peer.tell(new Peer.AddCandidate(candidate.line()));
                    return Behaviors.same();
                })
                .onMessage(Session.FlowNote.class, note -> note.flow() == flowNumber, note -> onFlow(note.event()))
                .onMessage(Session.Flush.class, flush -> applyParameters())
                .onMessage(Session.Tick.class, tick -> onTick())
                .onSignal(Terminated.class, gone -> Behaviors.stopped());
    }

    private void startFlow() {
        long number = ++flowNumber;
        ActorRef<Session.Command> self = context.getSelf();
        ActorRef<Peer.Command> to = peer;
        List<Peer.VideoLine> lines = sending();
        VideoFlow started = VideoFlow.start(
                new VideoFlow.Parts(
                        runs.handles(),
                        receiving().map(Peer.VideoLine::codec).orElse(VideoCodec.VP8),
                        lines.isEmpty() ? VideoCodec.VP8 : lines.get(0).codec(),
                        targetBitrate,
                        parts.settings().session().maxFps(),
                        parts.settings().media(),
                        parts.clock(),
                        meter.flow(),
                        frame -> lines.forEach(line -> to.tell(new Peer.SendVideo(line.mid(), frame))),
                        event -> self.tell(new Session.FlowNote(number, event))),
                context.getSystem());
        flow = Optional.of(started);
        if (paused) {
            started.pause(true);
            runs.suspend(true);
        }
    }

    /** Only the first line that the client sends on is the input; what comes on others is dropped. */
    private Optional<Peer.VideoLine> receiving() {
        return negotiation.videoLines().stream()
                .filter(Peer.VideoLine::receives)
                .findFirst();
    }

    /** The lines that show the output: all that want pictures and share the first one's codec. */
    private List<Peer.VideoLine> sending() {
        List<Peer.VideoLine> all =
                negotiation.videoLines().stream().filter(Peer.VideoLine::sends).toList();
        return all.stream().filter(line -> line.codec() == all.get(0).codec()).toList();
    }

    private Behavior<Session.Command> onPeer(Peer.Event event) {
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

    private Behavior<Session.Command> onFlow(FlowEvent event) {
        if (event instanceof FlowEvent.NeedsKeyFrame) {
            receiving().ifPresent(line -> peer.tell(new Peer.RequestKeyFrame(line.mid())));
        } else if (event instanceof FlowEvent.QualityChanged changed) {
            meter.quality(changed.quality());
            client.send(Notification.qualityChanged(changed.quality()));
        } else if (event instanceof FlowEvent.ParameterDropped dropped) {
            client.complain("parameter_dropped", dropped.message());
        } else if (event instanceof FlowEvent.ChunkLost lost) {
            return lost.runLost() ? retry(lost) : survive(lost);
        } else if (event instanceof FlowEvent.Ended ended && ended.fault().isPresent()) {
            return ending(ended.fault());
        }
        return Behaviors.same();
    }

    private Behavior<Session.Command> survive(FlowEvent.ChunkLost lost) {
        if (lost.inARow() >= parts.settings().session().failedChunks()) {
            return ending(Optional.of(lost.message()));
        }
        client.complain("chunk_failed", lost.message());
        return Behaviors.same();
    }

    /** A lost run (out of memory, stuck device) is opened anew once; losing it again soon ends the session. */
    private Behavior<Session.Command> retry(FlowEvent.ChunkLost lost) {
        long now = parts.clock().micros();
        if (now - retriedAtMicros < BETWEEN_RETRIES.toNanos() / 1000) {
            return ending(Optional.of(lost.message()));
        }
        retriedAtMicros = now;
        client.complain("run_lost", lost.message() + "; starting afresh");
        return reopening(runs.mode(), Optional.of(now + LONGEST_REOPENING.toNanos() / 1000));
    }

    private Behavior<Session.Command> onTick() {
        client.breathe();
        if (!paused) {
            meter.keepsUp(runs.mode(), parts.settings().session().maxFps());
        }
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
                    meter.figures(), meter.flow().steps(), meter.flow().stalls(), runs.revision()));
        }
        return Behaviors.same();
    }

    // --- parameters --------------------------------------------------------------------------------------------------

    private Behavior<Session.Command> changedFromOutside(Session.Change change) {
        client.send(Notification.parametersUpdated(change.parameters()));
        return control(ControlMessage.of(change.parameters()));
    }

    /** Acts on what concerns the session at once; collects the rest until the mailbox is through. */
    private Behavior<Session.Command> control(ControlMessage message) {
        message.stats().ifPresent(wanted -> statsWanted = wanted);
        message.paused().ifPresent(this::pause);
        if (!message.parameters().isEmpty()) {
            runs.collect(message.parameters(), message.nodeId(), client::complain);
            if (!flushScheduled) {
                flushScheduled = true;
                collectedSinceMicros = parts.clock().micros();
                context.getSelf().tell(Session.Flush.INSTANCE);
            }
        }
        return message.inputMode().map(this::switchTo).orElse(Behaviors.same());
    }

    /** A switch while there is no flow, so before the connection or during another switch, comes afterwards. */
    private Behavior<Session.Command> switchTo(InputMode mode) {
        Optional<String> misfit = SessionRuns.misfit(runs.chain(), mode);
        if (misfit.isPresent()) {
            client.complain("invalid_parameter", misfit.get());
            return Behaviors.same();
        }
        if (flow.isEmpty()) {
            wantedMode = Optional.of(mode);
            return Behaviors.same();
        }
        if (mode == runs.mode()) {
            return Behaviors.same();
        }
        applyParameters();
        return reopening(mode);
    }

    private Behavior<Session.Command> applyParameters() {
        flushScheduled = false;
        Parameters applied = runs.apply(client::complain);
        if (!applied.isEmpty() && !paused) {
            meter.flow().controls().told(collectedSinceMicros);
        }
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
            runs.suspend(paused);
        });
    }

    // --- the end -----------------------------------------------------------------------------------------------------

    private Behavior<Session.Command> ending(Optional<String> reason) {
        context.getLog().info("session ends{}", reason.map(text -> ": " + text).orElse(""));
        meter.state("ending");
        stopFlow();
        runs.close();
        client.send(Notification.streamStopped(reason));
        timers.cancel(Session.Tick.INSTANCE);
        timers.startSingleTimer(Session.HangUpNow.INSTANCE, FAREWELL);
        timers.startSingleTimer(Session.GiveUp.INSTANCE, LONGEST_ENDING);
        return state().onMessage(Session.HangUpNow.class, now -> {
                    peer.tell(Peer.Close.INSTANCE);
                    return Behaviors.same();
                })
                .onMessage(Session.GiveUp.class, giveUp -> Behaviors.stopped())
                .onMessage(
                        Session.PeerEvent.class,
                        event -> event.event() instanceof Peer.Closed,
                        closed -> Behaviors.stopped())
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

    /** What every state knows: questions about the output, and the end, for whatever reason. */
    private BehaviorBuilder<Session.Command> state() {
        return Behaviors.receive(Session.Command.class)
                .onMessage(Session.Watch.class, watch -> {
                    watch.replyTo().tell(new Sessions.WatchReply(flow.flatMap(VideoFlow::watch)));
                    return Behaviors.same();
                })
                .onMessage(Session.Snapshot.class, snapshot -> {
                    snapshot.replyTo().tell(new Sessions.SnapshotReply(flow.flatMap(VideoFlow::newest)));
                    return Behaviors.same();
                })
                .onSignal(PostStop.class, stop -> {
                    stopFlow();
                    runs.close();
                    return Behaviors.same();
                });
    }
}
