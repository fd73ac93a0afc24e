package io.github.tachyscope.rtc.rtcp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/** What a participant that sends nothing says about what it receives (RFC 3550 section 6.4.2, type 201). */
public record ReceiverReport(long ssrc, List<ReportBlock> blocks) implements RtcpPacket {
    public ReceiverReport {
        blocks = List.copyOf(blocks);
    }

    static ReceiverReport parse(int count, ByteReader in) {
        return new ReceiverReport(in.u32(), blocks(count, in));
    }

    static List<ReportBlock> blocks(int count, ByteReader in) {
        List<ReportBlock> blocks = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            blocks.add(ReportBlock.parse(in));
        }
        return blocks;
    }

    @Override
    public void write(ByteWriter out) {
        int start = Rtcp.begin(out, blocks.size(), Rtcp.RECEIVER_REPORT);
        out.u32(ssrc);
        blocks.forEach(block -> block.write(out));
        Rtcp.end(out, start);
    }
}
