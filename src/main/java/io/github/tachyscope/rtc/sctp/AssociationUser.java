package io.github.tachyscope.rtc.sctp;

import java.util.List;

/** What the association tells the layer above it. */
interface AssociationUser {
    void up();

    void message(InboundMessage message);

    /** The peer reset its side of these streams; all of them if the list is empty. */
    void incomingReset(List<Integer> streamIds);

    /** Our side of the stream is reset. */
    void outgoingReset(int streamId);

    /** The association is gone for good. */
    void down(String reason);

    /** Bytes of messages handed over and not fetched yet. */
    int undeliveredBytes();
}
