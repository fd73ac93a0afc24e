package io.github.tachyscope.rtc.sctp;

/**
 * One data channel in the table.
 *
 * <pre>
 *   ours:   opening --ACK or first message--> open
 *   theirs: open
 *   any --close() or incoming reset--> closing --both sides reset--> gone
 * </pre>
 */
final class Channel {
    private final int id;
    private final ChannelOptions options;
    private boolean open;
    private boolean closing;
    private boolean closeTold;
    private boolean incomingReset;
    private boolean outgoingReset;

    Channel(int id, ChannelOptions options) {
        this.id = id;
        this.options = options;
    }

    int id() {
        return id;
    }

    ChannelOptions options() {
        return options;
    }

    boolean isOpen() {
        return open;
    }

    /** True the first time. */
    boolean becomesOpen() {
        boolean first = !open && !closing;
        open = true;
        return first;
    }

    boolean isClosing() {
        return closing;
    }

    /** True the first time. */
    boolean startsClosing() {
        boolean first = !closing;
        closing = true;
        return first;
    }

    /** True the first time: the layer above hears of the end once. */
    boolean tellsClose() {
        boolean first = !closeTold;
        closeTold = true;
        return first;
    }

    void incomingReset() {
        incomingReset = true;
    }

    void outgoingReset() {
        outgoingReset = true;
    }

    boolean isIncomingReset() {
        return incomingReset;
    }

    boolean isGone() {
        return incomingReset && outgoingReset;
    }

    /** Until the peer has confirmed the channel everything is ordered, so that nothing overtakes OPEN. */
    boolean sendsOrdered() {
        return options.ordered() || !open;
    }

    OutgoingMessage message(long ppid, byte[] payload, long nowMicros) {
        long expires = options.maxLifetimeMillis().isPresent()
                ? nowMicros + options.maxLifetimeMillis().getAsInt() * 1000L
                : Alarm.NEVER;
        return new OutgoingMessage(
                id, ppid, payload, sendsOrdered(), options.maxRetransmits().orElse(OutgoingMessage.UNLIMITED), expires);
    }
}
