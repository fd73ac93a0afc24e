package io.github.tachyscope.diffusion.tiny.training;

/** A run cannot go on with what its folder holds. The message tells the operator why, and what would help. */
public final class TrainingRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TrainingRefused(String message) {
        super(message);
    }

    TrainingRefused(String message, Throwable cause) {
        super(message, cause);
    }
}
