package io.github.tachyscope.rtc.srtp;

import java.util.Arrays;
import org.jitsi.utils.ByteArrayBuffer;

/** The one packet that the library is working on; reused, so that protecting a packet allocates nothing here. */
final class PacketBuffer implements ByteArrayBuffer {
    private byte[] bytes = new byte[0];
    private int offset;
    private int length;

    PacketBuffer over(byte[] packet, int packetLength) {
        bytes = packet;
        offset = 0;
        length = packetLength;
        return this;
    }

    @Override
    public byte[] getBuffer() {
        return bytes;
    }

    @Override
    public int getOffset() {
        return offset;
    }

    @Override
    public int getLength() {
        return length;
    }

    @Override
    public void setLength(int newLength) {
        length = newLength;
    }

    @Override
    public void setOffset(int newOffset) {
        offset = newOffset;
    }

    @Override
    public boolean isInvalid() {
        return offset < 0 || length < 0 || offset > bytes.length - length;
    }

    @Override
    public void readRegionToBuff(int from, int count, byte[] target) {
        System.arraycopy(bytes, offset + from, target, 0, count);
    }

    @Override
    public void grow(int more) {
        if (offset + length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, offset + length + more);
        }
    }

    @Override
    public void append(byte[] source, int count) {
        grow(count);
        System.arraycopy(source, 0, bytes, offset + length, count);
        length += count;
    }

    @Override
    public void shrink(int count) {
        length = Math.max(0, length - count);
    }
}
