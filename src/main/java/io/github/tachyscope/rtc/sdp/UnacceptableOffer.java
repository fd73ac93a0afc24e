package io.github.tachyscope.rtc.sdp;

/** An offer that cannot be answered. The message is fit for the client that made it. */
public final class UnacceptableOffer extends RuntimeException {
    private static final long serialVersionUID = 1;

    public UnacceptableOffer(String message) {
        super(message, null, false, false);
    }
}
