package io.github.tachyscope.rtc;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * Sends datagrams, and those of the handshake again while ICE has no way yet.
 *
 * <p>A browser may begin its handshake on a way that our side has not confirmed: the answer would be lost, and the next
 * try of the browser comes only after its timeout.
 */
final class Wire {
    static final long RETRY_MICROS = 10_000;
    static final long GIVE_UP_MICROS = 200_000;

    /** Flights are some five datagrams; more at a time are not kept. */
    private static final int MAX_WAITING = 32;

    private record Waiting(byte[] datagram, long giveUpMicros) {}

    private final Predicate<byte[]> ice;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long nextTryMicros;

    /** @param ice sends a datagram; false while there is no way */
    Wire(Predicate<byte[]> ice) {
        this.ice = ice;
    }

    /** Sends media or data; lost if there is no way. */
    void send(byte[] datagram) {
        ice.test(datagram);
    }

    /** Sends a datagram of the handshake, in order with those that wait. */
    void sendHandshake(byte[] datagram, long nowMicros) {
        boolean sent = waiting.isEmpty() && ice.test(datagram);
        if (!sent && waiting.size() < MAX_WAITING) {
            waiting.add(new Waiting(datagram, nowMicros + GIVE_UP_MICROS));
            nextTryMicros = nowMicros + RETRY_MICROS;
        }
    }

    void tick(long nowMicros) {
        if (waiting.isEmpty() || nowMicros < nextTryMicros) {
            return;
        }
        waiting.removeIf(late -> nowMicros >= late.giveUpMicros());
        while (!waiting.isEmpty() && ice.test(waiting.peek().datagram())) {
            waiting.remove();
        }
        nextTryMicros = nowMicros + RETRY_MICROS;
    }

    OptionalLong nextDeadlineMicros() {
        return waiting.isEmpty() ? OptionalLong.empty() : OptionalLong.of(nextTryMicros);
    }
}
