package io.github.tachyscope.rtc.rtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.rtc.rtcp.FullIntraRequest;
import io.github.tachyscope.rtc.rtcp.Goodbye;
import io.github.tachyscope.rtc.rtcp.Nack;
import io.github.tachyscope.rtc.rtcp.PictureLoss;
import io.github.tachyscope.rtc.rtcp.ReceiverEstimate;
import io.github.tachyscope.rtc.rtcp.ReceiverReport;
import io.github.tachyscope.rtc.rtcp.Rtcp;
import io.github.tachyscope.rtc.rtcp.RtcpPacket;
import io.github.tachyscope.rtc.rtcp.SenderReport;
import io.github.tachyscope.rtc.rtcp.SourceDescription;
import io.github.tachyscope.rtc.rtcp.TransportFeedback;
import io.github.tachyscope.rtc.srtp.SrtpKeys;
import io.github.tachyscope.rtc.srtp.SrtpProfile;
import io.github.tachyscope.rtc.srtp.SrtpRejected;
import io.github.tachyscope.rtc.srtp.SrtpSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What a receiver tells its sender, seen on the wire. */
class FeedbackTest {
    private static final long SEED = 5;
    private static final SrtpKeys[] KEYS = VideoPeer.keys(SrtpProfile.AEAD_AES_128_GCM, SEED);

    private final SrtpSession remote = new SrtpSession(KEYS[0]);
    private long now = 1_000_000;

    private static VideoLineConfig line(boolean pli, boolean transportCc) {
        return new VideoLineConfig(
                "0",
                true,
                false,
                VideoCodec.VP8,
                96,
                OptionalInt.of(97),
                transportCc ? OptionalInt.of(3) : OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                true,
                pli,
                true,
                transportCc,
                true,
                2001,
                2002,
                List.of());
    }

    private MediaSession receiver(VideoLineConfig line, boolean reducedSize) {
        MediaSession session = new MediaSession(
                new MediaConfig(List.of(line), "us", 1_000_000, 100_000, 4_000_000, reducedSize, SEED));
        session.keys(KEYS[1], now);
        return session;
    }

    /** One packet of a delta frame, of source {@code ssrc}, with transport-wide number {@code sequence}. */
    private byte[] packet(int ssrc, int sequence, boolean key) {
        byte[] plain = RtpPacketTest.hex("90e0 0000 00000000 00000000 bede0001 31000000 9080 8001"
                + (key ? "1000009d012a00020002aa" : "1100009d012a00020002aa"));
        byte[] bytes = Arrays.copyOf(plain, plain.length + remote.rtpOverhead());
        bytes[2] = (byte) (sequence >>> 8);
        bytes[3] = (byte) sequence;
        bytes[5] = (byte) (sequence * 3000 >>> 16);
        bytes[6] = (byte) (sequence * 3000 >>> 8);
        bytes[7] = (byte) (sequence * 3000);
        bytes[10] = (byte) (ssrc >>> 8);
        bytes[11] = (byte) ssrc;
        bytes[17] = (byte) (sequence >>> 8);
        bytes[18] = (byte) sequence;
        remote.protectRtp(bytes, plain.length);
        return bytes;
    }

    private List<List<RtcpPacket>> compounds(MediaSession session) throws SrtpRejected {
        List<List<RtcpPacket>> compounds = new ArrayList<>();
        SrtpSession reader = new SrtpSession(KEYS[0]);
        for (byte[] datagram : session.drainDatagrams()) {
            byte[] plain = datagram.clone();
            compounds.add(Rtcp.parse(plain, reader.unprotectRtcp(plain)));
        }
        return compounds;
    }

    @Test
    void asksForAHoleAndAKeyFrameInAProperCompound() throws Exception {
        MediaSession session = receiver(line(true, true), false);
        session.receive(packet(1001, 10, false), now);
        session.receive(packet(1001, 12, false), now);
        List<List<RtcpPacket>> compounds = compounds(session);
        assertEquals(
                List.of(
                        new ReceiverReport(2001, List.of()),
                        new SourceDescription(2001, "us"),
                        new PictureLoss(2001, 1001)),
                compounds.get(0));
        assertEquals(new Nack(2001, 1001, List.of(11)), compounds.get(1).get(2));
    }

