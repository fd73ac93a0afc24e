package io.github.tachyscope.rtc.rtp;

import static org.junit.jupiter.api.Assertions.fail;

import io.github.tachyscope.wire.MalformedPacket;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class H264DepacketizerFuzzTest {
    private static final long SEED = 20_261_121;

    @Test
    void letsNothingButMalformedPacketOut() {
        Mutator mutator = new Mutator(
                SEED,
                List.of(
                        RtpPacketTest.hex(PayloadFormatTest.STAP_A),
                        RtpPacketTest.hex(PayloadFormatTest.FU_FIRST),
                        RtpPacketTest.hex(PayloadFormatTest.FU_LAST),
                        RtpPacketTest.hex("65b800"),
                        RtpPacketTest.hex("419a00")));
        H264Depacketizer h264 = new H264Depacketizer();
        for (int i = 0; i < 20_000; i++) {
            byte[] input = mutator.next();
            try {
                RtpPacket packet = PayloadFormatTest.packet(input, true);
                h264.startsKeyFrame(packet);
                h264.picture(List.of(packet, PayloadFormatTest.packet(mutator.next(), true)));
            } catch (MalformedPacket expected) {
                continue;
            } catch (RuntimeException e) {
                fail("seed " + SEED + ", input " + i + ": " + HexFormat.of().formatHex(input), e);
            }
        }
    }
}
