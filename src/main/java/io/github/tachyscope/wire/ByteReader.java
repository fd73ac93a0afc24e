package io.github.tachyscope.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads big-endian fields from a range of bytes. Every read checks the bounds and throws {@link MalformedPacket}
 * instead of leaving the range.
 */
public final class ByteReader {
    private final byte[] bytes;
    private final int end;
    private int position;

    public ByteReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    /** Reads {@code length} bytes from {@code offset}; both are the caller's and must lie inside the array. */
    public ByteReader(byte[] bytes, int offset, int length) {
        if (offset < 0 || length < 0 || offset > bytes.length - length) {
            throw new IllegalArgumentException("range " + offset + "+" + length + " of " + bytes.length);
        }
        this.bytes = bytes;
        this.position = offset;
        this.end = offset + length;
    }

    public int remaining() {
        return end - position;
    }

    /** Index of the next byte in the underlying array. */
    public int position() {
        return position;
    }

    public int u8() {
        need(1);
        return bytes[position++] & 0xFF;
    }

    /** The next byte without consuming it. */
    public int peekU8() {
        need(1);
        return bytes[position] & 0xFF;
    }

    public int u16() {
        need(2);
        int value = (bytes[position] & 0xFF) << 8 | (bytes[position + 1] & 0xFF);
        position += 2;
        return value;
    }

    public int u24() {
        return u8() << 16 | u16();
    }

    public int i32() {
        need(4);
        int value = (bytes[position] & 0xFF) << 24
                | (bytes[position + 1] & 0xFF) << 16
                | (bytes[position + 2] & 0xFF) << 8
                | (bytes[position + 3] & 0xFF);
        position += 4;
        return value;
    }

    public long u32() {
        return i32() & 0xFFFF_FFFFL;
    }

    public long i64() {
        return u32() << 32 | u32();
    }

    /** A copy of the next {@code length} bytes. */
    public byte[] bytes(int length) {
        need(length);
        byte[] copy = Arrays.copyOfRange(bytes, position, position + length);
        position += length;
        return copy;
    }

    /** A copy of all that is left. */
    public byte[] rest() {
        return bytes(remaining());
    }

    /** A reader over the next {@code length} bytes, which count as read here. */
    public ByteReader slice(int length) {
        need(length);
        ByteReader slice = new ByteReader(bytes, position, length);
        position += length;
        return slice;
    }

    public ByteReader skip(int length) {
        need(length);
        position += length;
        return this;
    }

    public String utf8(int length) {
        need(length);
        String text = new String(bytes, position, length, StandardCharsets.UTF_8);
        position += length;
        return text;
    }

    private void need(int length) {
        if (length < 0 || length > end - position) {
            throw new MalformedPacket("needs " + length + " more bytes where " + (end - position) + " are left");
        }
    }
}
