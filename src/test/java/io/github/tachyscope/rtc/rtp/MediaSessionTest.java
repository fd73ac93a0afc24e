package io.github.tachyscope.rtc.rtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.rtc.rtcp.FullIntraRequest;
import io.github.tachyscope.rtc.rtcp.Goodbye;
import io.github.tachyscope.rtc.rtcp.PictureLoss;
import io.github.tachyscope.rtc.rtcp.ReceiverEstimate;
import io.github.tachyscope.rtc.rtcp.Rtcp;
import io.github.tachyscope.rtc.rtcp.RtcpPacket;
import io.github.tachyscope.rtc.srtp.SrtpKeys;
import io.github.tachyscope.rtc.srtp.SrtpProfile;
import io.github.tachyscope.rtc.srtp.SrtpSession;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two sessions joined by hand, without a network between them. */
class MediaSessionTest {
    private static final long SEED = 42;
    private static final String MID = VideoPeer.MID;
    private static final SrtpKeys[] KEYS = VideoPeer.keys(SrtpProfile.AEAD_AES_128_GCM, SEED);

    private final SyntheticVideo camera = new SyntheticVideo(VideoCodec.VP8, SEED);
    private final MediaSession sender = sender(VideoCodec.VP8, true);
    private final MediaSession receiver = receiver(VideoCodec.VP8, true);
    private long now = 5_000_000;

    private static MediaSession sender(VideoCodec codec, boolean rtx) {
        return new MediaSession(VideoPeer.config(VideoPeer.sender(codec, rtx), SEED));
    }

    private static MediaSession receiver(VideoCodec codec, boolean rtx) {
        return new MediaSession(VideoPeer.config(VideoPeer.receiver(codec, rtx), SEED + 1));
    }

    private void exchangeKeys() {
        sender.keys(KEYS[0], now);
        receiver.keys(KEYS[1], now);
    }

    /** The datagrams of a frame, all that the pacer lets out over half a second. */
    private List<byte[]> sent(MediaSession session, EncodedFrame frame) {
        session.sendVideo(MID, frame, now);
        List<byte[]> all = new ArrayList<>(media(session.drainDatagrams()));
        for (int i = 0; i < 50; i++) {
            now += 10_000;
            session.tick(now);
            all.addAll(media(session.drainDatagrams()));
        }
        return all;
    }

    private static List<byte[]> media(List<byte[]> datagrams) {
        return datagrams.stream()
                .filter(datagram -> (datagram[1] & 0xFF) < 192 || (datagram[1] & 0xFF) > 223)
                .toList();
    }

    private void deliver(List<byte[]> datagrams) {
        datagrams.forEach(datagram -> receiver.receive(datagram.clone(), now));
    }

    private static List<EncodedFrame> frames(MediaSession session) {
        List<EncodedFrame> frames = new ArrayList<>();
        for (MediaEvent event : session.drainEvents()) {
            if (event instanceof MediaEvent.FrameReceived frame) {
                frames.add(frame.frame());
            }
        }
        return frames;
    }

    @ParameterizedTest
    @EnumSource(VideoCodec.class)
    void carriesFramesUnchanged(VideoCodec codec) {
        for (SrtpProfile profile : SrtpProfile.values()) {
            for (boolean rtx : new boolean[] {false, true}) {
                MediaSession from = sender(codec, rtx);
                MediaSession to = receiver(codec, rtx);
                SrtpKeys[] keys = VideoPeer.keys(profile, SEED);
                from.keys(keys[0], now);
                to.keys(keys[1], now);
                SyntheticVideo video = new SyntheticVideo(codec, SEED);
                long first = 0;
                for (int i = 0; i < 20; i++) {
                    EncodedFrame frame = video.next(i % 7 == 0, 40 + i * 700, now);
                    for (byte[] datagram : sent(from, frame)) {
                        assertTrue(datagram.length <= 1250, datagram.length + " bytes");
                        to.receive(datagram.clone(), now);
                    }
                    List<EncodedFrame> arrived = frames(to);
                    assertEquals(1, arrived.size(), codec + " frame " + i + " " + to.stats());
                    assertArrayEquals(frame.data(), arrived.get(0).data());
                    assertEquals(frame.keyFrame(), arrived.get(0).keyFrame());
                    first = i == 0 ? arrived.get(0).ptsMicros() : first;
                    assertEquals(i * 500_000L, arrived.get(0).ptsMicros() - first, 25);
                }
            }
        }
    }

    @Test
    void deliversTheFirstKeyFrameThatCameBeforeTheKeysWithoutAskingForAnother() {
        sender.keys(KEYS[0], now);
        List<byte[]> datagrams = sent(sender, camera.next(true, 11_000, now));
        assertEquals(10, datagrams.size());
        deliver(datagrams);
        assertEquals(List.of(), frames(receiver));
        receiver.keys(KEYS[1], now);
        assertEquals(1, frames(receiver).size());
        assertEquals(0, receiver.stats().lines().get(0).received().plis());
    }

