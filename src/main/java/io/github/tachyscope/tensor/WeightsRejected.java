package io.github.tachyscope.tensor;

/** A weights file cannot be used; the message says which tensor and why, and is fit for an operator. */
public final class WeightsRejected extends RuntimeException {
    private static final long serialVersionUID = 1;

    public WeightsRejected(String message) {
        super(message);
    }

    public WeightsRejected(String message, Throwable cause) {
        super(message, cause);
    }
}
