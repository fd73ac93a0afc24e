package io.github.tachyscope.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class WireTest {
    private final List<Integer> sent = new ArrayList<>();
    private boolean hasWay;
    private final Wire wire = new Wire(datagram -> {
        if (hasWay) {
            sent.add((int) datagram[0]);
        }
        return hasWay;
    });

    @Test
    void sendsTheHandshakeAgainUntilThereIsAWayAndInOrder() {
        wire.sendHandshake(new byte[] {1}, 0);
        assertEquals(OptionalLong.of(Wire.RETRY_MICROS), wire.nextDeadlineMicros());
        wire.tick(Wire.RETRY_MICROS);
        hasWay = true;
        wire.sendHandshake(new byte[] {2}, Wire.RETRY_MICROS + 1);
        assertTrue(sent.isEmpty(), "the second waits behind the first");

        wire.tick(3 * Wire.RETRY_MICROS);

        assertEquals(List.of(1, 2), sent);
        assertEquals(OptionalLong.empty(), wire.nextDeadlineMicros());
        wire.sendHandshake(new byte[] {3}, 4 * Wire.RETRY_MICROS);
        assertEquals(List.of(1, 2, 3), sent);
    }

    @Test
    void givesUpOnADatagramThatTheClientHasLongRepeated() {
        wire.sendHandshake(new byte[] {1}, 0);
        hasWay = true;

        wire.tick(Wire.GIVE_UP_MICROS);

        assertTrue(sent.isEmpty());
        assertEquals(OptionalLong.empty(), wire.nextDeadlineMicros());
    }

    @Test
    void neverKeepsMedia() {
        wire.send(new byte[] {1});
        hasWay = true;
        wire.tick(Wire.RETRY_MICROS);

        assertTrue(sent.isEmpty());
    }

    @Test
    void keepsABoundedNumber() {
        for (int i = 0; i < 100; i++) {
            wire.sendHandshake(new byte[] {(byte) i}, 0);
        }
        hasWay = true;
        wire.tick(Wire.RETRY_MICROS);

        assertEquals(32, sent.size());
    }
}
