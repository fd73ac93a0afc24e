package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.rtc.rtcp.Rtcp;
import io.github.tachyscope.rtc.rtcp.RtcpPacket;
import io.github.tachyscope.rtc.srtp.SrtpKeys;
import io.github.tachyscope.rtc.srtp.SrtpRejected;
import io.github.tachyscope.rtc.srtp.SrtpSession;
import io.github.tachyscope.wire.MalformedPacket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The media of one peer: SRTP, RTP and RTCP of all its video lines. Datagrams, frames and time in; datagrams and
 * events out.
 *
 * <pre>
 *   waiting for keys --keys--> flowing --goodbye--> ended
 *
 *   in:  datagram -> SRTP -> RTP  -> line -> frame buffer -> FrameReceived
 *                         -> RTCP -> retransmission, KeyFrameWanted, TargetBitrate
 *   out: frame -> line -> pacer -> SRTP -> datagram
 *        holes, missing key frames, arrivals, seconds -> RTCP -> SRTP -> datagram
 * </pre>
 *
 * <p>Not thread-safe. After every call, {@link #drainDatagrams}, {@link #drainEvents} and {@link #nextDeadlineMicros}
 * tell what to do next.
 */
public final class MediaSession {
    /**
     * Datagrams kept until the keys are there: the first key frame overtakes the end of the handshake. When full, the
     * newest is dropped, because the oldest are the key frame.
     */
    public static final int MAX_EARLY = 512;

    /** Larger datagrams than this do not occur on any path; protects the early queue. */
    private static final int MAX_DATAGRAM = 2048;

    /** Share of the target rate that retransmissions may take; protects a congested path from our help. */
    private static final double RETRANSMISSION_SHARE = 0.5;

    private static final int MIN_RETRANSMISSION_BYTES_PER_SECOND = 50_000;
    private static final int RETRANSMISSION_BURST = 65_536;

    private final List<VideoLine> lines = new ArrayList<>();
    private final SourceTable sources;
    private final SendEstimate estimate;
    private final SentLog sentLog = new SentLog();
    private final ArrivalLog arrivals = new ArrivalLog();
    private final Pacer pacer = new Pacer();
    private final TokenBucket retransmissions = new TokenBucket();
    private final RtcpInput rtcpInput;
    private final RtcpOutput rtcpOutput;
    private final ArrayDeque<byte[]> early = new ArrayDeque<>();
    private final Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
    private final List<RtcpPacket> feedback = new ArrayList<>();
    private List<byte[]> datagrams = new ArrayList<>();
    private List<MediaEvent> events = new ArrayList<>();
    private final Consumer<MediaEvent> emit = event -> events.add(event);
    private @Nullable SrtpSession srtp;
    private boolean ended;

    public MediaSession(MediaConfig config) {
        SplittableRandom random = new SplittableRandom(config.seed());
        config.lines().forEach(line -> lines.add(new VideoLine(line, random)));
        sources = new SourceTable(config.lines());
        estimate = new SendEstimate(config.startBitrate(), config.minBitrate(), config.maxBitrate());
        rtcpOutput = new RtcpOutput(config, lines);
        rtcpInput = new RtcpInput(lines, sources, sentLog, estimate, this::retransmit);
    }

    /** The keys of the handshake; what came early is taken now. */
    public void keys(SrtpKeys keys, long nowMicros) {
        if (srtp != null) {
            throw new IllegalStateException("this session has its keys");
        }
        srtp = new SrtpSession(keys);
        rtcpOutput.start(nowMicros);
        for (byte[] datagram = early.poll(); datagram != null; datagram = early.poll()) {
            unprotect(datagram, srtp, nowMicros);
        }
        finish(nowMicros);
    }

    /** Takes one SRTP or SRTCP datagram, whose array belongs to the session from now on. Never throws on garbage. */
    public void receive(byte[] datagram, long nowMicros) {
        if (datagram.length < 12 || datagram.length > MAX_DATAGRAM || ended) {
            count(DropReason.MALFORMED);
        } else if (srtp != null) {
            unprotect(datagram, srtp, nowMicros);
            finish(nowMicros);
        } else if (early.size() < MAX_EARLY) {
            early.add(datagram);
        } else {
            count(DropReason.EARLY_OVERFLOW);
        }
    }

    /** Sends a frame on a line. Dropped, counted, while there are no keys, and after a dropped one until a key frame. */
    public void sendVideo(String mid, EncodedFrame frame, long nowMicros) {
        Optional<OutboundVideo> line = find(mid).flatMap(VideoLine::outbound);
        if (line.isEmpty() || ended) {
            return;
        }
        if (srtp == null || frame.codec() != find(mid).get().config().codec()) {
            line.get().drop();
            return;
        }
        line.get().send(frame, pacer, estimate.bitsPerSecond(), srtp.rtpOverhead(), nowMicros);
        finish(nowMicros);
    }

    /** Asks the other side for a key frame, now or as soon as the last request is 200 ms old. */
    public void requestKeyFrame(String mid, long nowMicros) {
        find(mid).flatMap(VideoLine::inbound).ifPresent(inbound -> inbound.requestKeyFrame(nowMicros));
        finish(nowMicros);
    }

    /** Does what is due. */
    public void tick(long nowMicros) {
        finish(nowMicros);
    }

    /** When {@link #tick} is to be called next; empty while only the network or a caller can change something. */
    public OptionalLong nextDeadlineMicros() {
        if (srtp == null || ended) {
            return OptionalLong.empty();
        }
        long next = Math.min(pacer.nextDeadlineMicros(), rtcpOutput.nextDeadlineMicros());
        next = Math.min(next, arrivals.nextDeadlineMicros());
        for (VideoLine line : lines) {
            next = Math.min(next, line.nextDeadlineMicros());
        }
        return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next);
    }

    /** What goes to the wire, in order. Read only: the session may send the same arrays again. */
    public List<byte[]> drainDatagrams() {
        if (datagrams.isEmpty()) {
            return List.of();
        }
        List<byte[]> drained = datagrams;
        datagrams = new ArrayList<>();
        return drained;
    }

    public List<MediaEvent> drainEvents() {
        if (events.isEmpty()) {
            return List.of();
        }
        List<MediaEvent> drained = events;
        events = new ArrayList<>();
        return drained;
    }

    /** Says goodbye to the other side (RTCP BYE); afterwards the session does nothing more. */
    public void goodbye(long nowMicros) {
        if (srtp != null && !ended) {
            finish(nowMicros);
            datagrams.add(srtp.protectRtcp(rtcpOutput.goodbye()));
        }
        ended = true;
    }

    public MediaStats stats() {
        return new MediaStats(
                lines.stream().map(VideoLine::stats).toList(),
                dropped,
                sources.size() + (srtp == null ? 0 : srtp.sources()),
                estimate.bitsPerSecond(),
                rtcpInput.roundTripMicros());
    }

    private void unprotect(byte[] datagram, SrtpSession keyed, long nowMicros) {
        int second = datagram[1] & 0xFF;
        try {
            if (second >= 192 && second <= 223) {
                int length = keyed.unprotectRtcp(datagram);
                Rtcp.parse(datagram, length).forEach(packet -> rtcpInput.receive(packet, nowMicros));
            } else {
                media(datagram, keyed.unprotectRtp(datagram), nowMicros);
            }
        } catch (MalformedPacket e) {
            count(DropReason.MALFORMED);
        } catch (SrtpRejected e) {
            count(
                    switch (e.reason()) {
                        case MALFORMED -> DropReason.MALFORMED;
                        case AUTHENTICATION -> DropReason.AUTHENTICATION;
                        case REPLAYED -> DropReason.REPLAYED;
                        case TOO_MANY_SOURCES -> DropReason.TOO_MANY_SOURCES;
                    });
        }
    }

    private void media(byte[] datagram, int length, long nowMicros) {
        RtpPacket packet = RtpPacket.parse(datagram, length);
        Optional<VideoLineConfig> config = sources.line(packet);
        if (config.isEmpty()) {
            count(DropReason.UNKNOWN_SOURCE);
            return;
        }
        rtcpOutput.received(datagram.length);
        if (config.get().transportCc() && config.get().transportCcId().isPresent()) {
            int sequence = packet.extensionU16(config.get().transportCcId().getAsInt());
            if (sequence >= 0) {
                arrivals.arrived(sequence, nowMicros);
            }
        }
        VideoLine line = find(config.get().mid()).orElseThrow();
        if (!line.receive(packet, nowMicros, emit)) {
            count(DropReason.DUPLICATE_OR_LATE);
        }
    }

    /** Everything that may have become due, after any input. */
    private void finish(long nowMicros) {
        if (srtp == null || ended) {
            return;
        }
        SrtpSession keyed = srtp;
        int target = estimate.bitsPerSecond();
        for (VideoLine line : lines) {
            line.inbound().ifPresent(inbound -> {
                inbound.tick(nowMicros, emit);
                inbound.feedback(nowMicros, feedback::add);
                arrivals.report(line.config().localSsrc(), inbound.ssrc(), nowMicros, feedback::add);
            });
            line.outbound()
                    .filter(outbound -> outbound.keyFrameWanted(nowMicros))
                    .ifPresent(outbound -> emit.accept(
                            new MediaEvent.KeyFrameWanted(line.config().mid())));
        }
        arrivals.report(rtcpOutput.ownSsrc(), 0, nowMicros, feedback::add);
        if (!feedback.isEmpty()) {
            datagrams.add(keyed.protectRtcp(rtcpOutput.feedback(feedback)));
            feedback.clear();
        }
        rtcpOutput.report(nowMicros, compound -> datagrams.add(keyed.protectRtcp(compound)));
        pacer.release(target, nowMicros, paced -> {
            estimate.sent(paced.bytes().length, nowMicros);
            datagrams.add(paced.line().protect(paced.bytes(), keyed, sentLog, nowMicros));
        });
        tellTarget();
    }

    private void tellTarget() {
        if (!estimate.changed()) {
            return;
        }
        List<String> sending = lines.stream()
                .filter(line -> line.outbound().isPresent())
                .map(line -> line.config().mid())
                .toList();
        sending.forEach(
                mid -> emit.accept(new MediaEvent.TargetBitrate(mid, estimate.bitsPerSecond() / sending.size())));
    }

    private void retransmit(OutboundVideo line, int sequence, long nowMicros) {
        if (srtp == null) {
            return;
        }
        double rate =
                Math.max(MIN_RETRANSMISSION_BYTES_PER_SECOND, estimate.bitsPerSecond() / 8.0 * RETRANSMISSION_SHARE);
        retransmissions.refill(rate, RETRANSMISSION_BURST, nowMicros);
        if (retransmissions.open()) {
            line.again(sequence, srtp, sentLog, nowMicros).ifPresent(packet -> {
                retransmissions.take(packet.length);
                datagrams.add(packet);
            });
        }
    }

    private Optional<VideoLine> find(String mid) {
        for (VideoLine line : lines) {
            if (line.config().mid().equals(mid)) {
                return Optional.of(line);
            }
        }
        return Optional.empty();
    }

    private void count(DropReason reason) {
        dropped.merge(reason, 1L, Long::sum);
    }
}
