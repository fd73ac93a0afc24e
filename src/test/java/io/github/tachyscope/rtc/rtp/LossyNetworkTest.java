package io.github.tachyscope.rtc.rtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.rtc.srtp.SrtpKeys;
import io.github.tachyscope.rtc.srtp.SrtpProfile;
import io.github.tachyscope.testkit.LinkProfile;
import io.github.tachyscope.testkit.NetworkEmulator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the picture does on bad networks, in virtual time. */
class LossyNetworkTest {
    private static final LinkProfile GOOD = LinkProfile.perfect().withDelayMillis(10);
    private static final long SECOND = 1_000_000;

    private NetworkEmulator net;
    private VideoPeer sender;
    private VideoPeer receiver;

    private void connect(LinkProfile weather, boolean rtx, VideoCodec codec, long seed) {
        net = new NetworkEmulator(weather, seed);
        sender = new VideoPeer(VideoPeer.config(VideoPeer.sender(codec, rtx), seed), seed);
        receiver = new VideoPeer(VideoPeer.config(VideoPeer.receiver(codec, rtx), seed + 1), seed);
        SrtpKeys[] keys = VideoPeer.keys(SrtpProfile.AEAD_AES_128_GCM, seed);
        sender.session.keys(keys[0], net.now());
        receiver.session.keys(keys[1], net.now());
        sender.nextFrameMicros = net.now();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void doesNotFreezeAtTwoPercentLoss(long seed) {
        connect(GOOD.withLoss(0.02), seed % 2 == 0, VideoCodec.VP8, seed);
        net.run(sender, receiver, 10 * SECOND);
        assertTrue(receiver.received.size() >= 290, receiver.received.size() + " frames; " + net);
        assertTrue(
                receiver.longestFreezeMicros(net.now()) < 200_000,
                "froze for " + receiver.longestFreezeMicros(net.now()) + " us; " + net);
        assertEquals(List.of(), receiver.brokenReferences(), net.toString());
        assertTrue(receiver.line().received().recovered() > 10, receiver.line() + "; " + net);
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5, 6})
    void keepsTwentyFramesPerSecondAtTenPercentLossAndRecovers(long seed) {
        connect(GOOD.withLoss(0.1), seed % 2 == 0, VideoCodec.H264, seed);
        net.run(sender, receiver, 10 * SECOND);
        assertTrue(receiver.received.size() >= 200, receiver.received.size() + " frames; " + net);
        assertEquals(List.of(), receiver.brokenReferences(), net.toString());
        net.become(GOOD);
        net.run(sender, receiver, SECOND);
        int before = receiver.received.size();
        net.run(sender, receiver, 5 * SECOND);
        assertTrue(receiver.received.size() - before >= 149, receiver.received.size() - before + " frames; " + net);
    }

    @ParameterizedTest
    @ValueSource(longs = {7, 8})
    void showsAPictureWithinASecondAfterAnOutageOfThree(long seed) {
        connect(GOOD, true, VideoCodec.VP8, seed);
        net.run(sender, receiver, 2 * SECOND);
        net.become(GOOD.withLoss(1));
        net.run(sender, receiver, 3 * SECOND);
        int before = receiver.received.size();
        net.become(GOOD);
        net.require("a picture", sender, receiver, SECOND, () -> receiver.received.size() > before);
        assertTrue(receiver.received.get(before).keyFrame(), net.toString());
        assertEquals(List.of(), receiver.brokenReferences(), net.toString());
    }

    @Test
    void toleratesReorderingAndDuplicates() {
        connect(GOOD.withReorderMillis(15).withDuplication(0.1), true, VideoCodec.VP8, 9);
        net.run(sender, receiver, 5 * SECOND);
        assertTrue(receiver.received.size() >= 148, receiver.received.size() + " frames; " + net);
        assertEquals(List.of(), receiver.brokenReferences(), net.toString());
    }

    @Test
    void lowersItsTargetWhereABottleneckLosesPacketsAndRaisesItAgain() {
        connect(GOOD, true, VideoCodec.VP8, 10);
        net.run(sender, receiver, 2 * SECOND);
        net.become(GOOD.withLoss(0.3));
        net.run(sender, receiver, 3 * SECOND);
        int low = sender.session.stats().targetBitrate();
        assertTrue(low < 1_600_000 && low >= 200_000, low + " bit/s; " + net);
        net.become(GOOD);
        net.run(sender, receiver, 5 * SECOND);
        assertTrue(sender.session.stats().targetBitrate() > low * 1.2, sender.targets + "; " + net);
        for (int i = 1; i < sender.targets.size(); i++) {
            double step = (double) sender.targets.get(i) / sender.targets.get(i - 1);
            assertTrue(Math.abs(step - 1) > 0.049, "step of " + step + " is not worth telling");
        }
    }

    @Test
    void survivesABottleneckWithAShortQueueAndLargeKeyFrames() {
        connect(GOOD.withRate(3_000_000, 30_000), true, VideoCodec.VP8, 11);
        sender.keyFrameBytes = 60_000;
        net.run(sender, receiver, 5 * SECOND);
        assertTrue(receiver.received.size() >= 130, receiver.received.size() + " frames; " + net);
        assertEquals(List.of(), receiver.brokenReferences(), net.toString());
    }

    @Test
    void measuresTheRoundTrip() {
        connect(GOOD.withDelayMillis(30), true, VideoCodec.VP8, 12);
        net.run(sender, receiver, 4 * SECOND);
        assertEquals(60_000, sender.session.stats().roundTripMicros().orElseThrow(), 2_000);
    }
}
