package io.github.tachyscope.diffusion;

/** A step did not find the device memory that it needs. The executor frees the run; others go on. */
public final class OutOfDeviceMemory extends RuntimeException {
    private static final long serialVersionUID = 1;

    public OutOfDeviceMemory(String message, Throwable cause) {
        super(message, cause);
    }
}
