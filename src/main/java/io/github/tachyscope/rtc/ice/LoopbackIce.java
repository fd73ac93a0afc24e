package io.github.tachyscope.rtc.ice;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The controlling end of ICE (RFC 8445) on the one way between two sockets of this machine: it nominates with every
 * check and answers the checks of the other end. Not for networks: there is one pair, and nobody is asked for consent.
 *
 * <pre>
 * checking --answer to a check--> connected
 * </pre>
 *
 * Sans-IO, not thread-safe.
 */
public final class LoopbackIce {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private static final int UFRAG_CHARS = 8;
    private static final int PASSWORD_CHARS = 24;
    private static final int CHECK_INTERVAL_MICROS = 20_000;

    /** Of a peer-reflexive candidate (RFC 8445 section 5.1.2.1). */
    private static final int PRIORITY = 110 << 24 | 0xFFFF00 | 0xFF;

    private final SplittableRandom random;
    private final String ufrag;
    private final String password;
    private final long tieBreaker;
    private String remoteUfrag = "";
    private String remotePassword = "";
    private long nextCheckMicros;
    private boolean connected;

    public LoopbackIce(long seed) {
        random = new SplittableRandom(seed);
        ufrag = word(UFRAG_CHARS);
        password = word(PASSWORD_CHARS);
        tieBreaker = random.nextLong();
    }

    private String word(int length) {
        StringBuilder word = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            word.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return word.toString();
    }

    public String ufrag() {
        return ufrag;
    }

    public String password() {
        return password;
    }

    /** What the answer says about the other end. */
    public void remote(String newUfrag, String newPassword) {
        remoteUfrag = newUfrag;
        remotePassword = newPassword;
    }

    public boolean isConnected() {
        return connected;
    }

    /** A check, if one is due. */
    public Optional<byte[]> tick(long nowMicros) {
        if (connected || nowMicros < nextCheckMicros) {
            return Optional.empty();
        }
        nextCheckMicros = nowMicros + CHECK_INTERVAL_MICROS;
        byte[] transaction = new byte[StunMessage.TRANSACTION];
        random.nextBytes(transaction);
        return Optional.of(new StunMessage(StunMessage.REQUEST, transaction)
                .with(StunMessage.USERNAME, ascii(remoteUfrag + ":" + ufrag))
                .with(
                        StunMessage.PRIORITY,
                        ByteBuffer.allocate(4).putInt(PRIORITY).array())
                .with(
                        StunMessage.ICE_CONTROLLING,
                        ByteBuffer.allocate(8).putLong(tieBreaker).array())
                .with(StunMessage.USE_CANDIDATE, new byte[0])
                .sealed(ascii(remotePassword)));
    }

    public long nextDeadlineMicros() {
        return connected ? Long.MAX_VALUE : nextCheckMicros;
    }

    /** Whether a datagram is for ICE (RFC 7983). */
    public static boolean isStun(byte[] datagram) {
        return datagram.length >= StunMessage.HEADER && datagram[0] >= 0 && datagram[0] <= 3;
    }

    /**
     * Takes a STUN message and returns the answer to it, if it wants one. The socket is connected to the one other end,
     * so its word is taken without a look at its integrity.
     */
    public Optional<byte[]> receive(byte[] datagram, InetSocketAddress sender) {
        int type = ByteBuffer.wrap(datagram).getShort();
        if (type == StunMessage.SUCCESS) {
            connected = true;
        }
        if (type != StunMessage.REQUEST) {
            return Optional.empty();
        }
        byte[] transaction =
                Arrays.copyOfRange(datagram, StunMessage.HEADER - StunMessage.TRANSACTION, StunMessage.HEADER);
        return Optional.of(
                new StunMessage(StunMessage.SUCCESS, transaction).mapped(sender).sealed(ascii(password)));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
