package io.github.tachyscope.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.tachyscope.testkit.Mutations;
import java.util.List;
import org.junit.jupiter.api.Test;

class DemuxFuzzTest {
    private static final int INPUTS = 20_000;
    private static final long SEED = 7983;

    @Test
    void everyDatagramHasExactlyOneKind() {
        Mutations mutations = new Mutations(SEED);
        Demultiplexer demultiplexer = new Demultiplexer();
        List<byte[]> samples = List.of(new byte[0], of(0, 20), of(22, 13), of(63, 60), of(128, 12), of(191, 200));
        int dropped = 0;
        for (int i = 0; i < INPUTS; i++) {
            byte[] datagram = mutations.damaged(samples);
            Demultiplexer.Kind kind = demultiplexer.kind(datagram);
            assertEquals(expected(datagram), kind, "seed " + SEED + ", input " + i);
            dropped += kind == Demultiplexer.Kind.DROPPED ? 1 : 0;
        }
        assertEquals(dropped, demultiplexer.dropped());
    }

    @Test
    void theFirstByteDecides() {
        Demultiplexer demultiplexer = new Demultiplexer();
        for (int first = 0; first < 256; first++) {
            byte[] datagram = of(first, 100);
            assertEquals(expected(datagram), demultiplexer.kind(datagram), "first byte " + first);
        }
    }

    private static Demultiplexer.Kind expected(byte[] datagram) {
        int first = datagram.length == 0 ? -1 : Byte.toUnsignedInt(datagram[0]);
        if (first >= 20 && first < 64 && datagram.length >= 13) {
            return Demultiplexer.Kind.DTLS;
        }
        return first >= 128 && first < 192 && datagram.length >= 8
                ? Demultiplexer.Kind.MEDIA
                : Demultiplexer.Kind.DROPPED;
    }

    private static byte[] of(int first, int length) {
        byte[] datagram = new byte[length];
        datagram[0] = (byte) first;
        return datagram;
    }
}
