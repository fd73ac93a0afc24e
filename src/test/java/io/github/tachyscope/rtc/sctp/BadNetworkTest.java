package io.github.tachyscope.rtc.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.rtc.sctp.DataChannelEvent.Binary;
import io.github.tachyscope.testkit.LinkProfile;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BadNetworkTest {
    private static final LinkProfile WAN = LinkProfile.perfect().withDelayMillis(20);

    @Test
    void aReliableChannelDeliversEverythingOnceAndInOrder() {
        for (long seed = 1; seed <= 20; seed++) {
            LinkProfile bad = WAN.withLoss(0.1).withReorderMillis(30).withDuplication(0.1);
            SctpPair pair = new SctpPair(bad, seed).connected();
            int id = pair.opened(ChannelOptions.reliable("x"));
            List<String> sent = IntStream.range(0, 300)
                    .mapToObj(i -> i + "-".repeat(i * 13 % 4000))
                    .toList();
            sent.forEach(text -> pair.client.channels.sendText(id, text, pair.now()));
            pair.require("echoes", 300, () -> pair.client.texts().size() >= 300);
            pair.run(5_000);
            assertEquals(sent, pair.client.texts(), "seed " + seed);
            assertEquals(0, pair.client.channels.stats().bufferedBytes(), "seed " + seed);
            assertEquals(0, pair.server.channels.stats().heldBytes(), "seed " + seed);
        }
    }

    @Test
    void survivesBursts() {
        for (long seed = 1; seed <= 10; seed++) {
            SctpPair pair = new SctpPair(WAN.withBursts(0.02, 4), seed).connected();
            int id = pair.opened(ChannelOptions.reliable("x"));
            pair.client.channels.sendBinary(id, new byte[200_000], pair.now());
            pair.require("echo", 120, () -> pair.client.has(Binary.class));
        }
    }

    @Test
    void anUnreliableUnorderedChannelDoesNotStall() {
        for (long seed = 1; seed <= 10; seed++) {
            SctpPair pair = new SctpPair(WAN.withLoss(0.2), seed).connected();
            int id = pair.opened(ChannelOptions.unreliable("pose", 0));
            pair.run(2_000);
            int count = 1000;
            for (int i = 0; i < count; i++) {
                pair.client.channels.sendText(id, "pose " + i, pair.now());
                pair.run(10);
            }
            pair.run(5_000);
            List<String> arrived = pair.server.texts();
            assertEquals(arrived.size(), new HashSet<>(arrived).size(), "no message twice, seed " + seed);
            assertTrue(arrived.size() > 700 && arrived.size() < 900, arrived.size() + " arrived, seed " + seed);
            long late = arrived.stream()
                    .filter(text -> Integer.parseInt(text.substring(5)) >= count - 100)
                    .count();
            assertTrue(late > 60, late + " of the last hundred, seed " + seed);
            assertEquals(0, pair.client.channels.stats().bufferedBytes(), "seed " + seed);
            assertTrue(pair.client.channels.stats().abandoned() > 50, "seed " + seed);
        }
    }

    @Test
    void anUnreliableOrderedChannelSkipsWhatIsLostAndKeepsOrder() {
        ChannelOptions options = new ChannelOptions("pose", "", true, OptionalInt.of(1), OptionalInt.empty());
        for (long seed = 1; seed <= 10; seed++) {
            SctpPair pair = new SctpPair(WAN.withLoss(0.15).withReorderMillis(10), seed).connected();
            int id = pair.opened(options);
            for (int i = 0; i < 500; i++) {
                pair.client.channels.sendText(id, i + ":" + "x".repeat(i % 5 * 400), pair.now());
                pair.run(50);
            }
            pair.require("drain", 60, () -> pair.client.channels.stats().bufferedBytes() == 0);
            List<Integer> numbers = pair.server.texts().stream()
                    .map(text -> Integer.parseInt(text.substring(0, text.indexOf(':'))))
                    .toList();
            assertEquals(numbers.stream().sorted().distinct().toList(), numbers, "seed " + seed);
            assertTrue(numbers.size() > 250 && numbers.size() < 500, numbers.size() + " arrived, seed " + seed);
            assertTrue(numbers.get(numbers.size() - 1) > 470, "seed " + seed);
        }
    }

    @Test
    void aLifetimeEndsAMessage() {
        ChannelOptions options = new ChannelOptions("pose", "", false, OptionalInt.empty(), OptionalInt.of(100));
        SctpPair pair = new SctpPair(WAN, 3).connected();
        int id = pair.opened(options);
        pair.run(1_000);
        pair.net.become(WAN.withLoss(1));
        pair.client.channels.sendText(id, "lost", pair.now());
        pair.run(10_000);
        pair.net.become(WAN);
        pair.client.channels.sendText(id, "fresh", pair.now());
        pair.require("fresh", 5, () -> pair.server.texts().contains("fresh"));
        pair.run(5_000);
        assertEquals(List.of("fresh"), pair.server.texts());
        assertEquals(0, pair.client.channels.stats().bufferedBytes());
    }

    @Test
    void carriesOnAfterALongOutage() {
        SctpPair pair = new SctpPair(WAN, 4).connected();
        int id = pair.opened(ChannelOptions.reliable("x"));
        pair.net.become(WAN.withLoss(1));
        pair.client.channels.sendText(id, "patience", pair.now());
        pair.run(120_000);
        pair.net.become(WAN);
        pair.require("echo", 8, () -> pair.client.texts().equals(List.of("patience")));
    }

    @Test
    void fillsMostOfALimitedLink() {
        long bitsPerSecond = 10_000_000;
        SctpPair pair = new SctpPair(WAN.withRate(bitsPerSecond, 100_000), 5).connected();
        int id = pair.opened(ChannelOptions.reliable("bulk"));
        long start = pair.now();
        int messages = 100;
        int size = 100_000;
        int[] sent = {0};
        pair.require("bulk", 60, () -> {
            while (sent[0] < messages && pair.client.channels.stats().bufferedBytes() < 2_000_000) {
                pair.client.channels.sendBinary(id, new byte[size], pair.now());
                sent[0]++;
            }
            return pair.server.all(Binary.class).size() == messages;
        });
        double share = messages * size * 8.0 / ((pair.now() - start) / 1e6) / bitsPerSecond;
        assertTrue(share > 0.7, "share of the link " + share);
    }

    @Test
    void recoversALossWithoutWaitingForTheTimer() {
        SctpPair pair = new SctpPair(WAN, 6).connected();
        int id = pair.opened(ChannelOptions.reliable("x"));
        pair.client.channels.sendBinary(id, new byte[100_000], pair.now());
        pair.run(100);
        pair.net.leftToRight().become(WAN.withLoss(1));
        pair.run(3);
        pair.net.leftToRight().become(WAN);
        long start = pair.now();
        pair.require("all", 5, () -> pair.server.has(Binary.class));
        assertTrue(pair.now() - start < 600_000, (pair.now() - start) + " us");
    }
}
