package io.github.tachyscope.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class NetworkEmulatorTest {
    private static final long SEED = 7;

    @Test
    void losesTheAskedShare() {
        EmulatedLink link = new EmulatedLink(LinkProfile.perfect().withLoss(0.2), SEED);
        assertEquals(0.8, arrivals(link, 10_000, 1).size() / 10_000.0, 0.02, "seed " + SEED);
    }

    @Test
    void losesInBursts() {
        EmulatedLink link = new EmulatedLink(LinkProfile.perfect().withBursts(0.01, 10), SEED);
        List<Integer> arrived = arrivals(link, 20_000, 1);
        int gaps = 0;
        for (int i = 1; i < arrived.size(); i++) {
            gaps += arrived.get(i) - arrived.get(i - 1) > 1 ? 1 : 0;
        }
        double meanGap = (20_000.0 - arrived.size()) / gaps;
        assertTrue(meanGap > 7 && meanGap < 13, "mean burst " + meanGap + ", seed " + SEED);
    }

    @Test
    void reordersOnlyWhenAsked() {
        LinkProfile delayed = LinkProfile.perfect().withDelayMillis(10);
        List<Integer> stretched = arrivals(new EmulatedLink(delayed.withJitterMillis(5), SEED), 500, 100);
        List<Integer> overtaken = arrivals(new EmulatedLink(delayed.withReorderMillis(5), SEED), 500, 100);
        List<Integer> sorted = new ArrayList<>(overtaken);
        Collections.sort(sorted);
        assertEquals(sorted, stretched);
        assertFalse(sorted.equals(overtaken));
    }

    @Test
    void duplicatesTheAskedShare() {
        EmulatedLink link = new EmulatedLink(LinkProfile.perfect().withDuplication(0.1), SEED);
        assertEquals(1.1, arrivals(link, 10_000, 1).size() / 10_000.0, 0.02, "seed " + SEED);
    }

    @Test
    void limitsTheRateAndBoundsTheQueue() {
        EmulatedLink link = new EmulatedLink(LinkProfile.perfect().withRate(8_000_000, 5_000), SEED);
        for (int i = 0; i < 10; i++) {
            link.send(new byte[1000], 0);
        }
        assertEquals(5, link.lost());
        assertEquals(2, link.receive(2_000).size());
        assertEquals(3, link.receive(5_000).size());
    }

    @Test
    void runsTwoEndpointsUntilTheConditionHolds() {
        Counter left = new Counter();
        Counter right = new Counter();
        NetworkEmulator net = new NetworkEmulator(LinkProfile.perfect().withDelayMillis(10), SEED);
        left.out.add(new byte[1]);
        net.require("ten bounces", left, right, 1_000_000, () -> left.received + right.received == 10);
        assertEquals(1_000_000 + 100_000, net.now());
        assertThrows(AssertionError.class, () -> net.require("never", left, right, 50_000, () -> false));
    }

    private static List<Integer> arrivals(EmulatedLink link, int count, long spacingMicros) {
        for (int i = 0; i < count; i++) {
            link.send(new byte[] {(byte) (i >>> 8), (byte) i}, i * spacingMicros);
        }
        return link.receive(Long.MAX_VALUE).stream()
                .map(bytes -> (bytes[0] & 0xFF) << 8 | bytes[1] & 0xFF)
                .toList();
    }

    /** Answers every datagram with the same one. */
    private static final class Counter implements Endpoint {
        private final List<byte[]> out = new ArrayList<>();
        private int received;

        @Override
        public void receive(byte[] datagram, long nowMicros) {
            received++;
            out.add(datagram);
        }

        @Override
        public void tick(long nowMicros) {}

        @Override
        public OptionalLong nextDeadlineMicros() {
            return OptionalLong.empty();
        }

        @Override
        public List<byte[]> drain() {
            List<byte[]> drained = List.copyOf(out);
            out.clear();
            return drained;
        }
    }
}
