package io.github.tachyscope.tensor;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * An open safetensors file: the header is read and checked at once, a tensor's bytes when it is asked for.
 *
 * <pre>
 * | 8 bytes: N, little endian | N bytes: JSON header | tensors, back to back |
 * header: {"name": {"dtype": "F16", "shape": [..], "data_offsets": [begin, end]}, .., "__metadata__": {"k": "v"}}
 * </pre>
 *
 * <p>Tensors are read, not mapped. Whoever cuts or overwrites a mapped file later changes the model behind its back or
 * ends the process with SIGBUS; a read that finds too little is an ordinary refusal. Most tensors are converted anyway,
 * and conversion needs the same memory.
 */
public final class SafetensorsFile implements AutoCloseable {
    /** Real headers are below 1 MB; protects the heap, where the parsed header takes some twenty times as much. */
    static final long MAX_HEADER_BYTES = 10_000_000;

    static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final int LENGTH_BYTES = 8;
    private static final String METADATA = "__metadata__";

    /** A buffer is counted in ints; larger tensors come in pieces. */
    private static final long PIECE = 1L << 30;

    /** A zip archive, little endian: what PyTorch writes since 1.6. */
    private static final int ZIP = 0x04034b50;

    /** First byte of a pickle of protocol 2 or later. */
    private static final int PICKLE = 0x80;

    private final String name;
    private final FileChannel channel;
    private final long dataStart;
    private final Map<String, SafetensorsEntry> entries;
    private final Map<String, String> metadata;

    private SafetensorsFile(
            String name,
            FileChannel channel,
            long dataStart,
            Map<String, SafetensorsEntry> entries,
            Map<String, String> metadata) {
        this.name = name;
        this.channel = channel;
        this.dataStart = dataStart;
        this.entries = Collections.unmodifiableMap(entries);
        this.metadata = Collections.unmodifiableMap(metadata);
    }

    /** @throws WeightsRejected if it is not what its header says, or no safetensors file at all */
    public static SafetensorsFile open(Path path) {
        String name = String.valueOf(path.getFileName());
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            try {
                return open(name, channel);
            } catch (IOException | RuntimeException failed) {
                channel.close();
                throw failed;
            }
        } catch (NoSuchFileException absent) {
            throw new WeightsRejected("there is no " + name, absent);
        } catch (IOException unreadable) {
            throw new WeightsRejected(name + " cannot be read", unreadable);
        }
    }

    private static SafetensorsFile open(String name, FileChannel channel) throws IOException {
        long size = channel.size();
        long length = headerLength(name, channel, size);
        long dataStart = LENGTH_BYTES + length;
        Map<String, SafetensorsEntry> entries = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field :
                header(name, channel, (int) length).properties()) {
            if (field.getKey().equals(METADATA)) {
                metadata.putAll(texts(name, field.getValue()));
            } else {
                entries.put(
                        field.getKey(),
                        SafetensorsEntry.parse(name, field.getKey(), field.getValue(), size - dataStart));
            }
        }
        SafetensorsEntry.checkLayout(name, entries.values(), size - dataStart);
        return new SafetensorsFile(name, channel, dataStart, entries, metadata);
    }

    private static long headerLength(String name, FileChannel channel, long size) throws IOException {
        if (size < LENGTH_BYTES) {
            throw new WeightsRejected(name + " is " + size + " bytes long: no safetensors file");
        }
        ByteBuffer start = read(channel, 0, LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        long length = start.getLong(0);
        if (length >= 2 && length <= MAX_HEADER_BYTES && length <= size - LENGTH_BYTES) {
            return length;
        }
        if (start.getInt(0) == ZIP || Byte.toUnsignedInt(start.get(0)) == PICKLE) {
            throw new WeightsRejected(name + " is a pickle and is never read: convert it to safetensors");
        }
        throw new WeightsRejected(name + " claims a header of " + Long.toUnsignedString(length) + " bytes in a file of "
                + size + ": no safetensors file, or a cut one");
    }

    private static JsonNode header(String name, FileChannel channel, int length) throws IOException {
        try {
            // Decoded here: Jackson would guess the encoding, and read a file as something else than others do.
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(read(channel, LENGTH_BYTES, length))
                    .toString();
            JsonNode header = JSON.readTree(text);
            if (!header.isObject()) {
                throw new WeightsRejected(name + " has a header that is no JSON object");
            }
            return header;
        } catch (CharacterCodingException malformed) {
            throw new WeightsRejected(name + " has a damaged header: it is not UTF-8", malformed);
        } catch (JsonProcessingException malformed) {
            throw new WeightsRejected(name + " has a damaged header: " + malformed.getOriginalMessage(), malformed);
        }
    }

    private static Map<String, String> texts(String name, JsonNode metadata) {
        Map<String, String> texts = new LinkedHashMap<>();
        metadata.properties()
                .forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
        if (!metadata.isObject() || !metadata.valueStream().allMatch(JsonNode::isTextual)) {
            throw new WeightsRejected(name + " has damaged metadata: only texts are allowed");
        }
        return texts;
    }

    private static ByteBuffer read(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        fill(channel, position, buffer);
        return buffer.flip();
    }

    private static void fill(FileChannel channel, long position, ByteBuffer buffer) throws IOException {
        long from = position - buffer.position();
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, from + buffer.position()) < 0) {
                throw new IOException("the file became shorter");
            }
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
        return name;
    }

    /**
     * The tensor as stored, in memory of its own.
     *
     * @throws WeightsRejected if there is none of this name, or if the file has changed since it was opened
     */
    public Tensor tensor(String tensorName) {
        SafetensorsEntry entry = entries.get(tensorName);
        if (entry == null) {
            throw new WeightsRejected("tensor " + tensorName + " is missing in " + name);
        }
        Tensor tensor =
                torch.empty(entry.shape(), new TensorOptions(entry.type().scalar()), new MemoryFormatOptional());
        long bytes = entry.end() - entry.begin();
        try {
            for (long done = 0; done < bytes; done += PIECE) {
                BytePointer piece = new BytePointer(tensor.data_ptr());
                piece.position(done).limit(Math.min(bytes, done + PIECE));
                fill(channel, dataStart + entry.begin() + done, piece.asByteBuffer());
            }
        } catch (IOException unreadable) {
            throw new WeightsRejected("tensor " + tensorName + " in " + name + " cannot be read any more", unreadable);
        }
        return tensor;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException lost) {
            // Closing what was only read loses nothing.
        }
    }
}
