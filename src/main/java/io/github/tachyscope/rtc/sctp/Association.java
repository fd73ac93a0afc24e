package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.MalformedPacket;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One association from handshake to end (RFC 9260 section 4).
 *
 * <pre>
 *   closed --start--> cookie-wait --INIT-ACK--> cookie-echoed --COOKIE-ACK--> established
 *   closed, cookie-wait or cookie-echoed --COOKIE-ECHO--> established
 *   established --SHUTDOWN--> shutdown-received --all acknowledged--> shutdown-ack-sent --SHUTDOWN-COMPLETE--> down
 *   any --ABORT, or abort()--> down
 * </pre>
 *
 * <p>Our tag and initial TSN stay the same for the life of this object, which makes colliding INITs harmless. An INIT
 * on an established association is ignored: a restart would come with a new DTLS session.
 */
final class Association {
    /** SHUTDOWN-ACKs sent without an answer before the end is taken as agreed. */
    private static final int MAX_SHUTDOWN_ACKS = 5;

    private enum State {
        CLOSED,
        COOKIE_WAIT,
        COOKIE_ECHOED,
        ESTABLISHED,
        SHUTDOWN_RECEIVED,
        SHUTDOWN_ACK_SENT,
        DOWN
    }

    private final SctpSettings settings;
    private final AssociationUser user;
    private final Drops drops;
    private final SendQueue queue = new SendQueue();
    private final RetransmissionTimeout timeout = new RetransmissionTimeout();
    private final PacketPacker out;
    private final Alarm handshake = new Alarm();
    private final LocalInit local;
    private State state = State.CLOSED;
    private byte[] peerCookie = new byte[0];
    private @Nullable Transfer transfer;
    private int shutdownAcks;
    private long packetsReceived;

    Association(SctpSettings settings, long seed, AssociationUser user, Drops drops) {
        this.settings = settings;
        this.user = user;
        this.drops = drops;
        this.out = new PacketPacker(settings);
        this.local = new LocalInit(settings.receiveWindow(), seed);
    }

    void start(long nowMicros) {
        if (state == State.CLOSED) {
            state = State.COOKIE_WAIT;
            sendInit(nowMicros);
        }
    }

    boolean isDown() {
        return state == State.DOWN;
    }

    /** Whether new messages still have a way to the peer. */
    boolean takesMessages() {
        return state != State.DOWN && state != State.SHUTDOWN_RECEIVED && state != State.SHUTDOWN_ACK_SENT;
    }

    int bufferedBytes() {
        return queue.bytes() + (transfer == null ? 0 : transfer.sender().unackedBytes());
    }

    /** Streams that the peer takes from us. */
    int peerStreams() {
        return transfer == null ? LocalInit.STREAMS : transfer.peer().inboundStreams();
    }

    /** Queues a message; {@link #flush} sends what may go. */
    void enqueue(OutgoingMessage message) {
        queue.add(message);
    }

    /** Drops what waits on a stream for its first transmission. */
    void discard(int streamId) {
        queue.discard(streamId);
    }

    /** Resets our side of a stream after what waits on it; only on an established association. */
    void reset(int streamId) {
        if (transfer != null) {
            transfer.reset(streamId);
        }
    }

    /** The peer uses the stream anew; true if that can only mean that our reset is done. */
    boolean confirmReset(int streamId) {
        return transfer != null && transfer.confirmReset(streamId);
    }

    void abort() {
        if (state == State.DOWN) {
            return;
        }
        if (transfer != null) {
            out.add(ErrorReports.userInitiatedAbort());
            out.finish();
        }
        goDown("closed on this side");
    }

    void receive(byte[] bytes, long nowMicros) {
        packetsReceived++;
        if (!SctpPacket.hasValidChecksum(bytes)) {
            drops.count(DropReason.BAD_CHECKSUM);
            return;
        }
        SctpPacket packet;
        try {
            packet = SctpPacket.read(bytes);
        } catch (MalformedPacket malformed) {
            drops.count(DropReason.MALFORMED);
            return;
        }
        if (packet.sourcePort() != settings.remotePort() || packet.destinationPort() != settings.localPort()) {
            drops.count(DropReason.WRONG_PORT);
        } else if (!tagFits(packet)) {
            drops.count(DropReason.WRONG_TAG);
        } else {
            handleAll(packet.chunks(), nowMicros);
        }
    }

    void tick(long nowMicros) {
        if (handshake.rings(nowMicros)) {
            repeatHandshake(nowMicros);
        }
        if (transfer != null && state != State.DOWN) {
            transfer.tick(nowMicros);
        }
        flush(nowMicros);
    }

    OptionalLong nextDeadlineMicros() {
        if (state == State.DOWN) {
            return OptionalLong.empty();
        }
        long deadline = Math.min(handshake.atMicros(), transfer == null ? Alarm.NEVER : transfer.deadlineMicros());
        return deadline == Alarm.NEVER ? OptionalLong.empty() : OptionalLong.of(deadline);
    }

