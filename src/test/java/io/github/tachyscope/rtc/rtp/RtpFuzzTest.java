package io.github.tachyscope.rtc.rtp;

import static org.junit.jupiter.api.Assertions.fail;

import io.github.tachyscope.wire.MalformedPacket;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class RtpFuzzTest {
    private static final long SEED = 20_261_121;

    @Test
    void letsNothingButMalformedPacketOut() {
        Mutator mutator = new Mutator(SEED, List.of(RtpPacketTest.ONE_BYTE, RtpPacketTest.TWO_BYTE));

        for (int i = 0; i < 20_000; i++) {
            byte[] input = mutator.next();
            try {
                RtpPacket packet = RtpPacket.parse(input, input.length);
                for (int id = 0; id < 18; id++) {
                    packet.extensionU16(id);
                    packet.extensionText(id);
                }
                packet.original(96, 1);
            } catch (MalformedPacket expected) {
                continue;
            } catch (RuntimeException e) {
                fail("seed " + SEED + ", input " + i + ": " + HexFormat.of().formatHex(input), e);
            }
        }
    }
}
