package io.github.tachyscope.tensor;

/** LibTorch cannot be used on this machine; the message is fit for a client, the cause for an operator. */
public final class TorchUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    TorchUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
