package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import io.github.tachyscope.wire.MalformedPacket;

/**
 * One chunk of an SCTP packet (RFC 9260 section 3.2).
 *
 * <pre>
 *   type (8) | flags (8) | length (16, header and value, without padding) | value | padding to 4
 * </pre>
 */
sealed interface Chunk
        permits AbortChunk,
                CookieAckChunk,
                CookieEchoChunk,
                DataChunk,
                ErrorChunk,
                ForwardTsnChunk,
                HeartbeatAckChunk,
                HeartbeatChunk,
                InitAckChunk,
                InitChunk,
                ReconfigChunk,
                SackChunk,
                ShutdownAckChunk,
                ShutdownChunk,
                ShutdownCompleteChunk,
                UnknownChunk {

    int HEADER_BYTES = 4;

    int type();

    default int flags() {
        return 0;
    }

    /** Writes what follows the chunk header. */
    void writeValue(ByteWriter out);

    /** The whole chunk with header and padding. */
    default byte[] encode() {
        ByteWriter out = new ByteWriter(64).u8(type()).u8(flags()).u16(0);
        writeValue(out);
        return out.setU16(2, out.size()).padTo(4).toBytes();
    }

    /** Reads one chunk and its padding; the last chunk of a packet may lack the padding. */
    static Chunk read(ByteReader packet) {
        int type = packet.u8();
        int flags = packet.u8();
        int length = packet.u16();
        if (length < HEADER_BYTES) {
            throw new MalformedPacket("chunk length " + length);
        }
        ByteReader value = packet.slice(length - HEADER_BYTES);
        packet.skip(Math.min(packet.remaining(), -length & 3));
        return switch (type) {
            case DataChunk.TYPE -> DataChunk.read(flags, value);
            case InitChunk.TYPE -> InitChunk.read(value);
            case InitAckChunk.TYPE -> InitAckChunk.read(value);
            case SackChunk.TYPE -> SackChunk.read(value);
            case HeartbeatChunk.TYPE -> new HeartbeatChunk(value.rest());
            case HeartbeatAckChunk.TYPE -> new HeartbeatAckChunk(value.rest());
            case AbortChunk.TYPE -> AbortChunk.read(flags, value);
            case ShutdownChunk.TYPE -> new ShutdownChunk(value.i32());
            case ShutdownAckChunk.TYPE -> new ShutdownAckChunk();
            case ErrorChunk.TYPE -> new ErrorChunk(Parameter.readAll(value));
            case CookieEchoChunk.TYPE -> new CookieEchoChunk(value.rest());
            case CookieAckChunk.TYPE -> new CookieAckChunk();
            case ShutdownCompleteChunk.TYPE -> ShutdownCompleteChunk.read(flags);
            case ForwardTsnChunk.TYPE -> ForwardTsnChunk.read(value);
            case ReconfigChunk.TYPE -> ReconfigChunk.read(value);
            default -> new UnknownChunk(type, flags, value.rest());
        };
    }
}
