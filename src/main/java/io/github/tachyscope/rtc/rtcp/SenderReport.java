package io.github.tachyscope.rtc.rtcp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import java.util.List;

/**
 * What a sender says about its stream (RFC 3550 section 6.4.1, type 200).
 *
 * @param ntp 64-bit NTP time at which {@code rtpTimestamp} holds
 */
public record SenderReport(long ssrc, long ntp, long rtpTimestamp, long packets, long bytes, List<ReportBlock> blocks)
        implements RtcpPacket {
    public SenderReport {
        blocks = List.copyOf(blocks);
    }

    /** The part of the NTP time that a receiver quotes in its reports. */
    public long middleOfNtp() {
        return ntp >>> 16 & 0xFFFF_FFFFL;
    }

    static SenderReport parse(int count, ByteReader in) {
        return new SenderReport(in.u32(), in.i64(), in.u32(), in.u32(), in.u32(), ReceiverReport.blocks(count, in));
    }

    @Override
    public void write(ByteWriter out) {
        int start = Rtcp.begin(out, blocks.size(), Rtcp.SENDER_REPORT);
        out.u32(ssrc).i64(ntp).u32(rtpTimestamp).u32(packets).u32(bytes);
        blocks.forEach(block -> block.write(out));
        Rtcp.end(out, start);
    }
}
