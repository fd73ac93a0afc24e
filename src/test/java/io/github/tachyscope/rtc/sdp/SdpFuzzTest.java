package io.github.tachyscope.rtc.sdp;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.tachyscope.testkit.Mutations;
import io.github.tachyscope.testkit.Offers;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SdpFuzzTest {
    private static final int INPUTS = 20_000;
    private static final long SEED = 20261121;

    @Test
    void damagedOffersAreAnsweredOrRefusedAndNothingElse() {
        List<String> samples = List.of(
                new Offers().video("0", "sendrecv").data("1").sdp(),
                new Offers()
                        .data("d")
                        .video("v", "recvonly", "a=candidate:1 1 udp 1 192.0.2.1 9 typ host")
                        .audio("a", "recvonly")
                        .sdp(),
                new Offers()
                        .videoOf("0", "96", "a=rtpmap:96 VP8/90000", "a=sendonly")
                        .sdp());
        Mutations mutations = new Mutations(SEED);
        int answered = 0;
        for (int i = 0; i < INPUTS; i++) {
            String sdp = mutations.damagedText(samples);
            try {
                String answer = Answer.write(
                        Offer.parse(sdp),
                        new Answer.Transport(
                                1,
                                "ufrag",
                                "password",
                                new Fingerprint(new byte[32]),
                                List.of(new InetSocketAddress("127.0.0.1", 9)),
                                "session",
                                Map.of()),
                        new Answer.Limits(1, 1, 1));
                assertTrue(answer.contains("a=group:BUNDLE "));
                answered++;
            } catch (UnacceptableOffer expected) {
                assertTrue(expected.getMessage().length() < 400);
            } catch (RuntimeException escaped) {
                fail("seed " + SEED + ", input " + i + ":\n" + sdp, escaped);
            }
        }
        assertTrue(answered > INPUTS / 20 && answered < INPUTS, "answered " + answered);
    }
}
