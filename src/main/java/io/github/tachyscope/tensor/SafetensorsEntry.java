package io.github.tachyscope.tensor;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * One tensor of a safetensors header.
 *
 * @param begin first byte, counted from the end of the header
 * @param end byte after the last one
 */
public record SafetensorsEntry(String name, Type type, long[] shape, long begin, long end) {
    /** More axes than any network has; protects against absurd headers. */
    private static final int MAX_AXES = 8;

    public SafetensorsEntry {
        shape = shape.clone();
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    /** Number formats that tensors come in. */
    public enum Type {
        F32(ScalarType.Float, 4),
        F16(ScalarType.Half, 2),
        BF16(ScalarType.BFloat16, 2),
        F64(ScalarType.Double, 8),
        I64(ScalarType.Long, 8),
        I32(ScalarType.Int, 4),
        I16(ScalarType.Short, 2),
        I8(ScalarType.Char, 1),
        U8(ScalarType.Byte, 1),
        BOOL(ScalarType.Bool, 1);

        private final ScalarType scalar;
        private final int bytes;

        Type(ScalarType scalar, int bytes) {
            this.scalar = scalar;
            this.bytes = bytes;
        }

        /** Whether it can be weights. */
        public boolean floating() {
            return this == F32 || this == F16 || this == BF16 || this == F64;
        }

        public ScalarType scalar() {
            return scalar;
        }

        /** Bytes of one number. */
        public int bytes() {
            return bytes;
        }
    }

    static SafetensorsEntry parse(String file, String name, JsonNode node, long dataBytes) {
        JsonNode offsets = node.path("data_offsets");
        JsonNode axes = node.path("shape");
        if (!offsets.isArray() || offsets.size() != 2 || !axes.isArray() || axes.size() > MAX_AXES) {
            throw rejected(file, name, "has a damaged entry");
        }
        Type type = Arrays.stream(Type.values())
                .filter(known -> known.name().equals(node.path("dtype").asText()))
                .findFirst()
                .orElseThrow(() -> rejected(
                        file,
                        name,
                        "has the type " + node.path("dtype") + "; known are " + Arrays.toString(Type.values())));
        long[] shape = new long[axes.size()];
        long numbers = 1;
        try {
            for (int axis = 0; axis < shape.length; axis++) {
                shape[axis] = whole(file, name, axes.get(axis));
                numbers = Math.multiplyExact(numbers, shape[axis]);
            }
            long begin = whole(file, name, offsets.get(0));
            long end = whole(file, name, offsets.get(1));
            if (end > dataBytes || begin > end) {
                throw rejected(
                        file,
                        name,
                        "lies at bytes " + begin + " to " + end + " of " + dataBytes + ": the file is damaged or cut");
            }
            if (Math.multiplyExact(numbers, (long) type.bytes()) != end - begin) {
                throw rejected(file, name, "has " + (end - begin) + " bytes for " + numbers + " numbers of " + type);
            }
            return new SafetensorsEntry(name, type, shape, begin, end);
        } catch (ArithmeticException overflow) {
            throw rejected(file, name, "has an absurd shape");
        }
    }

    private static long whole(String file, String name, JsonNode number) {
        if (!number.isIntegralNumber() || !number.canConvertToLong() || number.asLong() < 0) {
            throw rejected(file, name, "has a damaged entry: " + number);
        }
        return number.asLong();
    }

    /** The tensors must cover the data without holes and overlaps: nothing can hide between them. */
    static void checkLayout(String file, Collection<SafetensorsEntry> entries, long dataBytes) {
        long position = 0;
        for (SafetensorsEntry entry : entries.stream()
                .sorted(Comparator.comparingLong(SafetensorsEntry::begin).thenComparing(SafetensorsEntry::end))
                .toList()) {
            if (entry.begin() != position) {
                throw rejected(
                        file,
                        entry.name(),
                        "begins at byte " + entry.begin() + " where " + position
                                + " was expected: overlapping tensors or a hole");
            }
            position = entry.end();
        }
        if (position != dataBytes) {
            throw new WeightsRejected(
                    file + " holds " + dataBytes + " bytes of data; its header speaks of " + position);
        }
    }

    private static WeightsRejected rejected(String file, String name, String what) {
        return new WeightsRejected("tensor " + name + " in " + file + " " + what);
    }
}
