package io.github.tachyscope.rtc.sdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.tachyscope.wire.MalformedPacket;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IceCandidateTest {
    @Test
    void readsAddressesOfBothFamilies() {
        assertEquals(
                Optional.of(new IceCandidate(
                        "842163049", 1677729535, new InetSocketAddress("203.0.113.5", 46154), IceCandidate.Type.SRFLX)),
                IceCandidate.parse("candidate:842163049 1 udp 1677729535 203.0.113.5 46154 typ srflx raddr 10.0.0.1 "
                        + "rport 46154 generation 0 ufrag abcd network-cost 999"));
        assertEquals(
                new InetSocketAddress("2001:db8::7", 5),
                IceCandidate.parse("a=candidate:1 1 UDP 1 2001:db8::7 5 typ host")
                        .orElseThrow()
                        .address());
    }

    @Test
    void passesOverWhatIsOfNoUseHere() {
        for (String useless : List.of(
                "",
                "  ",
                "a=end-of-candidates",
                "candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active",
                "candidate:1 2 udp 1518280447 192.0.2.1 9 typ host",
                "candidate:1 1 udp 1 5f3f2b6e-0b1c-4d8f-8f1a-1b2c3d4e5f60.local 50000 typ host",
                "candidate:1 1 udp 1 stun.example.org 50000 typ host",
                "candidate:1 1 udp 1 0.0.0.0 50000 typ host",
                "candidate:1 1 udp 1 224.0.0.1 50000 typ host",
                "candidate:1 1 udp 1 192.0.2.1 0 typ host")) {
            assertEquals(Optional.empty(), IceCandidate.parse(useless), useless);
        }
    }

    @Test
    void saysWhatIsNotACandidate() {
        for (String broken : List.of(
                "nonsense",
                "candidate:",
                "candidate:1 1 udp 1 192.0.2.1 9",
                "candidate:1 1 udp 1 192.0.2.1 9 type host",
                "candidate:1 1 udp 1 192.0.2.1 9 typ guest",
                "candidate:1 0 udp 1 192.0.2.1 9 typ host",
                "candidate:1 1 udp 4294967296 192.0.2.1 9 typ host",
                "candidate:1 1 udp 1 192.0.2.1 65536 typ host",
                "candidate:1 1 udp -1 192.0.2.1 9 typ host",
                "candidate:1 1 udp 1 1:2:3 9 typ host",
                "candidate:1 1 udp 1 a/b 9 typ host",
                "candidate:" + "1".repeat(IceCandidate.MAX_CHARS))) {
            assertThrows(MalformedPacket.class, () -> IceCandidate.parse(broken), broken);
        }
    }
}
