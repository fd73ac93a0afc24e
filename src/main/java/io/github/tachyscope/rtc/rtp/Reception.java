package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.rtc.rtcp.ReportBlock;
import io.github.tachyscope.rtc.rtcp.SenderReport;

/** Counts what arrives from one source, for reports about it (RFC 3550 appendix A.3 and A.8). */
final class Reception {
    private long first = -1;
    private long highest;
    private long received;
    private long expectedBefore;
    private long receivedBefore;
    private double jitter;
    private long lastTransit;
    private long senderReport;
    private long senderReportAt;

    void packet(long sequence, long timestamp, long nowMicros) {
        if (first < 0) {
            first = sequence;
            highest = sequence;
        }
        received++;
        highest = Math.max(highest, sequence);
        long transit = nowMicros * 9 / 100 - timestamp;
        if (received > 1) {
            jitter += (Math.abs((int) (transit - lastTransit)) - jitter) / 16;
        }
        lastTransit = transit;
    }

    void senderReport(SenderReport report, long nowMicros) {
        senderReport = report.middleOfNtp();
        senderReportAt = nowMicros;
    }

    boolean started() {
        return first >= 0;
    }

    long lost() {
        return started() ? Math.max(0, highest - first + 1 - received) : 0;
    }

    long jitterMicros() {
        return (long) (jitter * 100 / 9);
    }

    /** The report since the last one. */
    ReportBlock report(long ssrc, long nowMicros) {
        long expected = highest - first + 1;
        long expectedNow = expected - expectedBefore;
        long lostNow = expectedNow - (received - receivedBefore);
        expectedBefore = expected;
        receivedBefore = received;
        int fraction = expectedNow <= 0 || lostNow <= 0 ? 0 : (int) Math.min(255, lostNow * 256 / expectedNow);
        long delay = senderReport == 0 ? 0 : Math.min(0xFFFF_FFFFL, (nowMicros - senderReportAt) * 65_536 / 1_000_000);
        return new ReportBlock(
                ssrc,
                fraction,
                (int) (expected - received),
                highest & 0xFFFF_FFFFL,
                (long) jitter,
                senderReport,
                delay);
    }
}
