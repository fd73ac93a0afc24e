package io.github.tachyscope.rtc.sctp;

/** What happens on an association and its channels. */
public sealed interface DataChannelEvent {

    /** The handshake is done. */
    record AssociationUp() implements DataChannelEvent {}

    /** The association is gone for good, and with it every channel; no {@link ChannelClosed} follows. */
    record AssociationDown(String reason) implements DataChannelEvent {}

    /** A channel is ready: the peer opened it, or the peer accepted ours. */
    record Opened(int id, ChannelOptions options) implements DataChannelEvent {
        public String label() {
            return options.label();
        }
    }

    record Text(int id, String text) implements DataChannelEvent {}

    record Binary(int id, byte[] bytes) implements DataChannelEvent {}

    /** The peer closed the channel, or our close is complete. */
    record ChannelClosed(int id) implements DataChannelEvent {}
}
