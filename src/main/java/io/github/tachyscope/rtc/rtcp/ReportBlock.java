package io.github.tachyscope.rtc.rtcp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;

/**
 * What a receiver says about one source (RFC 3550 section 6.4.1).
 *
 * @param fractionLost since the previous report, in 1/256
 * @param cumulativeLost since the beginning; negative with duplicates
 * @param highestSequence extended highest sequence number
 * @param jitter in units of the RTP clock
 * @param lastSenderReport middle 32 bits of the NTP time of the last sender report, zero for none
 * @param delaySinceLastReport in 1/65536 s
 */
public record ReportBlock(
        long ssrc,
        int fractionLost,
        int cumulativeLost,
        long highestSequence,
        long jitter,
        long lastSenderReport,
        long delaySinceLastReport) {
    static ReportBlock parse(ByteReader in) {
        long ssrc = in.u32();
        int fraction = in.u8();
        int cumulative = in.u24() << 8 >> 8;
        return new ReportBlock(ssrc, fraction, cumulative, in.u32(), in.u32(), in.u32(), in.u32());
    }

    void write(ByteWriter out) {
        out.u32(ssrc).u8(fractionLost).u24(Math.max(-0x80_0000, Math.min(0x7F_FFFF, cumulativeLost)));
        out.u32(highestSequence).u32(jitter).u32(lastSenderReport).u32(delaySinceLastReport);
    }
}
