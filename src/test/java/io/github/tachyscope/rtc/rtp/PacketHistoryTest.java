package io.github.tachyscope.rtc.rtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PacketHistoryTest {
    private final PacketHistory history = new PacketHistory();

    private static byte[] packet(int length, int content) {
        byte[] packet = new byte[length];
        Arrays.fill(packet, (byte) content);
        return packet;
    }

    @Test
    void aCopyIsWhatThePacketWasAndAsLong() {
        byte[] packet = packet(1000, 7);
        history.addCopy(1, packet, 900);
        Arrays.fill(packet, (byte) 9);
        assertArrayEquals(packet(900, 7), history.take(1, 0).orElseThrow());
    }

    @Test
    void aPacketThatTakesAnOldPlaceIsWholeAndTheOldOneIsGone() {
        history.addCopy(5, packet(1100, 1), 1100);
        history.addCopy(5 + PacketHistory.CAPACITY, packet(300, 2), 300);
        assertEquals(Optional.empty(), history.take(5, 0));
        assertArrayEquals(
                packet(300, 2), history.take(5 + PacketHistory.CAPACITY, 0).orElseThrow());
        history.addCopy(5, packet(1400, 3), 1400);
        assertArrayEquals(packet(1400, 3), history.take(5, 0).orElseThrow());
    }

    @Test
    void aFullHistoryAllocatesNothing() {
        byte[] packet = packet(1150, 1);
        for (int i = 0; i < PacketHistory.CAPACITY; i++) {
            history.addCopy(i, packet, 1100);
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(thread);
        for (int i = 0; i < PacketHistory.CAPACITY; i++) {
            history.addCopy(i, packet, 1000 + i % 150);
        }
        long allocated = threads.getThreadAllocatedBytes(thread) - before;
        assertTrue(allocated < 100_000, allocated + " bytes");
    }
}
