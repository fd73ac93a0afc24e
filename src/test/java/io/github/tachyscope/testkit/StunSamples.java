package io.github.tachyscope.testkit;

import io.github.tachyscope.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Binding messages as ICE sends them, without a valid password. */
public final class StunSamples {
    private StunSamples() {}

    public static List<byte[]> all(String user) {
        return List.of(bindingRequest(user), bindingRequest("nobody:nobody"), bindingSuccess());
    }

    /** USERNAME, PRIORITY, ICE-CONTROLLING, USE-CANDIDATE, MESSAGE-INTEGRITY, FINGERPRINT. */
    public static byte[] bindingRequest(String user) {
        byte[] name = user.getBytes(StandardCharsets.US_ASCII);
        ByteWriter attributes = new ByteWriter(64);
        attributes.u16(0x0006).u16(name.length).bytes(name).padTo(4);
        attributes.u16(0x0024).u16(4).u32(1_853_824_767L);
        attributes.u16(0x802A).u16(8).i64(42);
        attributes.u16(0x0025).u16(0);
        attributes.u16(0x0008).u16(20).bytes(new byte[20]);
        attributes.u16(0x8028).u16(4).u32(0x12345678L);
        return message(0x0001, attributes.toBytes());
    }

    /** XOR-MAPPED-ADDRESS of a transaction that nobody began. */
    public static byte[] bindingSuccess() {
        ByteWriter attributes = new ByteWriter(16);
        attributes.u16(0x0020).u16(8).u16(1).u16(0x3344).u32(0x5E12A443L);
        return message(0x0101, attributes.toBytes());
    }

    private static byte[] message(int type, byte[] attributes) {
        return new ByteWriter(64)
                .u16(type)
                .u16(attributes.length)
                .u32(0x2112A442L)
                .bytes("transaction!".getBytes(StandardCharsets.US_ASCII))
                .bytes(attributes)
                .toBytes();
    }
}
