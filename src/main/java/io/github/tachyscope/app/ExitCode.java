package io.github.tachyscope.app;

/** What the process tells its parent; {@code docs/exit-codes.md} is for operators. */
public enum ExitCode {
    /** Ended as asked. */
    OK(0),
    /** Something else went wrong; the log says what. */
    FAILURE(1),
    /** The command line was not understood. */
    USAGE(2),
    /** The configuration cannot be used. */
    CONFIGURATION(3),
    /** An address or port is taken or not ours. */
    CANNOT_BIND(4),
    /** A device or a native library that is needed cannot be used. */
    NO_DEVICE(5),
    /** A model could not be downloaded; what has come is kept. */
    DOWNLOAD(6),
    /** A client asked for a restart. Ends the process only under a supervisor; else the server starts again inside it. */
    RESTART(42);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
