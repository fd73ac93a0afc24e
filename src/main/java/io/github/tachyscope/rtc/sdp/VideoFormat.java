package io.github.tachyscope.rtc.sdp;

import io.github.tachyscope.frame.VideoCodec;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The codec agreed on for a video line, with the numbers that the offer gave it.
 *
 * @param payloadType of the pictures
 * @param rtxPayloadType of their retransmissions (RFC 4588); without it packets are repeated as they were
 * @param profileLevelId of H.264 as offered; empty for VP8
 */
public record VideoFormat(
        VideoCodec codec, int payloadType, OptionalInt rtxPayloadType, String profileLevelId, Set<Feedback> feedback) {

    /** Kinds of RTCP feedback, by their words in {@code a=rtcp-fb}. */
    public enum Feedback {
        NACK("nack"),
        PLI("nack pli"),
        FIR("ccm fir"),
        TRANSPORT_CC("transport-cc"),
        REMB("goog-remb");

        private final String words;

        Feedback(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }
}
