package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.rtc.sctp.ReconfigParameter.OtherRequest;
import io.github.tachyscope.rtc.sctp.ReconfigParameter.OutgoingReset;
import io.github.tachyscope.rtc.sctp.ReconfigParameter.Response;
import java.util.ArrayList;
import java.util.List;

/** The data phase with one peer: sending half, receiving half and stream resets, joined to packets. */
final class Transfer {
    private final PeerInit peer;
    private final Sender sender;
    private final Receiver receiver;
    private final StreamResets resets;
    private final AssociationUser user;
    private final Drops drops;

    Transfer(
            SctpSettings settings,
            SendQueue queue,
            RetransmissionTimeout timeout,
            int initialTsn,
            PeerInit peer,
            AssociationUser user,
            Drops drops) {
        this.peer = peer;
        this.user = user;
        this.drops = drops;
        this.sender = new Sender(queue, timeout, settings.maxPacket(), initialTsn, peer);
        this.receiver = new Receiver(settings.receiveWindow(), settings.maxMessageSize(), drops, peer.initialTsn());
        this.resets = new StreamResets(queue, timeout, initialTsn, peer.initialTsn());
    }

    PeerInit peer() {
        return peer;
    }

    Sender sender() {
        return sender;
    }

    int heldBytes() {
        return receiver.heldBytes();
    }

    void data(DataChunk data) {
        receiver.data(data, user.undeliveredBytes()).forEach(user::message);
    }

    void forward(ForwardTsnChunk forward) {
        receiver.forward(forward).forEach(user::message);
    }

    void sack(SackChunk sack, long nowMicros) {
        if (!sender.acknowledge(sack, nowMicros)) {
            drops.count(DropReason.UNEXPECTED);
        }
    }

    void shutdown(ShutdownChunk shutdown, long nowMicros) {
        if (!sender.acknowledge(shutdown, nowMicros)) {
            drops.count(DropReason.UNEXPECTED);
        }
    }

    /** Without RE-CONFIG at the peer nothing can be reset, and the stream is done at once. */
    void reset(int streamId) {
        if (peer.reconfig()) {
            resets.want(streamId);
        } else {
            user.outgoingReset(streamId);
            user.incomingReset(List.of(streamId));
        }
    }

    boolean confirmReset(int streamId) {
        return resets.confirm(streamId);
    }

    void reconfig(ReconfigChunk chunk, PacketPacker out, long nowMicros) {
        List<ReconfigParameter> answers = new ArrayList<>(2);
        for (ReconfigParameter parameter : chunk.parameters()) {
            if (parameter instanceof Response response) {
                resets.answered(response, nowMicros).forEach(user::outgoingReset);
            } else if (parameter instanceof OutgoingReset request) {
                answers.add(answer(request));
            } else if (parameter instanceof OtherRequest request) {
                answers.add(
                        resets.isNext(request.request())
                                ? resets.answer(request.request(), Response.DENIED)
                                : resets.answerToOther(request.request()));
            }
        }
        if (!answers.isEmpty()) {
            out.add(new ReconfigChunk(List.copyOf(answers)));
        }
    }

    void packetEnded(long nowMicros) {
        receiver.packetEnded(nowMicros);
    }

    void tick(long nowMicros) {
        receiver.tick(nowMicros);
        sender.tick(nowMicros);
        resets.tick(nowMicros);
    }

    long deadlineMicros() {
        return Math.min(receiver.deadlineMicros(), Math.min(sender.deadlineMicros(), resets.deadlineMicros()));
    }

    void fill(PacketPacker out, long nowMicros) {
        receiver.takeSack(sender.wantsToSend(nowMicros)).ifPresent(out::add);
        sender.fill(out, nowMicros);
        resets.take(sender.lastAssignedTsn(), nowMicros).ifPresent(out::add);
    }

    private Response answer(OutgoingReset request) {
        if (!resets.isNext(request.request())) {
            return resets.answerToOther(request.request());
        }
        if (!receiver.hasAllUpTo(request.lastTsn())) {
            return resets.answer(request.request(), Response.IN_PROGRESS);
        }
        receiver.reset(request.streamIds(), request.lastTsn());
        user.incomingReset(request.streamIds());
        return resets.answer(request.request(), Response.PERFORMED);
    }
}
