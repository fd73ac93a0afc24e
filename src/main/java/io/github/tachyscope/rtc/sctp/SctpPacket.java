package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import io.github.tachyscope.wire.MalformedPacket;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * An SCTP packet (RFC 9260 section 3.1), one per DTLS record.
 *
 * <pre>
 *   source port (16) | destination port (16) | verification tag (32) | CRC32c (32, little endian) | chunks
 * </pre>
 */
record SctpPacket(int sourcePort, int destinationPort, int tag, List<Chunk> chunks) {
    static final int HEADER_BYTES = 12;
    private static final int CHECKSUM_OFFSET = 8;

    /** Whether the checksum holds; also false for what is too short to have one. */
    static boolean hasValidChecksum(byte[] bytes) {
        if (bytes.length < HEADER_BYTES) {
            return false;
        }
        int written = new ByteReader(bytes, CHECKSUM_OFFSET, 4).i32();
        return Integer.reverseBytes(written) == checksum(bytes);
    }

    static SctpPacket read(byte[] bytes) {
        ByteReader in = new ByteReader(bytes);
        int sourcePort = in.u16();
        int destinationPort = in.u16();
        int tag = in.i32();
        in.skip(4);
        List<Chunk> chunks = new ArrayList<>();
        while (in.remaining() > 0) {
            chunks.add(Chunk.read(in));
        }
        if (chunks.isEmpty()) {
            throw new MalformedPacket("packet without chunks");
        }
        return new SctpPacket(sourcePort, destinationPort, tag, List.copyOf(chunks));
    }

    byte[] encode() {
        return encode(
                sourcePort,
                destinationPort,
                tag,
                chunks.stream().map(Chunk::encode).toList());
    }

    /** Puts a header with checksum before chunks that are encoded already. */
    static byte[] encode(int sourcePort, int destinationPort, int tag, List<byte[]> encodedChunks) {
        ByteWriter out = new ByteWriter(256)
                .u16(sourcePort)
                .u16(destinationPort)
                .u32(tag)
                .u32(0);
        encodedChunks.forEach(out::bytes);
        return withChecksum(out.toBytes());
    }

    /** Writes the right checksum into a packet, in place. */
    static byte[] withChecksum(byte[] bytes) {
        int checksum = checksum(bytes);
        for (int i = 0; i < 4; i++) {
            bytes[CHECKSUM_OFFSET + i] = (byte) (checksum >>> 8 * i);
        }
        return bytes;
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, CHECKSUM_OFFSET);
        crc.update(0);
        crc.update(0);
        crc.update(0);
        crc.update(0);
        crc.update(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES);
        return (int) crc.getValue();
    }
}
