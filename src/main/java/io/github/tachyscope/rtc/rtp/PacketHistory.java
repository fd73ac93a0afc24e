package io.github.tachyscope.rtc.rtp;

import java.util.Arrays;
import java.util.Optional;

/** The latest packets of one source, to be sent again on request. */
final class PacketHistory {
    /** Some ten seconds at 4 Mb/s, about 5 MB when full. Requests for older packets are ignored. */
    static final int CAPACITY = 4096;

    /** What our packets have at most: payload, header and extensions. An array of this size fits them all. */
    private static final int USUAL_BYTES = 1200;

    /** A packet is not sent again within this time: the same request often comes twice. */
    static final long REPEAT_MICROS = 20_000;

    private final byte[][] packets = new byte[CAPACITY][];
    private final int[] lengths = new int[CAPACITY];
    private final int[] sequences = new int[CAPACITY];
    private final long[] resentMicros = new long[CAPACITY];

    PacketHistory() {
        Arrays.fill(sequences, -1);
    }

    /** Keeps the array itself. */
    void add(int sequence, byte[] packet) {
        add(sequence, packet, packet.length);
    }

    /** Keeps a copy of the beginning, in an array of its own that a later packet takes over. */
    void addCopy(int sequence, byte[] packet, int length) {
        byte[] old = packets[sequence % CAPACITY];
        byte[] room = old != null && old.length >= length ? old : new byte[Math.max(length, USUAL_BYTES)];
        System.arraycopy(packet, 0, room, 0, length);
        add(sequence, room, length);
    }

    private void add(int sequence, byte[] packet, int length) {
        int slot = sequence % CAPACITY;
        sequences[slot] = sequence;
        packets[slot] = packet;
        lengths[slot] = length;
        resentMicros[slot] = Long.MIN_VALUE / 2;
    }

    /** The packet, if it is here and was not sent again just now. */
    Optional<byte[]> take(int sequence, long nowMicros) {
        int slot = sequence % CAPACITY;
        if (sequences[slot] != sequence || nowMicros - resentMicros[slot] < REPEAT_MICROS) {
            return Optional.empty();
        }
        resentMicros[slot] = nowMicros;
        byte[] packet = packets[slot];
        return Optional.of(packet.length == lengths[slot] ? packet : Arrays.copyOf(packet, lengths[slot]));
    }
}
