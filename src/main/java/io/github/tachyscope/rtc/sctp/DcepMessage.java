package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.wire.ByteReader;
import io.github.tachyscope.wire.ByteWriter;
import io.github.tachyscope.wire.MalformedPacket;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/** The two messages of the data channel establishment protocol (RFC 8832 section 5). */
sealed interface DcepMessage {

    byte[] encode();

    static DcepMessage read(byte[] bytes) {
        ByteReader in = new ByteReader(bytes);
        int type = in.u8();
        if (type == Ack.TYPE) {
            return new Ack();
        }
        if (type == Open.TYPE) {
            return Open.read(in);
        }
        throw new MalformedPacket("DCEP message type " + type);
    }

    /** The peer took our channel. */
    record Ack() implements DcepMessage {
        static final int TYPE = 2;

        @Override
        public byte[] encode() {
            return new byte[] {TYPE};
        }
    }

    /**
     * Opens a channel on the stream that carries it.
     *
     * <pre>
     *   type (8) | channel type (8) | priority (16) | reliability (32) | label length (16) | protocol length (16)
     *   label | protocol
     * </pre>
     */
    record Open(ChannelOptions options) implements DcepMessage {
        static final int TYPE = 3;
        private static final int UNORDERED = 0x80;
        private static final int RELIABLE = 0;
        private static final int LIMITED_RETRANSMITS = 1;
        private static final int LIMITED_LIFETIME = 2;
        /** "Normal" of RFC 8831 section 6.4. */
        private static final int PRIORITY = 256;

        static Open read(ByteReader in) {
            int channelType = in.u8();
            in.skip(2);
            int reliability = (int) Math.min(Integer.MAX_VALUE, in.u32());
            int labelBytes = in.u16();
            int protocolBytes = in.u16();
            String label = in.utf8(labelBytes);
            String protocol = in.utf8(protocolBytes);
            int kind = channelType & ~UNORDERED;
            if (kind > LIMITED_LIFETIME || ChannelOptions.tooLong(label) || ChannelOptions.tooLong(protocol)) {
                throw new MalformedPacket("channel type " + channelType + ", label of " + labelBytes + " bytes");
            }
            return new Open(new ChannelOptions(
                    label,
                    protocol,
                    (channelType & UNORDERED) == 0,
                    kind == LIMITED_RETRANSMITS ? OptionalInt.of(reliability) : OptionalInt.empty(),
                    kind == LIMITED_LIFETIME ? OptionalInt.of(reliability) : OptionalInt.empty()));
        }

        @Override
        public byte[] encode() {
            int kind = RELIABLE;
            if (options.maxRetransmits().isPresent()) {
                kind = LIMITED_RETRANSMITS;
            } else if (options.maxLifetimeMillis().isPresent()) {
                kind = LIMITED_LIFETIME;
            }
            byte[] label = options.label().getBytes(StandardCharsets.UTF_8);
            byte[] protocol = options.protocol().getBytes(StandardCharsets.UTF_8);
            int limit =
                    options.maxRetransmits().orElse(options.maxLifetimeMillis().orElse(0));
            return new ByteWriter(12 + label.length + protocol.length)
                    .u8(TYPE)
                    .u8(options.ordered() ? kind : kind | UNORDERED)
                    .u16(PRIORITY)
                    .u32(limit)
                    .u16(label.length)
                    .u16(protocol.length)
                    .bytes(label)
                    .bytes(protocol)
                    .toBytes();
        }
    }
}
