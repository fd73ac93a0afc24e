package io.github.tachyscope.tensor;

import java.io.IOException;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/**
 * The native library: whether it is there, what it is, how many threads it uses.
 *
 * <p>Nothing here loads it but {@link #require} and what describes it from the inside: a server without models never
 * pays for it.
 */
public final class Torch {
    private static final String LIBRARY = "jnitorch";

    /** What a thread asked for before it touched a tensor; gone once it was set. */
    private static final ThreadLocal<Integer> THREADS = new ThreadLocal<>();

    private Torch() {}

    /**
     * Loads the library if it is not loaded yet.
     *
     * @throws TorchUnavailable if that does not work here
     */
    public static void require() {
        try {
            torch.get_num_threads();
        } catch (LinkageError missing) {
            throw new TorchUnavailable(
                    "LibTorch cannot be loaded on this machine (" + Loader.getPlatform()
                            + "); \"tachyscope check\" says why",
                    missing);
        }
    }

    /** Whether it was loaded already. */
    public static boolean loaded() {
        return Loader.getLoadedLibraries().keySet().stream().anyMatch(name -> name.startsWith(LIBRARY));
    }

    /** Of LibTorch, such as {@code 2.10.0}; empty if it is not on the class path. Loads nothing. */
    public static Optional<String> version() {
        try {
            return Optional.ofNullable(Loader.getVersion("org.bytedeco", "pytorch"))
                    .map(version -> version.replaceFirst("-.*", ""));
        } catch (IOException absent) {
            return Optional.empty();
        }
    }

    /** How it was built, several lines. */
    public static String configuration() {
        require();
        try (BytePointer text = torch.show_config()) {
            return text.getString();
        }
    }

    /** Its thread pools, several lines. */
    public static String parallelInfo() {
        require();
        try (BytePointer text = torch.get_parallel_info()) {
            return text.getString();
        }
    }

    /**
     * Lets operations of the calling thread use so many threads, from its next {@link TensorScope} on. Other threads
     * keep theirs. Loads nothing: a thread that never touches a tensor has only said what it would want.
     */
    public static void useThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads " + threads);
        }
        THREADS.set(threads);
    }

    /** Does what {@link #useThreads} promised. */
    static void settle() {
        Integer threads = THREADS.get();
        if (threads != null) {
            THREADS.remove();
            torch.set_num_threads(threads);
        }
    }

    /** How many threads operations of the calling thread use. */
    public static int threads() {
        require();
        settle();
        return torch.get_num_threads();
    }
}