    @Test
    void leavesReportAndDescriptionOutWhereReducedSizeWasNegotiated() throws Exception {
        MediaSession session = receiver(line(true, true), true);
        session.receive(packet(1001, 10, false), now);
        assertEquals(List.of(List.of(new PictureLoss(2001, 1001))), compounds(session));
    }

    @Test
    void commandsAFullIntraFrameWherePliWasNotNegotiated() throws Exception {
        MediaSession session = receiver(line(false, true), true);
        session.receive(packet(1001, 10, false), now);
        assertEquals(
                List.of(List.of(new FullIntraRequest(2001, List.of(new FullIntraRequest.Entry(1001, 0))))),
                compounds(session));
    }

    @Test
    void reportsArrivalsEveryFiftyMilliseconds() throws Exception {
        MediaSession session = receiver(line(true, true), true);
        session.receive(packet(1001, 65_535, true), now);
        session.receive(packet(1001, 65_536 + 1, false), now + 10_000);
        session.drainDatagrams();
        assertTrue(session.nextDeadlineMicros().orElseThrow() <= now + 50_000);
        session.tick(now + 49_999);
        session.tick(now + 50_000);
        List<List<RtcpPacket>> compounds = compounds(session);
        TransportFeedback feedback = assertInstanceOf(
                TransportFeedback.class,
                compounds.get(compounds.size() - 1).stream()
                        .filter(TransportFeedback.class::isInstance)
                        .findFirst()
                        .orElseThrow());
        assertEquals(65_535, feedback.baseSequence());
        assertEquals(3, feedback.arrivals().length);
        assertEquals(TransportFeedback.LOST, feedback.arrivals()[1]);
        assertEquals(40, feedback.arrivals()[2] - feedback.arrivals()[0]);
        long base = feedback.referenceTime() * 64_000L + feedback.arrivals()[0] * 250L;
        assertEquals(now, base, 250);
    }

    @Test
    void estimatesForPeersWithoutTransportWideFeedback() throws Exception {
        MediaSession session = receiver(line(true, false), false);
        List<Long> estimates = new ArrayList<>();
        List<Integer> fractions = new ArrayList<>();
        for (int i = 0; i < 4_000; i++) {
            now += 1_000;
            boolean lose = i > 2_000 && i % 3 == 0;
            if (!lose) {
                session.receive(packet(1001, i, i % 30 == 0), now);
            }
            for (List<RtcpPacket> compound : compounds(session)) {
                for (RtcpPacket packet : compound) {
                    if (packet instanceof ReceiverEstimate estimate) {
                        estimates.add(estimate.bitsPerSecond());
                    } else if (packet instanceof ReceiverReport report
                            && !report.blocks().isEmpty()) {
                        fractions.add(report.blocks().get(0).fractionLost());
                    }
                }
            }
        }
        assertEquals(4, estimates.size());
        assertTrue(estimates.get(3) < estimates.get(1), estimates.toString());
        assertEquals(0, fractions.get(1));
        assertEquals(85, fractions.get(3), 3);
    }

    @Test
    void quotesTheLastSenderReport() throws Exception {
        MediaSession session = receiver(line(true, true), true);
        session.receive(packet(1001, 1, true), now);
        SenderReport report = new SenderReport(1001, 0x1122_3344_5566_7788L, 0, 1, 1, List.of());
        session.receive(remote.protectRtcp(Rtcp.write(List.of(report))), now);
        session.tick(now + 500_000);
        ReceiverReport ours = (ReceiverReport) compounds(session).stream()
                .flatMap(List::stream)
                .filter(ReceiverReport.class::isInstance)
                .findFirst()
                .orElseThrow();
        assertEquals(0x3344_5566L, ours.blocks().get(0).lastSenderReport());
        assertEquals(32_768, ours.blocks().get(0).delaySinceLastReport());
    }

    @Test
    void acceptsANewSourceAfterTheGoodbyeOfTheOld() {
        MediaSession session = receiver(line(true, true), true);
        session.receive(packet(1001, 1, true), now);
        session.receive(packet(1009, 1, true), now);
        assertEquals(1, session.drainEvents().size(), "one source at a time");
        session.receive(remote.protectRtcp(Rtcp.write(List.of(new Goodbye(List.of(1001L))))), now);
        session.receive(packet(1009, 2, true), now);
        assertEquals(1, session.drainEvents().size());
    }
}
