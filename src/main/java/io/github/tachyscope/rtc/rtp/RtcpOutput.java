package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.rtc.rtcp.Goodbye;
import io.github.tachyscope.rtc.rtcp.ReceiverEstimate;
import io.github.tachyscope.rtc.rtcp.ReceiverReport;
import io.github.tachyscope.rtc.rtcp.ReportBlock;
import io.github.tachyscope.rtc.rtcp.Rtcp;
import io.github.tachyscope.rtc.rtcp.RtcpPacket;
import io.github.tachyscope.rtc.rtcp.SourceDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Composes our RTCP: reports every second, feedback at once, each in a proper compound (RFC 3550 section 6.1). */
final class RtcpOutput {
    static final long REPORT_INTERVAL_MICROS = 1_000_000;

    /** Soon after the start, so that both sides know the round trip early. */
    private static final long FIRST_REPORT_MICROS = 100_000;

    private final MediaConfig config;
    private final List<VideoLine> lines;
    private final ReceiveEstimate estimate;
    private final boolean sendsEstimate;
    private final long ownSsrc;
    private long dueMicros = Long.MAX_VALUE;

    RtcpOutput(MediaConfig config, List<VideoLine> lines) {
        this.config = config;
        this.lines = lines;
        this.estimate = new ReceiveEstimate(config.startBitrate(), config.minBitrate(), config.maxBitrate());
        this.sendsEstimate =
                config.lines().stream().anyMatch(line -> line.receives() && line.remb() && !line.transportCc());
        this.ownSsrc = config.lines().get(0).localSsrc();
    }

    /** Feedback that concerns no single line goes by this source. */
    long ownSsrc() {
        return ownSsrc;
    }

    void start(long nowMicros) {
        dueMicros = nowMicros + FIRST_REPORT_MICROS;
    }

    void received(int datagramBytes) {
        estimate.received(datagramBytes);
    }

    long nextDeadlineMicros() {
        return dueMicros;
    }

    /** The regular report, when it is due. */
    void report(long nowMicros, Consumer<byte[]> out) {
        if (nowMicros < dueMicros) {
            return;
        }
        dueMicros = nowMicros + REPORT_INTERVAL_MICROS;
        List<ReportBlock> blocks = new ArrayList<>();
        for (VideoLine line : lines) {
            line.inbound().flatMap(inbound -> inbound.report(nowMicros)).ifPresent(blocks::add);
        }
        List<RtcpPacket> compound = new ArrayList<>();
        for (VideoLine line : lines) {
            Optional<OutboundVideo> sending = line.outbound().filter(OutboundVideo::started);
            if (sending.isPresent()) {
                List<ReportBlock> once = compound.isEmpty() ? blocks : List.of();
                compound.add(sending.get().senderReport(once, nowMicros));
            }
        }
        if (compound.isEmpty()) {
            compound.add(new ReceiverReport(ownSsrc, blocks));
        }
        compound.add(new SourceDescription(ownSsrc, config.cname()));
        if (sendsEstimate && !blocks.isEmpty()) {
            double worst =
                    blocks.stream().mapToInt(ReportBlock::fractionLost).max().orElse(0) / 256.0;
            List<Long> sources = blocks.stream().map(ReportBlock::ssrc).toList();
            compound.add(new ReceiverEstimate(ownSsrc, estimate.update(worst, nowMicros), sources));
        }
        out.accept(Rtcp.write(compound));
    }

    /** A compound of these messages, which go at once. */
    byte[] feedback(List<RtcpPacket> messages) {
        return Rtcp.write(config.reducedSize() ? messages : withPrefix(messages));
    }

    byte[] goodbye() {
        List<Long> sources = new ArrayList<>();
        for (VideoLine line : lines) {
            sources.add(line.config().localSsrc());
            if (line.config().sends() && line.config().rtxPayloadType().isPresent()) {
                sources.add(line.config().localRtxSsrc());
            }
        }
        return Rtcp.write(
                withPrefix(List.of(new Goodbye(sources.stream().limit(31).toList()))));
    }

    private List<RtcpPacket> withPrefix(List<RtcpPacket> messages) {
        List<RtcpPacket> compound = new ArrayList<>(messages.size() + 2);
        compound.add(new ReceiverReport(ownSsrc, List.of()));
        compound.add(new SourceDescription(ownSsrc, config.cname()));
        compound.addAll(messages);
        return compound;
    }
}
