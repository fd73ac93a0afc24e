package io.github.tachyscope.rtc.rtp;

import java.util.Arrays;
import java.util.Optional;

/** The latest packets of one source, to be sent again on request. */
final class PacketHistory {
    /** Some ten seconds at 4 Mb/s, about 5 MB when full. Requests for older packets are ignored. */
    static final int CAPACITY = 4096;

    /** A packet is not sent again within this time: the same request often comes twice. */
    static final long REPEAT_MICROS = 20_000;

    private final byte[][] packets = new byte[CAPACITY][];
    private final int[] sequences = new int[CAPACITY];
    private final long[] resentMicros = new long[CAPACITY];

    PacketHistory() {
        Arrays.fill(sequences, -1);
    }

    void add(int sequence, byte[] packet) {
        int slot = sequence % CAPACITY;
        sequences[slot] = sequence;
        packets[slot] = packet;
        resentMicros[slot] = Long.MIN_VALUE / 2;
    }

    /** The packet, if it is here and was not sent again just now. */
    Optional<byte[]> take(int sequence, long nowMicros) {
        int slot = sequence % CAPACITY;
        if (sequences[slot] != sequence || nowMicros - resentMicros[slot] < REPEAT_MICROS) {
            return Optional.empty();
        }
        resentMicros[slot] = nowMicros;
        return Optional.of(packets[slot]);
    }
}
