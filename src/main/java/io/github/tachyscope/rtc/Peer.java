package io.github.tachyscope.rtc;

import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.rtc.dtls.DtlsEvent;
import io.github.tachyscope.rtc.dtls.DtlsHandshake;
import io.github.tachyscope.rtc.ice.IceEvent;
import io.github.tachyscope.rtc.sdp.IceCandidate;
import io.github.tachyscope.wire.MalformedPacket;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.BehaviorBuilder;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * One WebRTC connection.
 *
 * <pre>
 * connecting --ICE connected, or first datagram--> handshaking --keys--> connected
 * connecting  --time is up, ICE failed-->   closed ICE_FAILED
 * handshaking --time is up, wrong client--> closed HANDSHAKE_FAILED
 * connected   --no consent-->               closed CONSENT_LOST
 * connected   --goodbye of the client-->    closed REMOTE
 * any         --Close-->                    closed REQUESTED
 * </pre>
 *
 * The protocols are in {@link Link}; here are the states, the time limits and the one timer.
 */
public final class Peer {

    public sealed interface Command {}

    /** Sends one encoded picture on the video line {@code mid}; dropped silently while not connected. */
    public record SendVideo(String mid, EncodedFrame frame) implements Command {}

    /** Sends a text message on an open data channel. */
    public record SendText(int channelId, String text) implements Command {}

    /** Asks the browser for a key frame on the line {@code mid} (decoder lost the thread). */
    public record RequestKeyFrame(String mid) implements Command {}

    /**
     * A candidate that arrived after the offer.
     *
     * @param candidate the {@code candidate:} line
     */
    public record AddCandidate(String candidate) implements Command {}

    /** Ends the connection in an orderly way. */
    public enum Close implements Command {
        INSTANCE
    }

    /** Datagrams wait in the inbox. */
    private enum Wake implements Command {
        INSTANCE
    }

    private enum Tick implements Command {
        INSTANCE
    }

    private record FromIce(IceEvent event) implements Command {}

    private record FromDtls(DtlsEvent event) implements Command {}

    /** A datagram of the handshake, from its thread. */
    private record FromHandshake(byte[] datagram) implements Command {}

    /** What happens on the connection, told to its listener. */
    public sealed interface Event {}

    /** ICE, DTLS and SRTP are up; media flows. */
    public enum Connected implements Event {
        INSTANCE
    }

    /**
     * A complete encoded picture arrived. Frames come in decoding order without gaps: after a loss, nothing until the
     * next key frame.
     *
     * @param frame dated by the media clock, spaced by its RTP timestamps
     */
    public record VideoReceived(String mid, EncodedFrame frame) implements Event {}

    /** The browser needs a key frame on the line {@code mid} that we send. */
    public record KeyFrameWanted(String mid) implements Event {}

    /** What the network can take on the line {@code mid} that we send, in bits per second. */
    public record TargetBitrate(String mid, int bitsPerSecond) implements Event {}

    public record ChannelOpened(int channelId, String label) implements Event {}

    public record ChannelClosed(int channelId) implements Event {}

    public record TextReceived(int channelId, String text) implements Event {}

    /** The connection is gone and this actor stops. */
    public record Closed(CloseReason reason, String message) implements Event {}

    /** Why a connection ended. */
    public enum CloseReason {
        /** {@link Close} was asked for. */
        REQUESTED,
        /** The other side said goodbye (DTLS close, SCTP abort). */
        REMOTE,
        /** ICE found no way within the time limit. */
        ICE_FAILED,
        /** The handshake failed or took too long. */
        HANDSHAKE_FAILED,
        /** The other side vanished (consent freshness, RFC 7675). */
        CONSENT_LOST,
        /** A fault of our own. */
        INTERNAL
    }

    /**
     * A video line of the answer.
     *
     * @param mid its identification
     * @param codec negotiated codec
     * @param receives whether the browser sends pictures on it
     * @param sends whether the browser wants pictures on it
     */
    public record VideoLine(String mid, VideoCodec codec, boolean receives, boolean sends) {}

    /** Datagrams taken in one go; then other messages have their turn. */
    private static final int BATCH = 64;

    /** The timer never waits for less, so that a deadline in the past cannot spin. */
    private static final long MIN_WAIT_MICROS = 1000;

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final PeerParts parts;
    private final ActorRef<Event> listener;
    private final Inbox inbox = new Inbox();
    private final Wire wire;
    private final Link link;

    /** When the timer fires; a field because it changes with datagrams, not with states. */
    private long armedMicros = Long.MAX_VALUE;

    private boolean closedTold;

