package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.rtc.rtcp.ReportBlock;
import io.github.tachyscope.rtc.rtcp.SenderReport;
import io.github.tachyscope.rtc.srtp.SrtpSession;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Our pictures on one line: from frames to protected packets, and again on request.
 *
 * <pre>
 *   frame -> packetizer -> pacer -> stamps -> SRTP -> history -> wire
 *   NACK -> history -> RTX if negotiated, else the stored bytes -> wire
 * </pre>
 */
final class OutboundVideo {
    /** Key frames are asked of the encoder at most this often; they cost several frames' worth of bits. */
    static final long KEY_FRAME_INTERVAL_MICROS = 300_000;

    private final VideoLineConfig line;
    private final HeaderTemplate header;
    private final Packetizer packetizer;
    private final PacketHistory history = new PacketHistory();
    private final long timestampOffset;
    private int nextSequence;
    private int nextRtxSequence;
    private boolean needsKeyFrame = true;
    private long lastKeyFrameWanted = Long.MIN_VALUE / 2;
    private boolean keyFramePending;

    private long packets;
    private long payloadBytes;
    private long frames;
    private long keyFrames;
    private long retransmitted;
    private long nacks;
    private long plis;
    private long dropped;
    private double fractionLost;

    OutboundVideo(VideoLineConfig line, SplittableRandom random) {
        this.line = line;
        this.header = new HeaderTemplate(line);
        this.packetizer = Packetizer.of(line.codec(), random.nextInt(0x8000));
        this.timestampOffset = random.nextLong(1L << 32);
        // The lower half: SRTP receivers guess the roll-over count from the first packet that they see.
        this.nextSequence = random.nextInt(0x8000);
        this.nextRtxSequence = random.nextInt(0x8000);
    }

    /** Cuts the frame into packets for the pacer; without room, or before the first key frame, it is dropped. */
    void send(EncodedFrame frame, Pacer pacer, int targetBitrate, int tagBytes, long nowMicros) {
        needsKeyFrame |= !pacer.hasRoom(frame.data().length, targetBitrate);
        if (needsKeyFrame && !(frame.keyFrame() && pacer.hasRoom(frame.data().length, targetBitrate))) {
            drop();
            return;
        }
        List<Packetizer.Payload> payloads = packetizer.payloads(frame.data());
        long timestamp = timestamp(frame.ptsMicros());
        for (int i = 0; i < payloads.size(); i++) {
            Packetizer.Payload payload = payloads.get(i);
            byte[] packet = new byte[header.length() + payload.length() + tagBytes];
            header.write(packet, i == payloads.size() - 1, nextSequence, timestamp);
            payload.copyTo(packet, header.length());
            nextSequence = nextSequence + 1 & 0xFFFF;
            pacer.add(this, packet);
        }
        frames++;
        if (frame.keyFrame()) {
            keyFrames++;
            needsKeyFrame = false;
            keyFramePending = false;
        }
    }

    /** Counts a frame that cannot be sent; what follows cannot be decoded without it. */
    void drop() {
        dropped++;
        needsKeyFrame = true;
        keyFramePending = true;
    }

    /** Makes a plain packet ready for the wire, in place. */
    byte[] protect(byte[] packet, SrtpSession srtp, SentLog log, long nowMicros) {
        int plain = packet.length - srtp.rtpOverhead();
        header.stamp(packet, log, nowMicros);
        packets++;
        payloadBytes += plain - header.length();
        int sequence = (packet[2] & 0xFF) << 8 | packet[3] & 0xFF;
        if (line.nack() && line.rtxPayloadType().isPresent()) {
            history.addCopy(sequence, packet, plain);
        }
        srtp.protectRtp(packet, plain);
        if (line.nack() && line.rtxPayloadType().isEmpty()) {
            history.add(sequence, packet);
        }
        return packet;
    }

    /** The packet again, ready for the wire. */
    Optional<byte[]> again(int sequence, SrtpSession srtp, SentLog log, long nowMicros) {
        nacks++;
        if (!line.nack()) {
            return Optional.empty();
        }
        Optional<byte[]> stored = history.take(sequence, nowMicros);
        if (stored.isEmpty()) {
            return stored;
        }
        retransmitted++;
        if (line.rtxPayloadType().isEmpty()) {
            return stored;
        }
        byte[] plain = stored.get();
        int headerLength = header.length();
        byte[] rtx = new byte[plain.length + 2 + srtp.rtpOverhead()];
        System.arraycopy(plain, 0, rtx, 0, headerLength);
        System.arraycopy(plain, headerLength, rtx, headerLength + 2, plain.length - headerLength);
        rtx[1] = (byte) (plain[1] & 0x80 | line.rtxPayloadType().getAsInt());
        rtx[2] = (byte) (nextRtxSequence >>> 8);
        rtx[3] = (byte) nextRtxSequence;
        for (int i = 0; i < 4; i++) {
            rtx[8 + i] = (byte) (line.localRtxSsrc() >>> 24 - 8 * i);
        }
        rtx[headerLength] = plain[2];
        rtx[headerLength + 1] = plain[3];
        nextRtxSequence = nextRtxSequence + 1 & 0xFFFF;
        header.stamp(rtx, log, nowMicros);
        srtp.protectRtp(rtx, plain.length + 2);
        return Optional.of(rtx);
    }

    /** PLI or FIR came. */
    void pictureLost() {
        plis++;
        keyFramePending = true;
    }

    /** True when the encoder is to be asked for a key frame now. */
    boolean keyFrameWanted(long nowMicros) {
        if (nowMicros < nextDeadlineMicros()) {
            return false;
        }
        keyFramePending = false;
        lastKeyFrameWanted = nowMicros;
        return true;
    }

    long nextDeadlineMicros() {
        return keyFramePending ? lastKeyFrameWanted + KEY_FRAME_INTERVAL_MICROS : Long.MAX_VALUE;
    }

    void reported(ReportBlock block) {
        fractionLost = block.fractionLost() / 256.0;
    }

    boolean started() {
        return packets > 0;
    }

    /** NTP time counts from the fixed point of the media clock: only differences matter to receivers. */
    SenderReport senderReport(List<ReportBlock> blocks, long nowMicros) {
        long timestamp = timestamp(nowMicros);
        return new SenderReport(line.localSsrc(), Ntp.of(nowMicros), timestamp, packets, payloadBytes, blocks);
    }

    MediaStats.Sent stats() {
        return new MediaStats.Sent(
                packets, payloadBytes, frames, keyFrames, retransmitted, nacks, plis, dropped, fractionLost);
    }

    private long timestamp(long ptsMicros) {
        return Math.floorDiv(ptsMicros * 9, 100L) + timestampOffset & 0xFFFF_FFFFL;
    }
}
