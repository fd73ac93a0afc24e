package io.github.tachyscope.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.bytedeco.javacpp.Pointer;

/**
 * Counts native objects. What earlier tests of this process left to the collector may vanish at any moment, so a count
 * may fall by itself, but never rise.
 */
public final class NativeObjects {
    private NativeObjects() {}

    /** Fails if there are more native objects than {@code before}. */
    public static void assertNoMoreThan(long before, String... context) {
        long now = Pointer.totalCount();
        assertTrue(
                now <= before, () -> now + " native objects; there were " + before + " " + String.join(" ", context));
    }
}
