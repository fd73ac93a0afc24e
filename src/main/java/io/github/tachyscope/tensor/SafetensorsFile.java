package io.github.tachyscope.tensor;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A safetensors file, mapped into memory: nothing is read before a tensor is touched, whatever the file's size.
 *
 * <pre>
 * | 8 bytes: N, little endian | N bytes: JSON header | tensors, back to back |
 * header: {"name": {"dtype": "F16", "shape": [..], "data_offsets": [begin, end]}, .., "__metadata__": {"k": "v"}}
 * </pre>
 *
 * <p>The whole header is checked before anything is mapped.
 */
public final class SafetensorsFile implements AutoCloseable {
    /** Real headers are below 1 MB; protects the heap from a file that lies about its own. */
    static final long MAX_HEADER_BYTES = 100_000_000;

    private static final int LENGTH_BYTES = 8;
    private static final String METADATA = "__metadata__";
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Path path;
    private final Map<String, SafetensorsEntry> entries;
    private final Map<String, String> metadata;
    private final long dataStart;
    private final Tensor bytes;

    private SafetensorsFile(
            Path path,
            Map<String, SafetensorsEntry> entries,
            Map<String, String> metadata,
            long dataStart,
            Tensor bytes) {
        this.path = path;
        this.entries = entries;
        this.metadata = metadata;
        this.dataStart = dataStart;
        this.bytes = bytes;
    }

    /** @throws WeightsRejected if this is no safetensors file, or a damaged one */
    public static SafetensorsFile open(Path path) {
        String name = String.valueOf(path.getFileName());
        if (!name.endsWith(".safetensors")) {
            throw new WeightsRejected(
                    name + " is not a .safetensors file; pickled formats (.bin, .pt, .pth, .ckpt) are never read");
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            long headerBytes = headerLength(name, channel, size);
            JsonNode header = header(name, channel, (int) headerBytes);
            long dataStart = LENGTH_BYTES + headerBytes;
            Map<String, String> metadata = new LinkedHashMap<>();
            header.path(METADATA)
                    .properties()
                    .forEach(entry ->
                            metadata.put(entry.getKey(), entry.getValue().asText()));
            Map<String, SafetensorsEntry> entries = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> field : header.properties()) {
                if (!field.getKey().equals(METADATA)) {
                    entries.put(
                            field.getKey(),
                            SafetensorsEntry.parse(name, field.getKey(), field.getValue(), size - dataStart));
                }
            }
            SafetensorsEntry.checkLayout(name, entries.values(), size - dataStart);
            return new SafetensorsFile(
                    path,
                    Collections.unmodifiableMap(entries),
                    Collections.unmodifiableMap(metadata),
                    dataStart,
                    map(path, size));
        } catch (IOException unreadable) {
            throw new WeightsRejected(name + " cannot be read", unreadable);
        }
    }

    private static long headerLength(String name, FileChannel channel, long size) throws IOException {
        if (size < LENGTH_BYTES) {
            throw new WeightsRejected(name + " is " + size + " bytes long: no safetensors file");
        }
        long length =
                read(channel, 0, LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length < 2 || length > MAX_HEADER_BYTES || length > size - LENGTH_BYTES) {
            throw new WeightsRejected(name + " claims a header of " + Long.toUnsignedString(length)
                    + " bytes in a file of " + size + ": no safetensors file, or a cut one");
        }
        return length;
    }

    private static JsonNode header(String name, FileChannel channel, int length) throws IOException {
        try {
            JsonNode header = JSON.readTree(read(channel, LENGTH_BYTES, length).array());
            if (!header.isObject()) {
                throw new WeightsRejected(name + " has a header that is no JSON object");
            }
            return header;
        } catch (JsonProcessingException malformed) {
            throw new WeightsRejected(name + " has a damaged header: " + malformed.getOriginalMessage(), malformed);
        }
    }

    private static ByteBuffer read(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new IOException("the file became shorter");
            }
        }
        return buffer.flip();
    }

    private static Tensor map(Path path, long size) {
        try (TensorScope scope = TensorScope.plain()) {
            return TensorScope.keep(torch.from_file(
                    path.toString(),
                    new BoolOptional(false),
                    new LongOptional(size),
                    new TensorOptions(ScalarType.Byte)));
        }
    }

    /** What the file holds, in its order. */
    public Map<String, SafetensorsEntry> entries() {
        return entries;
    }

    public Map<String, String> metadata() {
        return metadata;
    }

    String name() {
        return String.valueOf(path.getFileName());
    }

    /** The tensor as stored: a view into the mapping, valid until the file is closed. Never written to. */
    public Tensor tensor(String name) {
        SafetensorsEntry entry = entries.get(name);
        if (entry == null) {
            throw new WeightsRejected("tensor " + name + " is missing in " + name());
        }
        long start = dataStart + entry.begin();
        Tensor raw = bytes.narrow(0, start, entry.end() - entry.begin());
        if (start % entry.type().bytes() != 0) {
            // Views of a wider type must begin at a multiple of its size.
            raw = raw.clone();
        }
        return raw.view(entry.type().scalar()).view(entry.shape());
    }

    @Override
    public void close() {
        TensorScope.release(bytes);
    }
}
