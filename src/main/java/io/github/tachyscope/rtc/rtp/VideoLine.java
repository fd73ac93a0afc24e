package io.github.tachyscope.rtc.rtp;

import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Both directions of one video line. */
final class VideoLine {
    private final VideoLineConfig config;
    private final @Nullable OutboundVideo outbound;
    private final InboundVideo.Counters counters = new InboundVideo.Counters();
    private final MediaTimeline timeline = new MediaTimeline();
    private @Nullable InboundVideo inbound;

    VideoLine(VideoLineConfig config, SplittableRandom random) {
        this.config = config;
        this.outbound = config.sends() ? new OutboundVideo(config, random) : null;
    }

    VideoLineConfig config() {
        return config;
    }

    Optional<OutboundVideo> outbound() {
        return Optional.ofNullable(outbound);
    }

    Optional<InboundVideo> inbound() {
        return Optional.ofNullable(inbound);
    }

    /** Takes a packet of this line; false if it was of no use. */
    boolean receive(RtpPacket packet, long nowMicros, Consumer<MediaEvent> events) {
        if (config.rtxPayloadType().orElse(-1) == packet.payloadType()) {
            if (packet.payloadLength() == 0) {
                // Probing: counts for the transport-wide feedback and for nothing else.
                return true;
            }
            return inbound != null
                    && inbound.receive(packet.original(config.payloadType(), inbound.ssrc()), true, nowMicros, events);
        }
        if (packet.payloadType() != config.payloadType()) {
            return false;
        }
        if (inbound == null || inbound.ssrc() != packet.ssrc()) {
            if (inbound != null && !inbound.silent(nowMicros)) {
                return false;
            }
            inbound = new InboundVideo(config, packet.ssrc(), counters, timeline);
        }
        return inbound.receive(packet, false, nowMicros, events);
    }

    /** The other side says that a source ended: the next one need not wait. */
    void ended(long ssrc) {
        if (inbound != null && inbound.ssrc() == ssrc) {
            inbound = null;
        }
    }

    long nextDeadlineMicros() {
        long in = inbound == null ? Long.MAX_VALUE : inbound.nextDeadlineMicros();
        return outbound == null ? in : Math.min(in, outbound.nextDeadlineMicros());
    }

    MediaStats.Line stats() {
        MediaStats.Received received = inbound == null ? counters.stats(0, 0) : inbound.stats();
        MediaStats.Sent sent = outbound == null ? new MediaStats.Sent(0, 0, 0, 0, 0, 0, 0, 0, 0) : outbound.stats();
        return new MediaStats.Line(config.mid(), received, sent);
    }
}
