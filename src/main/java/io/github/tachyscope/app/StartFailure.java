package io.github.tachyscope.app;

/** A command cannot go on, for a reason that the operator can do something about. */
final class StartFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final ExitCode exitCode;

    /** {@code message} is shown as it is, without a stack trace. */
    StartFailure(ExitCode exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    ExitCode exitCode() {
        return exitCode;
    }
}