    @Test
    void keepsTheOldestDatagramsWhenTooManyComeBeforeTheKeys() {
        sender.keys(KEYS[0], now);
        List<byte[]> datagrams = sent(sender, camera.next(true, 11_000, now));
        deliver(datagrams);
        for (int i = 0; i < 1000; i++) {
            receiver.receive(new byte[100], now);
        }
        receiver.keys(KEYS[1], now);
        assertEquals(1, frames(receiver).size());
        assertEquals(1010 - MediaSession.MAX_EARLY, receiver.stats().dropped(DropReason.EARLY_OVERFLOW));
    }

    @Test
    void rejectsReplayedPackets() {
        exchangeKeys();
        List<byte[]> datagrams = sent(sender, camera.next(true, 5_000, now));
        deliver(datagrams);
        deliver(datagrams);
        assertEquals(1, frames(receiver).size());
        assertEquals(datagrams.size(), receiver.stats().dropped(DropReason.REPLAYED));
    }

    @Test
    void rejectsAWrongKey() {
        sender.keys(KEYS[0], now);
        receiver.keys(VideoPeer.keys(SrtpProfile.AEAD_AES_128_GCM, SEED + 9)[1], now);
        List<byte[]> datagrams = sent(sender, camera.next(true, 5_000, now));
        deliver(datagrams);
        assertEquals(List.of(), frames(receiver));
        assertEquals(datagrams.size(), receiver.stats().dropped(DropReason.AUTHENTICATION));
    }

    @Test
    void repairsAHoleByRetransmission() {
        for (boolean rtx : new boolean[] {true, false}) {
            MediaSession from = sender(VideoCodec.VP8, rtx);
            MediaSession to = receiver(VideoCodec.VP8, rtx);
            from.keys(KEYS[0], now);
            to.keys(KEYS[1], now);
            to.drainDatagrams();
            List<byte[]> datagrams = sent(from, camera.next(true, 8_000, now));
            byte[] lost = datagrams.get(2);
            datagrams.stream()
                    .filter(datagram -> datagram != lost)
                    .forEach(datagram -> to.receive(datagram.clone(), now));
            assertEquals(List.of(), frames(to));
            to.drainDatagrams().forEach(datagram -> from.receive(datagram.clone(), now));
            List<byte[]> again = media(from.drainDatagrams());
            assertEquals(1, again.size());
            assertEquals(rtx ? 97 : 96, again.get(0)[1] & 0x7F);
            to.receive(again.get(0).clone(), now);
            assertEquals(1, frames(to).size());
            assertEquals(1, to.stats().lines().get(0).received().recovered());
            assertEquals(0, to.stats().lines().get(0).received().plis());
        }
    }

    @Test
    void asksForAKeyFrameAtMostEveryTwoHundredMilliseconds() {
        exchangeKeys();
        sent(sender, camera.next(true, 1_000, now));
        int asked = 0;
        for (int i = 0; i < 100; i++) {
            long before = receiver.stats().lines().get(0).received().plis();
            deliver(sent20(camera.next(false, 500, now)));
            receiver.requestKeyFrame(MID, now);
            asked += (int) (receiver.stats().lines().get(0).received().plis() - before);
        }
        assertTrue(asked >= 9 && asked <= 11, asked + " requests in two seconds");
    }

    private List<byte[]> sent20(EncodedFrame frame) {
        sender.sendVideo(MID, frame, now);
        now += 20_000;
        sender.tick(now);
        return media(sender.drainDatagrams());
    }

    @Test
    void passesKeyFrameRequestsOnAtMostEveryThreeHundredMilliseconds() {
        exchangeKeys();
        SrtpSession other = new SrtpSession(KEYS[1]);
        int wanted = 0;
        for (int i = 0; i < 60; i++) {
            RtcpPacket request = i % 2 == 0
                    ? new PictureLoss(2001, 1001)
                    : new FullIntraRequest(2001, List.of(new FullIntraRequest.Entry(1001, i)));
            sender.receive(other.protectRtcp(Rtcp.write(List.of(request))), now);
            wanted += (int) sender.drainEvents().stream()
                    .filter(MediaEvent.KeyFrameWanted.class::isInstance)
                    .count();
            now += 20_000;
        }
        assertEquals(4, wanted);
    }

    @Test
    void passesAChangeOfResolution() {
        exchangeKeys();
        deliver(sent(sender, camera.next(true, 3_000, now)));
        deliver(sent(sender, camera.next(false, 3_000, now)));
        camera.resize(320, 240);
        deliver(sent(sender, camera.next(true, 3_000, now)));
        deliver(sent(sender, camera.next(false, 3_000, now)));
        List<EncodedFrame> frames = frames(receiver);
        assertEquals(4, frames.size());
        assertEquals(320, SyntheticVideo.width(frames.get(2)));
    }

