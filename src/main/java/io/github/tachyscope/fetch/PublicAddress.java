package io.github.tachyscope.fetch;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * Which addresses belong to the public internet. The others lead to this machine or its neighbours, which a client must not
 * reach through us (IANA special-purpose address registries, RFC 6890).
 */
final class PublicAddress {
    private PublicAddress() {}

    static boolean is(InetAddress address) {
        if (address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        byte[] bytes = address.getAddress();
        if (address instanceof Inet4Address) {
            return isPublic4(bytes, 0);
        }
        return address instanceof Inet6Address && isPublic6(bytes);
    }

    private static boolean isPublic4(byte[] bytes, int at) {
        int a = bytes[at] & 0xff;
        int b = bytes[at + 1] & 0xff;
        int c = bytes[at + 2] & 0xff;
        boolean special = a == 0
                || a == 10
                || a == 127
                || a >= 224
                || a == 100 && (b & 0xc0) == 64
                || a == 169 && b == 254
                || a == 172 && (b & 0xf0) == 16
                || a == 192 && b == 168
                || a == 192 && b == 0 && (c == 0 || c == 2)
                || a == 192 && b == 88 && c == 99
                || a == 198 && (b & 0xfe) == 18
                || a == 198 && b == 51 && c == 100
                || a == 203 && b == 0 && c == 113;
        return !special;
    }

    private static boolean isPublic6(byte[] bytes) {
        int head = (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
        int next = (bytes[2] & 0xff) << 8 | bytes[3] & 0xff;
        if (head == 0x0064 && next == 0xff9b) {
            // Translated to IPv4 on the way (RFC 6052); the local-use prefix (RFC 8215) is of no public use.
            return bytes[4] == 0 && bytes[5] == 0 && isPublic4(bytes, 12);
        }
        if (head == 0x2002) {
            return isPublic4(bytes, 2);
        }
        // Only 2000::/3 is handed out; in it, Teredo and the rest of 2001::/23, and documentation, are special.
        boolean special = head == 0x2001 && (next < 0x0200 || next == 0x0db8) || head == 0x3fff && next < 0x1000;
        return (head & 0xe000) == 0x2000 && !special;
    }
}
