package io.github.tachyscope.rtc.rtcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.tachyscope.wire.MalformedPacket;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every message against bytes written down by hand from the RFCs. */
class RtcpTest {
    private static final int LOST = TransportFeedback.LOST;
    private static final ReportBlock BLOCK = new ReportBlock(0x11223344L, 64, -2, 0x1_0005L, 7, 0xAABBCCDDL, 65_536);
    private static final String BLOCK_HEX = "11223344 40fffffe 00010005 00000007 aabbccdd 00010000";

    static final Map<RtcpPacket, String> GOLDEN = golden();

    private static Map<RtcpPacket, String> golden() {
        Map<RtcpPacket, String> golden = new LinkedHashMap<>();
        golden.put(
                new SenderReport(1, 0x0000_0002_8000_0000L, 90_000, 3, 4, List.of(BLOCK)),
                "81c8000c 00000001 00000002 80000000 00015f90 00000003 00000004" + BLOCK_HEX);
        golden.put(new ReceiverReport(9, List.of(BLOCK)), "81c90007 00000009" + BLOCK_HEX);
        golden.put(new SourceDescription(9, "abc"), "81ca0003 00000009 01036162 63000000");
        golden.put(new Goodbye(List.of(1L, 0xFFFF_FFFFL)), "82cb0002 00000001 ffffffff");
        golden.put(new Nack(1, 2, List.of(65_535, 0, 15, 16)), "81cd0004 00000001 00000002 ffff8001 00100000");
        golden.put(new PictureLoss(1, 2), "81ce0002 00000001 00000002");
        golden.put(
                new FullIntraRequest(1, List.of(new FullIntraRequest.Entry(2, 5))),
                "84ce0004 00000001 00000000 00000002 05000000");
        golden.put(
                new ReceiverEstimate(1, 1_000_000, List.of(2L)),
                "8fce0005 00000001 00000000 52454d42 010bd090 00000002");
        return golden;
    }

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    @Test
    void readsAndWritesTheGoldenSamples() {
        GOLDEN.forEach((packet, hex) -> {
            assertArrayEquals(bytes(hex), Rtcp.write(List.of(packet)), packet.toString());
            assertEquals(List.of(packet), Rtcp.parse(bytes(hex), bytes(hex).length));
        });
    }

    @Test
    void refusesEveryTruncation() {
        GOLDEN.forEach((packet, hex) -> {
            byte[] whole = bytes(hex);
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                assertThrows(
                        MalformedPacket.class, () -> Rtcp.parse(cut, cut.length), packet + " cut at " + cut.length);
            }
        });
    }

    @Test
    void readsACompoundAndSkipsWhatItDoesNotKnow() {
        String compound = "80c90001 00000001 80cc0001 00000000 81ce0002 00000001 00000002";
        assertEquals(
                List.of(new ReceiverReport(1, List.of()), new PictureLoss(1, 2)),
                Rtcp.parse(bytes(compound), bytes(compound).length));
    }

    @Test
    void readsPadding() {
        String padded = "a0c90002 00000001 00000004";
        assertEquals(List.of(new ReceiverReport(1, List.of())), Rtcp.parse(bytes(padded), 12));
    }

    @Test
    void writesArrivalsAsInTheDraft() {
        // Received at 0, lost, received 1 ms later, received 100 ms earlier: symbols 1 0 1 2.
        TransportFeedback feedback = new TransportFeedback(1, 2, 0xFFFE, 3, 7, new int[] {0, LOST, 4, -396});
        byte[] golden = bytes("8fcd0006 00000001 00000002 fffe0004 00000307 d1800004 fe700000");
        assertArrayEquals(golden, Rtcp.write(List.of(feedback)));
        TransportFeedback parsed =
                (TransportFeedback) Rtcp.parse(golden, golden.length).get(0);
        assertEquals(0xFFFE, parsed.baseSequence());
        assertEquals(3, parsed.referenceTime());
        assertArrayEquals(feedback.arrivals(), parsed.arrivals());
        for (int length = 0; length < golden.length; length++) {
            byte[] cut = Arrays.copyOf(golden, length);
            assertThrows(MalformedPacket.class, () -> Rtcp.parse(cut, cut.length));
        }
    }

    @Test
    void readsOneBitChunksAndRuns() {
        // A vector of 14 single bits with the first and last set, then a run of two small deltas.
        byte[] golden = bytes("8fcd0006 00000001 00000002 00000010 00000300 a0012002 01020304");
        TransportFeedback parsed =
                (TransportFeedback) Rtcp.parse(golden, golden.length).get(0);
        int[] expected = new int[16];
        Arrays.fill(expected, LOST);
        expected[0] = 1;
        expected[13] = 3;
        expected[14] = 6;
        expected[15] = 10;
        assertArrayEquals(expected, parsed.arrivals());
    }

    @Test
    void carriesLongRunsOfArrivals() {
        int[] arrivals = new int[1_000];
        for (int i = 0; i < arrivals.length; i++) {
            arrivals[i] = i % 97 > 80 || i > 500 && i < 700 ? LOST : i * 3 + (i % 50 == 0 ? 600 : 0);
        }
        byte[] bytes = Rtcp.write(List.of(new TransportFeedback(1, 2, 65_000, -5, 255, arrivals)));
        TransportFeedback parsed =
                (TransportFeedback) Rtcp.parse(bytes, bytes.length).get(0);
        assertArrayEquals(arrivals, parsed.arrivals());
        assertEquals(-5, parsed.referenceTime());
    }

    @Test
    void refusesFeedbackThatClaimsTooManyPackets() {
        byte[] hostile = bytes("8fcd0005 00000001 00000002 0000ffff 00000300 1fff1fff");
        assertThrows(MalformedPacket.class, () -> Rtcp.parse(hostile, hostile.length));
    }
}
