package io.github.tachyscope.rtc.sdp;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.tachyscope.testkit.Mutations;
import io.github.tachyscope.wire.MalformedPacket;
import java.util.List;
import org.junit.jupiter.api.Test;

class CandidateFuzzTest {
    private static final int INPUTS = 20_000;
    private static final long SEED = 8445;

    @Test
    void damagedCandidatesAreReadPassedOverOrMalformed() {
        List<String> samples = List.of(
                "candidate:842163049 1 udp 1677729535 203.0.113.5 46154 typ srflx raddr 10.0.0.1 rport 46154",
                "a=candidate:1 1 UDP 1 2001:db8::7 5 typ host",
                "candidate:1 1 udp 1 5f3f2b6e-0b1c-4d8f-8f1a-1b2c3d4e5f60.local 50000 typ host generation 0",
                "candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active");
        Mutations mutations = new Mutations(SEED);
        int read = 0;
        for (int i = 0; i < INPUTS; i++) {
            String line = mutations.damagedText(samples);
            try {
                read += IceCandidate.parse(line).isPresent() ? 1 : 0;
            } catch (MalformedPacket expected) {
                assertTrue(expected.getMessage().length() < 200);
            } catch (RuntimeException escaped) {
                fail("seed " + SEED + ", input " + i + ": " + line, escaped);
            }
        }
        assertTrue(read > 100, "read " + read);
    }
}