    @Test
    void keepsItsTablesBoundedUnderTwoThousandSources() {
        exchangeKeys();
        SrtpKeys stranger = VideoPeer.keys(SrtpProfile.AEAD_AES_128_GCM, 1)[0];
        deliver(sent(sender, camera.next(true, 1_000, now)));
        int before = receiver.stats().sources();
        for (int i = 0; i < 2_000; i++) {
            receiver.receive(rtp(i, new SrtpSession(i % 60 == 0 ? KEYS[0] : stranger)), now);
        }
        assertTrue(
                receiver.stats().sources() <= before + 2 * 64, receiver.stats().toString());
        for (int i = 0; i < 2_000; i++) {
            receiver.receive(rtp(i + 5_000, new SrtpSession(KEYS[0])), now);
        }
        assertTrue(receiver.stats().sources() <= 4 * 64, receiver.stats().toString());
        assertTrue(receiver.stats().dropped(DropReason.TOO_MANY_SOURCES) > 1_000);
        deliver(sent(sender, camera.next(true, 1_000, now)));
        assertEquals(2, frames(receiver).size(), "the line must outlive the flood");
    }

    private static byte[] rtp(int ssrc, SrtpSession srtp) {
        byte[] packet = new byte[12 + 20 + srtp.rtpOverhead()];
        packet[0] = (byte) 0x80;
        packet[1] = 96;
        packet[10] = (byte) (ssrc >>> 8);
        packet[11] = (byte) ssrc;
        srtp.protectRtp(packet, 32);
        return packet;
    }

    @Test
    void doesNotSendALargeFrameAsOneBurstButASmallOneAtOnce() {
        exchangeKeys();
        sender.tick(now);
        sender.drainDatagrams();
        sender.sendVideo(MID, camera.next(true, 100_000, now), now);
        int atOnce = bytes(sender.drainDatagrams());
        assertTrue(atOnce < 15_000, atOnce + " bytes at once");
        int total = atOnce;
        long start = now;
        while (total < 100_000) {
            now += 5_000;
            sender.tick(now);
            int more = bytes(media(sender.drainDatagrams()));
            total += more;
            assertTrue(more < 8_000, more + " bytes in five milliseconds");
            assertTrue(now - start < 300_000, "the key frame is stuck");
        }
        now += 100_000;
        sender.tick(now);
        sender.drainDatagrams();
        now += 33_000;
        EncodedFrame small = camera.next(false, 8_000, now);
        sender.sendVideo(MID, small, now);
        int smallAtOnce = bytes(sender.drainDatagrams());
        assertTrue(smallAtOnce > 8_000, smallAtOnce + " bytes " + sender.stats());
    }

    private static int bytes(List<byte[]> datagrams) {
        return datagrams.stream().mapToInt(datagram -> datagram.length).sum();
    }

    @Test
    void obeysTheEstimateOfTheOtherSide() {
        exchangeKeys();
        SrtpSession other = new SrtpSession(KEYS[1]);
        sender.receive(
                other.protectRtcp(Rtcp.write(List.of(new ReceiverEstimate(2001, 700_000, List.of(1001L))))), now);
        assertEquals(List.of(new MediaEvent.TargetBitrate(MID, 700_000)), sender.drainEvents());
    }

    @Test
    void saysGoodbyeAndThenNothing() throws Exception {
        exchangeKeys();
        sender.drainDatagrams();
        sender.goodbye(now);
        List<byte[]> last = sender.drainDatagrams();
        byte[] bye = last.get(last.size() - 1).clone();
        List<RtcpPacket> compound = Rtcp.parse(bye, new SrtpSession(KEYS[1]).unprotectRtcp(bye));
        assertEquals(new Goodbye(List.of(1001L, 1002L)), compound.get(compound.size() - 1));
        assertEquals(3, compound.size());
        sender.sendVideo(MID, camera.next(true, 1_000, now), now);
        assertTrue(sender.drainDatagrams().isEmpty());
        assertTrue(sender.nextDeadlineMicros().isEmpty());
    }

    @Test
    void survivesGarbage() {
        exchangeKeys();
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 5_000; i++) {
            byte[] garbage = new byte[random.nextInt(200)];
            random.nextBytes(garbage);
            receiver.receive(garbage, now);
        }
        long dropped = receiver.stats().dropped().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        assertEquals(5_000, dropped, "seed " + SEED);
        deliver(sent(sender, camera.next(true, 1_000, now)));
        assertEquals(1, frames(receiver).size());
    }

    @Test
    void showsThePlayoutDelayOfZeroOnEveryPacket() throws Exception {
        exchangeKeys();
        SrtpSession other = new SrtpSession(KEYS[1]);
        int transport = -1;
        for (byte[] datagram : sent(sender, camera.next(true, 9_000, now))) {
            byte[] plain = datagram.clone();
            RtpPacket packet = RtpPacket.parse(plain, other.unprotectRtp(plain));
            assertEquals("\0\0\0", packet.extensionText(5).orElseThrow());
            assertEquals(MID, packet.extensionText(4).orElseThrow());
            int next = packet.extensionU16(3);
            assertTrue(transport < 0 || next == transport + 1);
            transport = next;
        }
    }
}
