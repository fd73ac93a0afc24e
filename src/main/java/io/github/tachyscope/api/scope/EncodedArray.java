package io.github.tachyscope.api.scope;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * An array that a client sent, in a file of its own: raw elements in C order, little-endian, without a header.
 *
 * @param file deleted by {@link #close()}
 * @param shape sizes of the dimensions, the slowest first
 */
record EncodedArray(Path file, List<Long> shape) implements AutoCloseable {
    /** Elements that a shape holds; negative if that is more than a file can hold or the shape makes no sense. */
    static long elements(List<Long> shape) {
        long product = 1;
        for (long size : shape) {
            if (size < 1 || product > Long.MAX_VALUE / size) {
                return -1;
            }
            product *= size;
        }
        return shape.isEmpty() ? -1 : product;
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException failure) {
            throw new UncheckedIOException("an uploaded array cannot be deleted", failure);
        }
    }
}