    List<byte[]> drain() {
        return out.drain();
    }

    SctpStats stats(int openChannels) {
        Optional<Transfer> data = Optional.ofNullable(transfer);
        return new SctpStats(
                drops.counts(),
                packetsReceived,
                out.packed(),
                data.map(t -> t.sender().retransmissions()).orElse(0L),
                data.map(t -> t.sender().abandonedMessages()).orElse(0L),
                timeout.smoothedMicros(),
                data.map(t -> t.sender().congestionWindow()).orElse(0),
                bufferedBytes(),
                data.map(Transfer::heldBytes).orElse(0) + user.undeliveredBytes(),
                openChannels);
    }

    /** The rules of RFC 9260 section 8.5. */
    private boolean tagFits(SctpPacket packet) {
        Chunk first = packet.chunks().get(0);
        if (first instanceof InitChunk) {
            return packet.tag() == 0 && packet.chunks().size() == 1;
        }
        boolean reflected = first instanceof AbortChunk abort && abort.reflected()
                || first instanceof ShutdownCompleteChunk complete && complete.reflected();
        if (reflected) {
            return transfer != null && packet.tag() == transfer.peer().tag();
        }
        return packet.tag() == local.tag();
    }

    private void handleAll(List<Chunk> chunks, long nowMicros) {
        for (Chunk chunk : chunks) {
            if (!handle(chunk, nowMicros)) {
                break;
            }
        }
        if (transfer != null) {
            transfer.packetEnded(nowMicros);
        }
        flush(nowMicros);
    }

    /** Takes one chunk; false if the rest of the packet is to be dropped. */
    private boolean handle(Chunk chunk, long nowMicros) {
        if (state == State.DOWN) {
            return handleWhenDown(chunk);
        } else if (chunk instanceof InitChunk init) {
            initReceived(init, nowMicros);
        } else if (chunk instanceof InitAckChunk initAck) {
            initAckReceived(initAck, nowMicros);
        } else if (chunk instanceof CookieEchoChunk echo) {
            return cookieReceived(echo, nowMicros);
        } else if (chunk instanceof CookieAckChunk) {
            cookieAckReceived();
        } else if (chunk instanceof HeartbeatChunk heartbeat) {
            heartbeatReceived(heartbeat);
        } else if (chunk instanceof AbortChunk abort) {
            goDown("aborted by the peer" + ErrorReports.describe(abort));
        } else if (chunk instanceof ErrorChunk error) {
            errorReceived(error, nowMicros);
        } else if (chunk instanceof UnknownChunk unknown) {
            return unknownReceived(unknown);
        } else if (chunk instanceof ShutdownAckChunk) {
            out.addAlone(transfer == null ? 0 : transfer.peer().tag(), new ShutdownCompleteChunk(false));
            goDown("shut down by the peer");
        } else if (!(chunk instanceof HeartbeatAckChunk)) {
            dataPhase(chunk, nowMicros);
        }
        return true;
    }

    private boolean handleWhenDown(Chunk chunk) {
        if (chunk instanceof ShutdownAckChunk && transfer != null) {
            out.addAlone(transfer.peer().tag(), new ShutdownCompleteChunk(false));
        } else {
            drops.count(DropReason.UNEXPECTED);
        }
        return false;
    }

    private void dataPhase(Chunk chunk, long nowMicros) {
        Transfer data = transfer;
        boolean established = state == State.ESTABLISHED;
        if (data == null || !established && state != State.SHUTDOWN_RECEIVED && state != State.SHUTDOWN_ACK_SENT) {
            drops.count(DropReason.UNEXPECTED);
        } else if (chunk instanceof SackChunk sack) {
            data.sack(sack, nowMicros);
        } else if (chunk instanceof ShutdownChunk shutdown) {
            data.shutdown(shutdown, nowMicros);
            shutdownReceived(nowMicros);
        } else if (chunk instanceof ShutdownCompleteChunk && state == State.SHUTDOWN_ACK_SENT) {
            goDown("shut down by the peer");
        } else if (chunk instanceof DataChunk fragment && established) {
            data.data(fragment);
        } else if (chunk instanceof ForwardTsnChunk forward && established) {
            data.forward(forward);
        } else if (chunk instanceof ReconfigChunk reconfig && established) {
            data.reconfig(reconfig, out, nowMicros);
        } else {
            drops.count(DropReason.UNEXPECTED);
        }
    }

    private void sendInit(long nowMicros) {
        out.addAlone(0, local.init());
        handshake.set(nowMicros + timeout.micros());
    }

    private void sendCookie(long nowMicros) {
        out.add(new CookieEchoChunk(peerCookie));
        handshake.set(nowMicros + timeout.micros());
    }

