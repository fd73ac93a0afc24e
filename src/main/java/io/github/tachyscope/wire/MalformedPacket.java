package io.github.tachyscope.wire;

/** Bytes from the network that are not what they should be. Cheap to throw: it has no stack trace. */
public final class MalformedPacket extends RuntimeException {
    private static final long serialVersionUID = 1;

    public MalformedPacket(String message) {
        super(message, null, false, false);
    }
}
