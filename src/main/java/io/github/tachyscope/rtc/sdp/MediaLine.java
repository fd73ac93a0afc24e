package io.github.tachyscope.rtc.sdp;

import java.util.List;
import java.util.Map;

/** One m-line of an offer, with what was decided about it. */
public sealed interface MediaLine {
    /** What identifies the line, and its packets, on the shared transport. */
    String mid();

    /**
     * A line of pictures that will work.
     *
     * @param direction as the offer says it
     * @param extensions by their numbers in the offer
     * @param ssrcs sources that the offer announces; may be empty
     */
    record Video(
            String mid,
            Direction direction,
            VideoFormat format,
            Map<HeaderExtension, Integer> extensions,
            boolean reducedSizeRtcp,
            List<Long> ssrcs)
            implements MediaLine {}

    /**
     * A line of sound. The server makes none, so it is answered as inactive.
     *
     * @param payloadType of Opus
     */
    record Audio(String mid, int payloadType) implements MediaLine {}

    /**
     * The line of the data channels.
     *
     * @param protocol as offered, with UDP or TCP
     * @param maxMessageSize largest message that the other side takes, in bytes
     */
    record Data(String mid, String protocol, int remotePort, int maxMessageSize) implements MediaLine {}

    /** A line that cannot be served; its kind, protocol and first format are repeated in the answer with port 0. */
    record Rejected(String mid, String kind, String protocol, String format) implements MediaLine {}
}