    /** Connects to the client of an accepted offer. {@link Closed} is told last, whatever happens. */
    static Behavior<Command> create(PeerParts parts, ActorRef<Event> listener) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new Peer(context, timers, parts, listener).start()));
    }

    private Peer(
            ActorContext<Command> context, TimerScheduler<Command> timers, PeerParts parts, ActorRef<Event> listener) {
        this.context = context;
        this.timers = timers;
        this.parts = parts;
        this.listener = listener;
        this.wire = new Wire(parts.ice()::send);
        this.link = new Link(parts.media(), parts.data(), wire, this::beginHandshake);
    }

    private Behavior<Command> start() {
        ActorRef<Command> self = context.getSelf();
        parts.ice()
                .start(
                        parts.offer().iceUfrag(),
                        parts.offer().icePassword(),
                        parts.offer().candidates(),
                        event -> fromIce(event, self));
        return connecting(in(parts.settings().iceTimeout()));
    }

    /** Runs on the reader thread of all peers. */
    private void fromIce(IceEvent event, ActorRef<Command> self) {
        if (!(event instanceof IceEvent.Datagram datagram)) {
            self.tell(new FromIce(event));
        } else if (inbox.offer(datagram.bytes())) {
            self.tell(Wake.INSTANCE);
        }
    }

    /** No way to the client is known yet. */
    private Behavior<Command> connecting(long deadline) {
        arm(deadline);
        return common().onMessage(
                        FromIce.class, from -> from.event() == IceEvent.Connected.INSTANCE, from -> awaitHandshake())
                .onMessage(FromIce.class, from -> from.event() == IceEvent.Failed.INSTANCE, from -> iceFailed())
                .onMessage(FromIce.class, consent -> Behaviors.same())
                // A browser may begin before our side has confirmed its way.
                .onMessage(Wake.class, wake -> awaitHandshake())
                .onMessage(Tick.class, tick -> isOver(deadline), late -> iceFailed())
                .onMessage(Tick.class, early -> rearmed(deadline))
                .onMessage(FromDtls.class, impossible -> Behaviors.same())
                .onMessage(FromHandshake.class, impossible -> Behaviors.same())
                .onMessage(SendVideo.class, tooEarly -> Behaviors.same())
                .onMessage(SendText.class, tooEarly -> Behaviors.same())
                .onMessage(RequestKeyFrame.class, tooEarly -> Behaviors.same())
                .build();
    }

    private Behavior<Command> iceFailed() {
        return closed(CloseReason.ICE_FAILED, "no way to the client was found");
    }

    private Behavior<Command> awaitHandshake() {
        read();
        return handshaking(in(parts.settings().handshakeTimeout()));
    }

    /** Called when the client's first flight comes, so that silent clients take no thread. */
    private DtlsHandshake beginHandshake() {
        ActorRef<Command> self = context.getSelf();
        return parts.dtls()
                .begin(
                        parts.offer().fingerprints(),
                        parts.settings().handshakeTimeout(),
                        datagram -> self.tell(new FromHandshake(datagram)),
                        event -> self.tell(new FromDtls(event)));
    }

    /** Datagrams come and go; there are no keys yet. */
    private Behavior<Command> handshaking(long deadline) {
        arm(deadline);
        return common().onMessage(FromIce.class, from -> from.event() == IceEvent.Failed.INSTANCE, from -> iceFailed())
                .onMessage(FromIce.class, from -> Behaviors.same())
                .onMessage(Wake.class, wake -> {
                    read();
                    return Behaviors.same();
                })
                .onMessage(FromHandshake.class, out -> {
                    wire.sendHandshake(out.datagram(), now());
                    return rearmed(deadline);
                })
                .onMessage(FromDtls.class, end -> handshakeEnded(end.event()))
                .onMessage(
                        Tick.class,
                        tick -> isOver(deadline),
                        late -> closed(CloseReason.HANDSHAKE_FAILED, "the DTLS handshake took too long"))
                .onMessage(Tick.class, early -> {
                    link.tick(now());
                    return rearmed(deadline);
                })
                .onMessage(SendVideo.class, tooEarly -> Behaviors.same())
                .onMessage(SendText.class, tooEarly -> Behaviors.same())
                .onMessage(RequestKeyFrame.class, tooEarly -> Behaviors.same())
                .build();
    }

    private Behavior<Command> handshakeEnded(DtlsEvent end) {
        if (end instanceof DtlsEvent.Established established) {
            listener.tell(Connected.INSTANCE);
            link.established(established.channel(), established.keys(), now());
            return after(connected(in(parts.settings().consentTimeout())));
        }
        String reason = end instanceof DtlsEvent.Failed failed ? failed.reason() : "unknown";
        return closed(CloseReason.HANDSHAKE_FAILED, "the DTLS handshake failed: " + reason);
    }

    /** Media and messages flow. */
    private Behavior<Command> connected(long consentDeadline) {
        arm(consentDeadline);
        return common().onMessage(
                        FromIce.class,
                        from -> from.event() == IceEvent.Consented.INSTANCE,
                        from -> connected(in(parts.settings().consentTimeout())))
                .onMessage(FromIce.class, from -> from.event() == IceEvent.Failed.INSTANCE, from -> consentLost())
                .onMessage(FromIce.class, from -> Behaviors.same())
                .onMessage(Wake.class, wake -> {
                    read();
                    return served(consentDeadline);
                })
                .onMessage(Tick.class, tick -> isOver(consentDeadline), late -> consentLost())
                .onMessage(Tick.class, early -> {
                    link.tick(now());
                    return served(consentDeadline);
                })
                .onMessage(SendVideo.class, send -> {
                    link.sendVideo(send.mid(), send.frame(), now());
                    return served(consentDeadline);
                })
                .onMessage(SendText.class, send -> {
                    link.sendText(send.channelId(), send.text(), now())
                            .ifPresent(why -> context.getLog().debug("A text was not sent: {}", why));
                    return served(consentDeadline);
                })
                .onMessage(RequestKeyFrame.class, request -> {
                    link.requestKeyFrame(request.mid(), now());
                    return served(consentDeadline);
                })
                // The last flight of the handshake may come after its end was told.
                .onMessage(FromHandshake.class, out -> {
                    wire.sendHandshake(out.datagram(), now());
                    return served(consentDeadline);
                })
                .onMessage(FromDtls.class, impossible -> Behaviors.same())
                .build();
    }

    private Behavior<Command> consentLost() {
        return closed(CloseReason.CONSENT_LOST, "the client does not answer any more");
    }

    /** What is the same in every state. */
    private BehaviorBuilder<Command> common() {
        return Behaviors.receive(Command.class)
                .onMessage(AddCandidate.class, add -> {
                    addCandidate(add.candidate());
                    return Behaviors.same();
                })
                .onMessage(Close.class, close -> {
                    link.goodbye(now());
                    return closed(CloseReason.REQUESTED, "closed on request");
                })
                .onSignal(PostStop.class, stop -> {
                    release();
                    return Behaviors.same();
                });
    }

    private void addCandidate(String line) {
        try {
            IceCandidate.parse(line).ifPresent(parts.ice()::add);
        } catch (MalformedPacket malformed) {
            context.getLog().debug("A candidate was ignored: {}", malformed.getMessage());
        }
    }

    private void read() {
        inbox.wokenUp();
        long now = now();
        for (int i = 0; i < BATCH; i++) {
            byte[] datagram = inbox.take();
            if (datagram == null) {
                return;
            }
            link.receive(datagram, now);
        }
        if (inbox.leaves()) {
            context.getSelf().tell(Wake.INSTANCE);
        }
    }

    /** Ends a message of the connected state: sends, tells, watches for the other side's end. */
    private Behavior<Command> served(long consentDeadline) {
        Behavior<Command> next = after(Behaviors.same());
        rearmed(consentDeadline);
        return next;
    }

    private Behavior<Command> after(Behavior<Command> next) {
        link.flush().forEach(listener::tell);
        return link.remoteEnd()
                .map(reason -> closed(CloseReason.REMOTE, reason))
                .orElse(next);
    }

    private Behavior<Command> closed(CloseReason reason, String message) {
        closedTold = true;
        listener.tell(new Closed(reason, message));
        return Behaviors.stopped();
    }

    private void release() {
        link.release();
        parts.ice().close();
        if (link.droppedDatagrams() + inbox.dropped() > 0) {
            context.getLog()
                    .debug("Dropped {} strange and {} surplus datagrams", link.droppedDatagrams(), inbox.dropped());
        }
        if (!closedTold) {
            closedTold = true;
            listener.tell(new Closed(CloseReason.INTERNAL, "the connection ended by a fault of the server"));
        }
    }

    private long now() {
        return parts.clock().micros();
    }

    private long in(Duration duration) {
        return now() + duration.toNanos() / 1000;
    }

    private boolean isOver(long deadline) {
        armedMicros = Long.MAX_VALUE;
        return now() >= deadline;
    }

    private Behavior<Command> rearmed(long deadline) {
        arm(deadline);
        return Behaviors.same();
    }

    private void arm(long deadline) {
        long next = Math.min(deadline, link.nextDeadlineMicros());
        if (next < armedMicros) {
            armedMicros = next;
            long wait = Math.max(MIN_WAIT_MICROS, next - now());
            timers.startSingleTimer(Tick.INSTANCE, Duration.ofNanos(wait * 1000));
        }
    }
}
