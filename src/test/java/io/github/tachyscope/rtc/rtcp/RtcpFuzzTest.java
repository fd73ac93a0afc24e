package io.github.tachyscope.rtc.rtcp;

import static org.junit.jupiter.api.Assertions.fail;

import io.github.tachyscope.rtc.rtp.Mutator;
import io.github.tachyscope.wire.MalformedPacket;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class RtcpFuzzTest {
    private static final long SEED = 20_261_121;

    @Test
    void letsNothingButMalformedPacketOut() {
        List<byte[]> samples = new ArrayList<>();
        RtcpTest.GOLDEN.values().forEach(hex -> samples.add(RtcpTest.bytes(hex)));
        samples.add(RtcpTest.bytes("8fcd0006 00000001 00000002 fffe0004 00000307 d1800004 fe700000"));
        Mutator mutator = new Mutator(SEED, samples);
        for (int i = 0; i < 20_000; i++) {
            byte[] input = mutator.next();
            try {
                Rtcp.write(Rtcp.parse(input, input.length));
            } catch (MalformedPacket expected) {
                continue;
            } catch (RuntimeException e) {
                fail("seed " + SEED + ", input " + i + ": " + HexFormat.of().formatHex(input), e);
            }
        }
    }
}
