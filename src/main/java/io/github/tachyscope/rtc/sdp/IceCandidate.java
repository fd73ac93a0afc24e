package io.github.tachyscope.rtc.sdp;

import io.github.tachyscope.wire.MalformedPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A UDP address under which the other side may be reached (RFC 8839 section 5.1).
 *
 * <pre>
 * candidate:1 1 udp 2122260223 192.0.2.7 54321 typ host ...
 * </pre>
 */
public record IceCandidate(String foundation, long priority, InetSocketAddress address, Type type) {
    /** How the other side learned of the address. */
    public enum Type {
        HOST,
        SRFLX,
        PRFLX,
        RELAY
    }

    /** Longest line read; protects the parser, a longer one is malformed. Real ones have below 300 characters. */
    static final int MAX_CHARS = 1000;

    private static final int FIXED_FIELDS = 8;
    private static final Pattern SPACE = Pattern.compile(" +");
    private static final Pattern FOUNDATION = Pattern.compile("[A-Za-z0-9+/]{1,32}");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");
    private static final Pattern IPV4 =
            Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f]*:[0-9A-Fa-f:.]{1,45}");
    private static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9._-]{1,255}");

    /**
     * Reads a {@code candidate:} line. Empty when it is of no use here: the end of candidates, TCP, RTCP beside
     * rtcp-mux, or a name instead of an address (a name is never looked up: the browser's own checks tell its address).
     *
     * @throws MalformedPacket if it is not a candidate
     */
    public static Optional<IceCandidate> parse(String line) {
        if (line.length() > MAX_CHARS) {
            throw new MalformedPacket("candidate of " + line.length() + " characters; allowed are " + MAX_CHARS);
        }
        String text = line.strip();
        if (text.startsWith("a=")) {
            text = text.substring(2);
        }
        if (text.isEmpty() || text.equals("end-of-candidates")) {
            return Optional.empty();
        }
        if (!text.startsWith("candidate:")) {
            throw new MalformedPacket("a candidate begins with 'candidate:'");
        }
        String[] fields = SPACE.split(text.substring("candidate:".length()));
        if (fields.length < FIXED_FIELDS || !fields[6].equals("typ")) {
            throw new MalformedPacket("a candidate has foundation, component, transport, priority, address, port, typ");
        }
        if (!FOUNDATION.matcher(fields[0]).matches()) {
            throw new MalformedPacket("the foundation of a candidate is 1 to 32 letters and digits");
        }
        long component = number(fields[1], 1, 256);
        long priority = number(fields[3], 0, 0xFFFF_FFFFL);
        int port = (int) number(fields[5], 0, 65535);
        Type type = type(fields[7]);
        Optional<InetAddress> address = address(fields[4]);
        if (component != 1 || port == 0 || !fields[2].equalsIgnoreCase("udp")) {
            return Optional.empty();
        }
        return address.filter(found -> !found.isAnyLocalAddress() && !found.isMulticastAddress())
                .map(found -> new IceCandidate(fields[0], priority, new InetSocketAddress(found, port), type));
    }

    private static Optional<InetAddress> address(String text) {
        boolean literal = IPV4.matcher(text).matches() || IPV6.matcher(text).matches();
        if (!literal) {
            if (HOST_NAME.matcher(text).matches()) {
                return Optional.empty();
            }
            throw new MalformedPacket("the address of a candidate is neither IPv4, IPv6 nor a name");
        }
        try {
            return Optional.of(InetAddress.getByName(text));
        } catch (UnknownHostException broken) {
            throw new MalformedPacket("the address of a candidate is not valid IPv6");
        }
    }

    private static Type type(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "host" -> Type.HOST;
            case "srflx" -> Type.SRFLX;
            case "prflx" -> Type.PRFLX;
            case "relay" -> Type.RELAY;
            default -> throw new MalformedPacket("a candidate is of type host, srflx, prflx or relay");
        };
    }

    private static long number(String text, long least, long most) {
        long value = NUMBER.matcher(text).matches() ? Long.parseLong(text) : -1;
        if (value < least || value > most) {
            throw new MalformedPacket("a number of the candidate is not between " + least + " and " + most);
        }
        return value;
    }
}
