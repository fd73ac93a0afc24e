package io.github.tachyscope.diffusion.sd.text;

/** A prompt asks for something that cannot be done; the message is fit for the client. */
public final class PromptRejected extends RuntimeException {
    private static final long serialVersionUID = 1;

    public PromptRejected(String message) {
        super(message);
    }
}
