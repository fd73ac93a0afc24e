package io.github.tachyscope.api.scope;

import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * An array that a client sent, in a file of its own: raw elements in C order, little-endian, without a header.
 *
 * @param file deleted by {@link #close()}
 * @param shape sizes of the dimensions, the slowest first
 */
record EncodedArray(Path file, List<Long> shape) implements AutoCloseable {
    private static final int CHANNELS = 3;

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

    /**
     * One picture of an array of bytes {@code [T, H, W, 3]}.
     *
     * @param index from 0; taken modulo T, so that a short video is repeated
     */
    VideoFrame picture(long index, long ptsMicros) {
        int height = Math.toIntExact(shape.get(1));
        int width = Math.toIntExact(shape.get(2));
        byte[] rgb = new byte[CHANNELS * width * height];
        ByteBuffer buffer = ByteBuffer.wrap(rgb);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long position = index % shape.get(0) * rgb.length;
            while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) > 0) {
                // Reads of large pictures may come in pieces.
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("an uploaded array cannot be read", failure);
        }
        return VideoFrame.of(PixelFormat.RGB24, width, height, rgb, ptsMicros);
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
