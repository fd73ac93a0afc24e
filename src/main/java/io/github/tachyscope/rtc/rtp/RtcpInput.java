package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.rtc.rtcp.FullIntraRequest;
import io.github.tachyscope.rtc.rtcp.Goodbye;
import io.github.tachyscope.rtc.rtcp.Nack;
import io.github.tachyscope.rtc.rtcp.PictureLoss;
import io.github.tachyscope.rtc.rtcp.ReceiverEstimate;
import io.github.tachyscope.rtc.rtcp.ReceiverReport;
import io.github.tachyscope.rtc.rtcp.ReportBlock;
import io.github.tachyscope.rtc.rtcp.RtcpPacket;
import io.github.tachyscope.rtc.rtcp.SenderReport;
import io.github.tachyscope.rtc.rtcp.TransportFeedback;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What the other side's RTCP means for our lines. */
final class RtcpInput {
    /** Hands on what is to be sent again. */
    interface Retransmission {
        void again(OutboundVideo line, int sequence, long nowMicros);
    }

    private final List<VideoLine> lines;
    private final SourceTable sources;
    private final SentLog sentLog;
    private final SendEstimate estimate;
    private final Retransmission retransmission;
    private final boolean transportCc;
    private long roundTripMicros = -1;

    RtcpInput(
            List<VideoLine> lines,
            SourceTable sources,
            SentLog sentLog,
            SendEstimate estimate,
            Retransmission retransmission) {
        this.lines = lines;
        this.sources = sources;
        this.sentLog = sentLog;
        this.estimate = estimate;
        this.retransmission = retransmission;
        this.transportCc = lines.stream()
                .anyMatch(line -> line.config().sends() && line.config().transportCc());
    }

    OptionalLong roundTripMicros() {
        return roundTripMicros < 0 ? OptionalLong.empty() : OptionalLong.of(roundTripMicros);
    }

    void receive(RtcpPacket packet, long nowMicros) {
        if (packet instanceof SenderReport report) {
            lines.forEach(line -> line.inbound()
                    .filter(inbound -> inbound.ssrc() == report.ssrc())
                    .ifPresent(inbound -> inbound.senderReport(report, nowMicros)));
            report.blocks().forEach(block -> reported(block, nowMicros));
        } else if (packet instanceof ReceiverReport report) {
            report.blocks().forEach(block -> reported(block, nowMicros));
        } else if (packet instanceof Nack nack) {
            outbound(nack.media())
                    .ifPresent(line -> nack.sequences().forEach(lost -> retransmission.again(line, lost, nowMicros)));
        } else if (packet instanceof PictureLoss loss) {
            outbound(loss.media()).ifPresent(OutboundVideo::pictureLost);
        } else if (packet instanceof FullIntraRequest request) {
            request.entries().forEach(entry -> outbound(entry.ssrc()).ifPresent(OutboundVideo::pictureLost));
        } else if (packet instanceof ReceiverEstimate remb) {
            estimate.limit(remb.bitsPerSecond());
        } else if (packet instanceof TransportFeedback feedback) {
            SentLog.Outcome outcome = sentLog.feedback(feedback);
            estimate.packets(outcome.arrived(), outcome.lost(), outcome.queueMicros(), nowMicros);
        } else if (packet instanceof Goodbye goodbye) {
            goodbye.ssrcs().forEach(ssrc -> {
                lines.forEach(line -> line.ended(ssrc));
                sources.forget(ssrc);
            });
        }
    }

    private void reported(ReportBlock block, long nowMicros) {
        Optional<OutboundVideo> line = outbound(block.ssrc());
        if (line.isEmpty()) {
            return;
        }
        line.get().reported(block);
        if (!transportCc) {
            estimate.loss(block.fractionLost() / 256.0, nowMicros);
        }
        if (block.lastSenderReport() != 0) {
            int units = (int) (Ntp.middle(nowMicros) - block.lastSenderReport() - block.delaySinceLastReport());
            roundTripMicros = Math.max(0, units * 1_000_000L / 65_536);
        }
    }

    private Optional<OutboundVideo> outbound(long ssrc) {
        for (VideoLine line : lines) {
            if (line.config().localSsrc() == ssrc) {
                return line.outbound();
            }
        }
        return Optional.empty();
    }
}
