package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.frame.VideoCodec;
import java.util.List;
import java.util.OptionalInt;

/**
 * What was negotiated for one video line.
 *
 * @param mid identification of the line
 * @param receives whether the other side sends pictures on it
 * @param sends whether we send pictures on it
 * @param rtxPayloadType retransmission format (RFC 4588), both directions
 * @param transportCcId header extension id; the ones below likewise
 * @param nack whether lost packets are asked for and sent again
 * @param pli whether key frames are asked for by PLI
 * @param fir whether key frames are asked for by FIR, used where PLI is not negotiated
 * @param transportCc whether both sides report arrivals of all packets
 * @param remb whether receivers report an estimate
 * @param localSsrc our source; also the sender of our feedback on a line that only receives
 * @param localRtxSsrc our retransmission source
 * @param remoteSsrcs announced sources, in any order; may be empty, they are learned then
 */
public record VideoLineConfig(
        String mid,
        boolean receives,
        boolean sends,
        VideoCodec codec,
        int payloadType,
        OptionalInt rtxPayloadType,
        OptionalInt transportCcId,
        OptionalInt playoutDelayId,
        OptionalInt midId,
        OptionalInt absSendTimeId,
        boolean nack,
        boolean pli,
        boolean fir,
        boolean transportCc,
        boolean remb,
        long localSsrc,
        long localRtxSsrc,
        List<Long> remoteSsrcs) {
    public VideoLineConfig {
        remoteSsrcs = List.copyOf(remoteSsrcs);
        if (payloadType < 0 || payloadType > 127) {
            throw new IllegalArgumentException("payload type " + payloadType + "; allowed are 0 to 127");
        }
    }
}
