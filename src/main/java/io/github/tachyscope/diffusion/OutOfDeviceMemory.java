package io.github.tachyscope.diffusion;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A step did not find the device memory that it needs. The executor frees the run; others go on. */
public final class OutOfDeviceMemory extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** How messages for people begin that say it. */
    public static final String MESSAGE = "not enough memory";

    /** What LibTorch, oneDNN and CUDA's libraries say, in lower case; they have no type of their own for it. */
    private static final List<String> TEXTS = List.of(
            "out of memory",
            "can't allocate memory",
            "cannot allocate memory",
            "not enough memory",
            "status_alloc_failed",
            "std::bad_alloc");

    /** Causes that are looked at; protects from a circle of them. */
    private static final int MAX_CAUSES = 8;

    public OutOfDeviceMemory(String message, Throwable cause) {
        super(message, cause);
    }

    /** {@code failure} as lack of memory; empty if it is something else. */
    public static Optional<OutOfDeviceMemory> in(Throwable failure) {
        Throwable link = failure;
        for (int i = 0; i < MAX_CAUSES && link != null; i++, link = link.getCause()) {
            if (link instanceof OutOfDeviceMemory known) {
                return Optional.of(known);
            }
            // The JVM's heap, or JavaCPP's watch over what lies outside it.
            if (link instanceof OutOfMemoryError || speaksOfMemory(link)) {
                return Optional.of(new OutOfDeviceMemory(MESSAGE, failure));
            }
        }
        return Optional.empty();
    }

    private static boolean speaksOfMemory(Throwable failure) {
        // Bindings throw this type itself; a subclass is somebody's own and knows what it means.
        if (failure.getClass() != RuntimeException.class) {
            return false;
        }
        String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return TEXTS.stream().anyMatch(message::contains);
    }
}
