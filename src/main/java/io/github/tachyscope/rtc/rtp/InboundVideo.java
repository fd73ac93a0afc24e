package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.rtc.rtcp.FullIntraRequest;
import io.github.tachyscope.rtc.rtcp.Nack;
import io.github.tachyscope.rtc.rtcp.PictureLoss;
import io.github.tachyscope.rtc.rtcp.ReportBlock;
import io.github.tachyscope.rtc.rtcp.RtcpPacket;
import io.github.tachyscope.rtc.rtcp.SenderReport;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One source of pictures on one line: from plain RTP packets to frames, and the feedback that keeps them coming.
 *
 * <pre>
 *   packet -> unwrap -> holes noted -> frame buffer -> depacketizer -> timeline -> FrameReceived
 *                            |              |
 *                          NACK            PLI
 * </pre>
 */
final class InboundVideo {
    /** A source silent for this long gives its line to another one. */
    private static final long SILENCE_MICROS = 1_000_000;

    /** Figures that outlive a source. */
    static final class Counters {
        private long packets;
        private long bytes;
        private long recovered;
        private long frames;
        private long keyFrames;
        private long nacks;
        private long plis;

        MediaStats.Received stats(long lost, long jitterMicros) {
            return new MediaStats.Received(
                    packets, bytes, lost, recovered, frames, keyFrames, nacks, plis, jitterMicros);
        }
    }

    private final VideoLineConfig line;
    private final long ssrc;
    private final Counters counters;
    private final Unwrapper unwrapper = new Unwrapper(16);
    private final Reception reception = new Reception();
    private final LossRecovery loss;
    private final FrameBuffer buffer;
    private final KeyFrameRequests requests = new KeyFrameRequests();
    private final MediaTimeline timeline;
    private long highest = -1;
    private long lastPacketMicros;
    private boolean decoderLost;
    private int firNumber;

    InboundVideo(VideoLineConfig line, long ssrc, Counters counters, MediaTimeline timeline) {
        this.line = line;
        this.ssrc = ssrc;
        this.counters = counters;
        this.timeline = timeline;
        this.loss = new LossRecovery(line.nack());
        this.buffer = new FrameBuffer(Depacketizer.of(line.codec()));
    }

    long ssrc() {
        return ssrc;
    }

    boolean silent(long nowMicros) {
        return nowMicros - lastPacketMicros > SILENCE_MICROS;
    }

    /** Takes a packet; false if it was of no use. */
    boolean receive(RtpPacket packet, boolean retransmitted, long nowMicros, Consumer<MediaEvent> events) {
        counters.packets++;
        counters.bytes += packet.payloadLength();
        lastPacketMicros = nowMicros;
        requests.packet(nowMicros);
        long sequence = unwrapper.unwrap(packet.sequence());
        if (highest >= 0 && sequence > highest + 1 && !loss.hole(highest + 1, sequence, nowMicros)) {
            buffer.abandon();
        }
        highest = Math.max(highest, sequence);
        if (loss.arrived(sequence)) {
            counters.recovered++;
        }
        if (!retransmitted) {
            reception.packet(sequence, packet.timestamp(), nowMicros);
        }
        boolean used = buffer.insert(sequence, packet);
        poll(nowMicros, events);
        return used;
    }

    void tick(long nowMicros, Consumer<MediaEvent> events) {
        List<Long> givenUp = loss.givenUp(nowMicros);
        if (!givenUp.isEmpty()) {
            givenUp.forEach(buffer::lost);
            poll(nowMicros, events);
        }
    }

    /** The feedback that is due now. */
    void feedback(long nowMicros, Consumer<RtcpPacket> out) {
        List<Integer> missing = loss.due(nowMicros);
        if (!missing.isEmpty()) {
            counters.nacks += missing.size();
            out.accept(new Nack(line.localSsrc(), ssrc, missing));
        }
        if ((line.pli() || line.fir()) && requests.due(nowMicros)) {
            counters.plis++;
            out.accept(
                    line.pli()
                            ? new PictureLoss(line.localSsrc(), ssrc)
                            : new FullIntraRequest(
                                    line.localSsrc(), List.of(new FullIntraRequest.Entry(ssrc, firNumber++ & 0xFF))));
        }
    }

    void requestKeyFrame(long nowMicros) {
        decoderLost = true;
        // Whoever asks has just decoded something, however long ago the packets came.
        requests.packet(Math.max(lastPacketMicros, nowMicros));
        requests.want(true);
    }

    void senderReport(SenderReport report, long nowMicros) {
        reception.senderReport(report, nowMicros);
    }

    Optional<ReportBlock> report(long nowMicros) {
        return reception.started() ? Optional.of(reception.report(ssrc, nowMicros)) : Optional.empty();
    }

    long nextDeadlineMicros() {
        long keyFrame = line.pli() || line.fir() ? requests.nextDeadlineMicros() : Long.MAX_VALUE;
        return Math.min(loss.nextDeadlineMicros(), keyFrame);
    }

    MediaStats.Received stats() {
        return counters.stats(reception.lost(), reception.jitterMicros());
    }

    private void poll(long nowMicros, Consumer<MediaEvent> events) {
        for (Optional<FrameBuffer.Timed> next = buffer.poll(); next.isPresent(); next = buffer.poll()) {
            Depacketizer.Picture picture = next.get().picture();
            counters.frames++;
            if (picture.keyFrame()) {
                counters.keyFrames++;
                decoderLost = false;
            }
            long pts = timeline.micros(next.get().timestamp(), nowMicros);
            events.accept(new MediaEvent.FrameReceived(
                    line.mid(), new EncodedFrame(line.codec(), picture.data(), picture.keyFrame(), pts)));
        }
        loss.forgetBelow(buffer.floor());
        requests.want(decoderLost || buffer.needsKeyFrame());
    }
}
