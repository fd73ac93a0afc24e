package io.github.tachyscope.rtc.sctp;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One chunk of each type with the bytes it must have, written by hand from the RFCs. */
final class ChunkSamples {
    private static final InitFields FIELDS = new InitFields(0x01020304, 0x00100000, 65_535, 65_534, 0x0A0B0C0D);

    static final Map<String, Chunk> BY_BYTES = samples();

    private static Map<String, Chunk> samples() {
        Map<String, Chunk> all = new LinkedHashMap<>();
        all.put(
                "00 0b 00 13 00000007 0003 0004 00000033 61 62 63 00",
                new DataChunk(true, false, true, true, 7, 3, 4, 51, bytes("616263")));
        all.put(
                "01 00 00 1e 01020304 00100000 ffff fffe 0a0b0c0d c000 0004 8008 0006 82 c0 0000",
                new InitChunk(FIELDS, PeerInit.OUR_EXTENSIONS));
        all.put(
                "02 00 00 1c 01020304 00100000 ffff fffe 0a0b0c0d 0007 0008 deadbeef",
                new InitAckChunk(FIELDS, List.of(new Parameter(7, bytes("deadbeef")))));
        all.put(
                "03 00 00 18 00000009 00020000 0001 0001 0002 0003 00000005",
                new SackChunk(9, 0x20000, List.of(new SackChunk.Gap(2, 3)), List.of(5)));
        all.put("04 00 00 0a 0001 0006 aabb 0000", new HeartbeatChunk(bytes("00010006aabb")));
        all.put("05 00 00 0a 0001 0006 aabb 0000", new HeartbeatAckChunk(bytes("00010006aabb")));
        all.put("06 01 00 08 000c 0004", new AbortChunk(true, List.of(new Parameter(12, new byte[0]))));
        all.put("07 00 00 08 fffffffe", new ShutdownChunk(-2));
        all.put("08 00 00 04", new ShutdownAckChunk());
        all.put("09 00 00 0c 0003 0008 0000000a", new ErrorChunk(List.of(new Parameter(3, bytes("0000000a")))));
        all.put("0a 00 00 07 010203 00", new CookieEchoChunk(bytes("010203")));
        all.put("0b 00 00 04", new CookieAckChunk());
        all.put("0e 01 00 04", new ShutdownCompleteChunk(true));
        all.put("c0 00 00 0c 00000010 0001 0002", new ForwardTsnChunk(16, List.of(new ForwardTsnChunk.Skip(1, 2))));
        all.put(
                "82 00 00 16 000d 0012 00000001 00000002 00000003 0005 0000",
                new ReconfigChunk(List.of(new ReconfigParameter.OutgoingReset(1, 2, 3, List.of(5)))));
        all.put(
                "82 00 00 10 0010 000c 00000001 00000006",
                new ReconfigChunk(List.of(new ReconfigParameter.Response(1, ReconfigParameter.Response.IN_PROGRESS))));
        all.put(
                "82 00 00 0c 0012 0008 00000009",
                new ReconfigChunk(List.of(new ReconfigParameter.OtherRequest(18, 9))));
        all.put("fe 05 00 05 77 000000", new UnknownChunk(0xFE, 5, bytes("77")));
        return all;
    }

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private ChunkSamples() {}
}
