package io.github.tachyscope.rtc.rtp;

import static org.junit.jupiter.api.Assertions.fail;

import io.github.tachyscope.wire.MalformedPacket;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class Vp8DepacketizerFuzzTest {
    private static final long SEED = 20_261_121;

    @Test
    void letsNothingButMalformedPacketOut() {
        Mutator mutator = new Mutator(
                SEED,
                List.of(
                        RtpPacketTest.hex(PayloadFormatTest.VP8_KEY),
                        RtpPacketTest.hex(PayloadFormatTest.VP8_ALL_FIELDS)));
        Vp8Depacketizer vp8 = new Vp8Depacketizer();
        for (int i = 0; i < 20_000; i++) {
            byte[] input = mutator.next();
            try {
                RtpPacket packet = PayloadFormatTest.packet(input, true);
                vp8.startsKeyFrame(packet);
                vp8.picture(List.of(packet, PayloadFormatTest.packet(mutator.next(), true)));
            } catch (MalformedPacket expected) {
                continue;
            } catch (RuntimeException e) {
                fail("seed " + SEED + ", input " + i + ": " + HexFormat.of().formatHex(input), e);
            }
        }
    }
}
