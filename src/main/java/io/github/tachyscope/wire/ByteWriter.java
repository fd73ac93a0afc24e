package io.github.tachyscope.wire;

import java.util.Arrays;

/** Writes big-endian fields into a growing buffer. */
public final class ByteWriter {
    private byte[] bytes;
    private int size;

    public ByteWriter(int expectedSize) {
        bytes = new byte[Math.max(16, expectedSize)];
    }

    public int size() {
        return size;
    }

    public ByteWriter u8(int value) {
        grow(1);
        bytes[size++] = (byte) value;
        return this;
    }

    public ByteWriter u16(int value) {
        return u8(value >>> 8).u8(value);
    }

    public ByteWriter u24(int value) {
        return u8(value >>> 16).u16(value);
    }

    public ByteWriter u32(long value) {
        return u16((int) (value >>> 16)).u16((int) value);
    }

    public ByteWriter i64(long value) {
        return u32(value >>> 32).u32(value);
    }

    public ByteWriter bytes(byte[] source) {
        return bytes(source, 0, source.length);
    }

    public ByteWriter bytes(byte[] source, int offset, int length) {
        grow(length);
        System.arraycopy(source, offset, bytes, size, length);
        size += length;
        return this;
    }

    /** Zeros up to the next multiple of {@code alignment}. */
    public ByteWriter padTo(int alignment) {
        while (size % alignment != 0) {
            u8(0);
        }
        return this;
    }

    /** Overwrites two bytes written before, for lengths known only afterwards. */
    public ByteWriter setU16(int index, int value) {
        if (index < 0 || index + 2 > size) {
            throw new IndexOutOfBoundsException(index);
        }
        bytes[index] = (byte) (value >>> 8);
        bytes[index + 1] = (byte) value;
        return this;
    }

    public byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    private void grow(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }
}
