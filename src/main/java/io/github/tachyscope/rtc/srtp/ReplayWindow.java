package io.github.tachyscope.rtc.srtp;

/**
 * Remembers which of the latest packets of one source arrived (RFC 3711 section 3.3.2). Asked only about authenticated
 * packets.
 *
 * <pre>
 *   forgotten | .... 1 1 0 1 1 0 1 (highest) | new
 *               `------ SIZE bits ------'
 * </pre>
 */
final class ReplayWindow {
    /** A retransmission may come this many packets late: half a second at 20 Mb/s. Older ones count as replayed. */
    static final int SIZE = 1024;

    private final long[] seen = new long[SIZE / Long.SIZE];
    private long highest = -1;

    /** True for a packet not seen before, which from now on counts as seen. */
    boolean admit(int sequence) {
        long index = index(sequence);
        if (highest >= 0 && index <= highest - SIZE) {
            return false;
        }
        if (index > highest) {
            long firstNew = highest < 0 ? index : Math.max(highest + 1, index - SIZE + 1);
            for (long i = firstNew; i <= index; i++) {
                seen[word(i)] &= ~bit(i);
            }
            highest = index;
        }
        if ((seen[word(index)] & bit(index)) != 0) {
            return false;
        }
        seen[word(index)] |= bit(index);
        return true;
    }

    /** The index nearest to the highest one; starts one roll-over up, so that no index is negative. */
    private long index(int sequence) {
        if (highest < 0) {
            return 0x1_0000L + sequence;
        }
        return highest + (short) (sequence - highest);
    }

    private static int word(long index) {
        return (int) (index % SIZE) / Long.SIZE;
    }

    private static long bit(long index) {
        return 1L << (index % Long.SIZE);
    }
}