    private void initReceived(InitChunk init, long nowMicros) {
        if (state != State.CLOSED && state != State.COOKIE_WAIT && state != State.COOKIE_ECHOED) {
            drops.count(DropReason.UNEXPECTED);
            return;
        }
        PeerInit peer = PeerInit.of(init.fields(), init.parameters());
        out.addAlone(peer.tag(), local.answer(init, peer, nowMicros));
    }

    private void initAckReceived(InitAckChunk initAck, long nowMicros) {
        Optional<byte[]> cookie = initAck.cookie().filter(bytes -> bytes.length <= settings.maxPacket() - 100);
        if (state != State.COOKIE_WAIT || cookie.isEmpty()) {
            drops.count(DropReason.UNEXPECTED);
            return;
        }
        meet(PeerInit.of(initAck.fields(), initAck.parameters()));
        peerCookie = cookie.get();
        state = State.COOKIE_ECHOED;
        sendCookie(nowMicros);
    }

    private boolean cookieReceived(CookieEchoChunk echo, long nowMicros) {
        Optional<CookieJar.Cookie> opened = local.open(echo);
        if (opened.isEmpty()) {
            drops.count(DropReason.BAD_COOKIE);
            return false;
        }
        CookieJar.Cookie cookie = opened.get();
        boolean known =
                transfer != null && transfer.peer().tag() == cookie.peer().tag();
        if (state == State.CLOSED || state == State.COOKIE_WAIT || state == State.COOKIE_ECHOED) {
            if (!known && cookie.staleMicros(nowMicros) > 0) {
                drops.count(DropReason.STALE_COOKIE);
                out.addAlone(cookie.peer().tag(), ErrorReports.stale(cookie.staleMicros(nowMicros)));
                return false;
            }
            meet(cookie.peer());
            out.add(new CookieAckChunk());
            establish();
            return true;
        }
        if (!known) {
            drops.count(DropReason.UNEXPECTED);
            return false;
        }
        out.add(new CookieAckChunk());
        return true;
    }

    private void cookieAckReceived() {
        if (state == State.COOKIE_ECHOED) {
            establish();
        }
    }

    private void meet(PeerInit peer) {
        transfer = new Transfer(settings, queue, timeout, local.initialTsn(), peer, user, drops);
        out.address(peer.tag());
    }

    private void establish() {
        state = State.ESTABLISHED;
        handshake.clear();
        peerCookie = new byte[0];
        user.up();
    }

    private void heartbeatReceived(HeartbeatChunk heartbeat) {
        // A larger one would not fit our packet with its header; it asks for nothing that we need.
        if (transfer != null && heartbeat.info().length <= settings.maxPacket() - 100) {
            out.add(new HeartbeatAckChunk(heartbeat.info()));
        }
    }

    private void errorReceived(ErrorChunk error, long nowMicros) {
        boolean stale = error.causes().stream().anyMatch(cause -> cause.type() == ErrorChunk.STALE_COOKIE);
        if (stale && state == State.COOKIE_ECHOED) {
            state = State.COOKIE_WAIT;
            transfer = null;
            sendInit(nowMicros);
        }
    }

    private boolean unknownReceived(UnknownChunk unknown) {
        if (unknown.reportable() && transfer != null) {
            out.add(ErrorReports.unknown(unknown));
        }
        if (!unknown.skippable()) {
            drops.count(DropReason.UNKNOWN_CHUNK);
        }
        return unknown.skippable();
    }

    private void shutdownReceived(long nowMicros) {
        if (state == State.SHUTDOWN_ACK_SENT) {
            sendShutdownAck(nowMicros);
        } else {
            state = State.SHUTDOWN_RECEIVED;
        }
    }

    private void sendShutdownAck(long nowMicros) {
        out.add(new ShutdownAckChunk());
        handshake.set(nowMicros + timeout.micros());
    }

    private void repeatHandshake(long nowMicros) {
        timeout.backOff();
        if (state == State.COOKIE_WAIT) {
            sendInit(nowMicros);
        } else if (state == State.COOKIE_ECHOED) {
            sendCookie(nowMicros);
        } else if (state == State.SHUTDOWN_ACK_SENT) {
            if (++shutdownAcks >= MAX_SHUTDOWN_ACKS) {
                goDown("shut down by the peer");
            } else {
                sendShutdownAck(nowMicros);
            }
        }
    }

    /** Sends what the windows allow. */
    void flush(long nowMicros) {
        if (transfer != null && (state == State.ESTABLISHED || state == State.SHUTDOWN_RECEIVED)) {
            transfer.fill(out, nowMicros);
            if (state == State.SHUTDOWN_RECEIVED && transfer.sender().idle()) {
                state = State.SHUTDOWN_ACK_SENT;
                sendShutdownAck(nowMicros);
            }
        }
        out.finish();
    }

    private void goDown(String reason) {
        state = State.DOWN;
        handshake.clear();
        user.down(reason);
    }
}
