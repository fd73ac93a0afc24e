package io.github.tachyscope.rtc.sdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.testkit.Offers;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnswerTest {
    private static final Answer.Transport TRANSPORT = new Answer.Transport(
            42,
            "ufragOfOurs",
            "passwordOfOursWith24Chars",
            new Fingerprint(new byte[32]),
            List.of(new InetSocketAddress("192.0.2.1", 7000), new InetSocketAddress("2001:db8::1", 7000)),
            "session",
            Map.of("both", new Answer.Sources(11, 12)));
    private static final Answer.Limits LIMITS = new Answer.Limits(4_000_000, 10_000_000, 262_144);

    @Test
    void repeatsTheLinesOfTheOfferWithItsNumbers() {
        List<String> answer = answer(
                new Offers().audio("a", "recvonly").video("v", "sendrecv").data("d"));

        assertEquals(
                List.of(
                        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
                        "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
                        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel"),
                starting(answer, "m="));
        assertEquals(List.of("a=mid:a", "a=mid:v", "a=mid:d"), starting(answer, "a=mid:"));
        assertTrue(answer.contains("a=group:BUNDLE a v d"));
        assertEquals(
                List.of(
                        "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
                        "a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
                        "a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
                        "a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid"),
                starting(answer, "a=extmap:"));
        assertTrue(answer.contains("a=fmtp:96 x-google-start-bitrate=4000;x-google-max-bitrate=10000"));
        assertTrue(answer.contains("a=fmtp:97 apt=96"));
        assertTrue(answer.contains("a=sctp-port:5000"));
        assertTrue(answer.contains("a=max-message-size:262144"));
        assertEquals(3, starting(answer, "a=setup:passive").size());
        assertFalse(answer.contains("a=ice-lite"));
    }

    @Test
    void mirrorsDirectionsAndNamesAStreamWhereItSends() {
        List<String> answer = answer(new Offers()
                .video("both", "sendrecv")
                .video("up", "sendonly")
                .video("down", "recvonly")
                .video("none", "inactive"));

        assertEquals("a=sendrecv a=recvonly a=sendonly a=inactive", String.join(" ", directions(answer)));
        assertEquals(
                List.of("a=msid:tachyscope video-both", "a=msid:tachyscope video-down"), starting(answer, "a=msid:"));
        assertEquals(List.of("a=ssrc-group:FID 11 12"), starting(answer, "a=ssrc-group"));
        assertEquals(List.of("a=ssrc:11 cname:session", "a=ssrc:12 cname:session"), starting(answer, "a=ssrc:"));
    }

    @Test
    void answersAudioAsInactiveWithOpus() {
        List<String> answer = answer(new Offers().video("0", "sendrecv").audio("1", "recvonly"));

        assertTrue(answer.containsAll(List.of("a=inactive", "a=rtpmap:111 opus/48000/2")));
        assertEquals(List.of("a=sendrecv", "a=inactive"), directions(answer));
    }

    @Test
    void rejectsWithPortZeroOutsideTheGroup() {
        List<String> answer = answer(
                new Offers().videoOf("vp9", "98", Offers.format(98, "VP9")).video("vp8", "sendrecv"));

        assertTrue(answer.contains("m=video 0 UDP/TLS/RTP/SAVPF 98"));
        assertTrue(answer.contains("a=group:BUNDLE vp8"));
    }

    @Test
    void putsAllCandidatesOnTheFirstServedLine() {
        List<String> answer = answer(new Offers().video("0", "sendrecv").data("1"));

        assertEquals(
                List.of(
                        "a=candidate:1 1 udp 2130706431 192.0.2.1 7000 typ host",
                        "a=candidate:2 1 udp 2130706175 2001:db8:0:0:0:0:0:1 7000 typ host"),
                starting(answer, "a=candidate:"));
        assertEquals(1, starting(answer, "a=end-of-candidates").size());
        assertTrue(answer.indexOf("a=end-of-candidates") < answer.indexOf("a=mid:1"));
    }

    @Test
    void offersRembOnlyToThoseWithoutTransportCc() {
        List<String> modern = answer(new Offers().video("0", "sendrecv"));
        List<String> old = answer(new Offers()
                .videoOf("0", "96", "a=rtpmap:96 VP8/90000", "a=rtcp-fb:96 goog-remb", "a=rtcp-fb:96 nack pli"));

        assertEquals(
                List.of(
                        "a=rtcp-fb:96 nack",
                        "a=rtcp-fb:96 nack pli",
                        "a=rtcp-fb:96 ccm fir",
                        "a=rtcp-fb:96 transport-cc"),
                starting(modern, "a=rtcp-fb:"));
        assertEquals(List.of("a=rtcp-fb:96 nack pli", "a=rtcp-fb:96 goog-remb"), starting(old, "a=rtcp-fb:"));
    }

    @Test
    void repeatsTheProfileOfH264() {
        List<String> answer = answer(new Offers()
                .videoOf(
                        "0",
                        "102 103",
                        Offers.format(102, "H264"),
                        "a=fmtp:102 packetization-mode=1;profile-level-id=42e01f",
                        Offers.rtx(103, 102)));

        assertTrue(answer.contains("a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f;"
                + "x-google-start-bitrate=4000;x-google-max-bitrate=10000"));
    }

    private static List<String> answer(Offers offers) {
        String sdp = Answer.write(Offer.parse(offers.sdp()), TRANSPORT, LIMITS);
        assertTrue(sdp.endsWith("\r\n"));
        return Arrays.asList(sdp.split("\r\n"));
    }

    private static List<String> starting(List<String> lines, String prefix) {
        return lines.stream().filter(line -> line.startsWith(prefix)).toList();
    }

    private static List<String> directions(List<String> lines) {
        List<String> found = new ArrayList<>(lines);
        found.retainAll(List.of("a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"));
        return found;
    }
}
