package io.github.tachyscope.rtc.ice;

import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Builds STUN messages (RFC 8489) as ICE checks need them, one attribute after the other.
 *
 * <pre>
 *   type 16 | length 16 | cookie 32 | transaction 96 | attributes: type 16 | length 16 | value, padded to 4
 * </pre>
 */
final class StunMessage {
    static final int REQUEST = 0x0001;
    static final int SUCCESS = 0x0101;
    static final int HEADER = 20;
    static final int TRANSACTION = 12;

    static final int USERNAME = 0x0006;
    static final int PRIORITY = 0x0024;
    static final int USE_CANDIDATE = 0x0025;
    static final int ICE_CONTROLLING = 0x802A;
    private static final int INTEGRITY = 0x0008;
    private static final int MAPPED_ADDRESS = 0x0020;
    private static final int FINGERPRINT = 0x8028;

    private static final int COOKIE = 0x2112A442;
    private static final int FINGERPRINT_MASK = 0x5354554E;
    private static final int MAC_BYTES = 20;
    private static final int ATTRIBUTE = 4;

    /** More than our largest message: two user fragments of 256 characters at most, and some 100 bytes. */
    private static final int MAX_BYTES = 1024;

    private final ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);

    StunMessage(int type, byte[] transaction) {
        bytes.putShort((short) type).putShort((short) 0).putInt(COOKIE).put(transaction, 0, TRANSACTION);
    }

    StunMessage with(int type, byte[] value) {
        bytes.putShort((short) type).putShort((short) value.length).put(value);
        while (bytes.position() % ATTRIBUTE != 0) {
            bytes.put((byte) 0);
        }
        return this;
    }

    /** Where a request came from, so that its sender learns its address. */
    StunMessage mapped(InetSocketAddress sender) {
        byte[] address = sender.getAddress().getAddress();
        byte[] mask = Arrays.copyOfRange(bytes.array(), 4, HEADER);
        for (int i = 0; i < address.length; i++) {
            address[i] ^= mask[i];
        }
        int family = sender.getAddress() instanceof Inet4Address ? 1 : 2;
        return with(
                MAPPED_ADDRESS,
                ByteBuffer.allocate(ATTRIBUTE + address.length)
                        .put((byte) 0)
                        .put((byte) family)
                        .putShort((short) (sender.getPort() ^ COOKIE >>> 16))
                        .put(address)
                        .array());
    }

    /** The message with its integrity and fingerprint, ready to go. */
    byte[] sealed(byte[] password) {
        length(ATTRIBUTE + MAC_BYTES);
        byte[] covered = Arrays.copyOf(bytes.array(), bytes.position());
        with(INTEGRITY, mac(password, covered));
        length(ATTRIBUTE + Integer.BYTES);
        CRC32 crc = new CRC32();
        crc.update(bytes.array(), 0, bytes.position());
        with(
                FINGERPRINT,
                ByteBuffer.allocate(Integer.BYTES)
                        .putInt((int) crc.getValue() ^ FINGERPRINT_MASK)
                        .array());
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /** Both checks cover the length as it is with them, but not what follows them. */
    private void length(int following) {
        bytes.putShort(2, (short) (bytes.position() - HEADER + following));
    }

    private static byte[] mac(byte[] password, byte[] covered) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(password, "HmacSHA1"));
            return mac.doFinal(covered);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java has HMAC-SHA1", missing);
        }
    }
}
