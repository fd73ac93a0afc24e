package io.github.tachyscope.rtc.sdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.testkit.Offers;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OfferTest {
    @Test
    void readsWhatABrowserOffersForVideoBothWaysAndADataChannel() {
        Offer offer = Offer.parse(new Offers().video("0", "sendrecv").data("1").sdp());

        assertEquals("aB3+", offer.iceUfrag());
        assertEquals("0123456789abcdefABCDEF+/", offer.icePassword());
        assertEquals(Offers.FINGERPRINT, offer.fingerprints().get(0).toString());
        MediaLine.Video video = offer.videoLines().get(0);
        assertEquals(Direction.SENDRECV, video.direction());
        assertEquals(
                new VideoFormat(VideoCodec.VP8, 96, OptionalInt.of(97), "", Set.of(VideoFormat.Feedback.values())),
                video.format());
        assertEquals(
                Map.of(
                        HeaderExtension.MID, 9,
                        HeaderExtension.TRANSPORT_CC, 4,
                        HeaderExtension.ABS_SEND_TIME, 2,
                        HeaderExtension.PLAYOUT_DELAY, 5),
                video.extensions());
        assertEquals(
                new MediaLine.Data("1", "UDP/DTLS/SCTP", 5000, 262144),
                offer.lines().get(1));
    }

    @Test
    void takesTheCodecThatTheOfferNamesFirst() {
        String h264First =
                new Offers().video("0", "sendrecv").sdp().replace("SAVPF 96 97 102 103", "SAVPF 102 103 96 97");

        VideoFormat format = Offer.parse(h264First).videoLines().get(0).format();

        assertEquals(VideoCodec.H264, format.codec());
        assertEquals(106, format.payloadType(), "constrained baseline goes before plain baseline");
        assertEquals("42e01f", format.profileLevelId());
        assertEquals(OptionalInt.of(107), format.rtxPayloadType());
    }

    @Test
    void takesPlainBaselineWhenItIsAllThereIs() {
        Offer offer = Offer.parse(new Offers()
                .videoOf(
                        "v",
                        "102",
                        Offers.format(102, "H264"),
                        "a=fmtp:102 packetization-mode=1;profile-level-id=42001F",
                        "a=sendonly")
                .sdp());

        assertEquals("42001f", offer.videoLines().get(0).format().profileLevelId());
    }

    @Test
    void refusesAnOfferWithoutACommonCodecAndSaysWhatIsAllowed() {
        String onlyVp9AndWrongH264 = new Offers()
                .videoOf(
                        "0",
                        "98 104 108",
                        Offers.format(98, "VP9"),
                        Offers.format(104, "H264"),
                        "a=fmtp:104 packetization-mode=0;profile-level-id=42e01f",
                        Offers.format(108, "H264"),
                        "a=fmtp:108 packetization-mode=1;profile-level-id=640c1f")
                .data("1")
                .sdp();

        UnacceptableOffer refused = assertThrows(UnacceptableOffer.class, () -> Offer.parse(onlyVp9AndWrongH264));

        assertTrue(refused.getMessage().contains("VP8 or H.264"), refused.getMessage());
    }

    @Test
    void servesTheOtherLinesWhenOneHasNoCommonCodec() {
        Offer offer = Offer.parse(new Offers()
                .videoOf("0", "98", Offers.format(98, "VP9"))
                .video("1", "recvonly")
                .sdp());

        assertEquals(
                new MediaLine.Rejected("0", "video", "UDP/TLS/RTP/SAVPF", "98"),
                offer.lines().get(0));
        assertInstanceOf(MediaLine.Video.class, offer.lines().get(1));
    }

    @Test
    void servesTheFirstLineOnlyWhenTheyAreNotBundled() {
        Offer offer = Offer.parse(
                new Offers().withoutBundle().video("0", "sendrecv").data("1").sdp());

        assertInstanceOf(MediaLine.Video.class, offer.lines().get(0));
        assertInstanceOf(MediaLine.Rejected.class, offer.lines().get(1));
    }

    @Test
    void rejectsASecondDataLineAndUnknownKinds() {
        Offer offer = Offer.parse(new Offers()
                .data("0")
                .data("1")
                .section("2", "m=image 9 udptl t38", "a=sendrecv")
                .sdp());

        assertInstanceOf(MediaLine.Data.class, offer.lines().get(0));
        assertInstanceOf(MediaLine.Rejected.class, offer.lines().get(1));
        assertInstanceOf(MediaLine.Rejected.class, offer.lines().get(2));
    }

    @Test
    void keepsALineWithPortZeroOnlyIfItIsBundleOnly() {
        String offered =
                new Offers().video("0", "sendrecv").video("1", "recvonly").sdp();
        int second = offered.lastIndexOf("m=video 9");
        String zero = offered.substring(0, second) + offered.substring(second).replace("m=video 9", "m=video 0");

        assertInstanceOf(MediaLine.Rejected.class, Offer.parse(zero).lines().get(1));
        assertInstanceOf(
                MediaLine.Video.class,
                Offer.parse(zero + "a=bundle-only\r\n").lines().get(1));
    }

    @Test
    void needsNoCandidateAndNeverLooksUpNames() {
        Offer none = Offer.parse(new Offers().video("0", "sendrecv").sdp());
        Offer hidden = Offer.parse(new Offers()
                .video(
                        "0",
                        "sendrecv",
                        "a=candidate:1 1 udp 2122260223 5f3f2b6e-0b1c-4d8f-8f1a-1b2c3d4e5f60.local 50000 typ host",
                        "a=candidate:2 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active",
                        "a=candidate:nonsense",
                        "a=candidate:3 1 udp 1686052607 192.0.2.7 61000 typ srflx raddr 0.0.0.0 rport 0")
                .sdp());

        assertTrue(none.candidates().isEmpty());
        assertEquals(1, hidden.candidates().size());
        assertEquals(61000, hidden.candidates().get(0).address().getPort());
    }

    @Test
    void refusesWhatCannotWorkWithOneSentenceEach() {
        String good = new Offers().video("0", "sendrecv").data("1").sdp();

        refused("'v=0'", good.replace("v=0", "v=1"));
        refused("media line", good.substring(0, good.indexOf("m=")));
        refused("ice-ufrag", good.replace("a=ice-ufrag:aB3+", "a=ice-ufrag:a b"));
        refused("ice-pwd", good.replace("a=ice-pwd:0123456789abcdefABCDEF+/", "a=ice-pwd:short"));
        refused("fingerprint", good.replace("sha-256", "sha-1"));
        refused("fingerprint", good.replace("4A:AD", "XX:AD"));
        refused("actpass", good.replace("actpass", "passive"));
        refused("mid", good.replace("a=mid:0\r\n", ""));
        refused("mid", good.replace("a=mid:1\r\n", "a=mid:0\r\n"));
        refused("lite", good.replace("t=0 0", "t=0 0\r\na=ice-lite"));
        refused("port", good.replace("m=video 9", "m=video 99999"));
        refused("262144", "v=0\r\n" + "a".repeat(SdpText.MAX_CHARS));
    }

    @Test
    void refusesTooManyLines() {
        Offers offers = new Offers();
        for (int i = 0; i <= SdpText.MAX_SECTIONS; i++) {
            offers.video("v" + i, "recvonly");
        }

        refused("more than 32", offers.sdp());
    }

    private static void refused(String because, String sdp) {
        UnacceptableOffer refused = assertThrows(UnacceptableOffer.class, () -> Offer.parse(sdp), because);
        assertTrue(refused.getMessage().contains(because), refused.getMessage());
    }
}
