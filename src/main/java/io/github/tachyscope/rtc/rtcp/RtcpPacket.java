package io.github.tachyscope.rtc.rtcp;

import io.github.tachyscope.wire.ByteWriter;

/** One RTCP message of a compound. */
public sealed interface RtcpPacket
        permits SenderReport,
                ReceiverReport,
                SourceDescription,
                Goodbye,
                Nack,
                PictureLoss,
                FullIntraRequest,
                ReceiverEstimate,
                TransportFeedback {

    /** Appends the whole message with its header. */
    void write(ByteWriter out);
}
