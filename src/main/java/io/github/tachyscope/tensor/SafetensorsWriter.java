package io.github.tachyscope.tensor;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;

/** Writes safetensors files: aside first, renamed when complete. */
public final class SafetensorsWriter {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ALIGNMENT = 8;
    /** A pointer's buffer is counted in ints; larger tensors go out in pieces. */
    private static final long PIECE = 1L << 30;

    private SafetensorsWriter() {}

    /**
     * Writes {@code tensors} in their order, converted to {@code precision}.
     *
     * @param metadata goes into the header
     */
    public static void write(Path path, Map<String, Tensor> tensors, Precision precision, Map<String, String> metadata)
            throws IOException {
        Path aside = path.resolveSibling(path.getFileName() + ".part");
        try (FileChannel channel = FileChannel.open(
                aside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            writeFully(channel, header(tensors, precision, metadata));
            for (Tensor tensor : tensors.values()) {
                try (TensorScope scope = TensorScope.inference()) {
                    write(channel, Placement.CPU.with(precision).place(tensor).contiguous());
                }
            }
            channel.force(true);
        } catch (IOException | RuntimeException failed) {
            Files.deleteIfExists(aside);
            throw failed;
        }
        Files.move(aside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static ByteBuffer header(Map<String, Tensor> tensors, Precision precision, Map<String, String> metadata)
            throws IOException {
        ObjectNode header = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode texts = header.putObject("__metadata__");
            metadata.forEach(texts::put);
        }
        String type = Arrays.stream(SafetensorsEntry.Type.values())
                .filter(known -> known.scalar() == precision.type())
                .findFirst()
                .orElseThrow()
                .name();
        long position = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            ObjectNode node = header.putObject(entry.getKey()).put("dtype", type);
            long[] shape = entry.getValue().shape();
            Arrays.stream(shape).forEach(node.putArray("shape")::add);
            long end = position + Arrays.stream(shape).reduce(precision.bytes(), (a, b) -> a * b);
            node.putArray("data_offsets").add(position).add(end);
            position = end;
        }
        byte[] json = JSON.writeValueAsBytes(header);
        int padded = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        byte[] spaces = " ".repeat(padded - json.length).getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(Long.BYTES + padded)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(padded)
                .put(json)
                .put(spaces)
                .flip();
    }

    private static void write(FileChannel channel, Tensor tensor) throws IOException {
        long bytes = tensor.nbytes();
        for (long start = 0; start < bytes; start += PIECE) {
            BytePointer piece = new BytePointer(tensor.data_ptr());
            piece.position(start).limit(Math.min(bytes, start + PIECE));
            writeFully(channel, piece.asByteBuffer());
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
