package io.github.tachyscope.diffusion;

/** A parameter that passed its schema but cannot be honoured; the message is fit for the client. */
public final class ParameterRejected extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String parameter;

    public ParameterRejected(String parameter, String message) {
        super(message);
        this.parameter = parameter;
    }

    public String parameter() {
        return parameter;
    }
}
