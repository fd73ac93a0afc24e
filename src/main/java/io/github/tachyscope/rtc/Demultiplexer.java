package io.github.tachyscope.rtc;

/**
 * Tells by the first byte what a datagram is (RFC 7983 section 7), and counts what is nothing.
 *
 * <pre>
 *   0..3     STUN       answered by ICE before it comes here; a stray one is dropped
 *   20..63   DTLS
 *   128..191 RTP, RTCP
 *   others              dropped
 * </pre>
 */
final class Demultiplexer {
    enum Kind {
        DTLS,
        MEDIA,
        DROPPED
    }

    /** Header of a DTLS record (RFC 6347 section 4.1). */
    private static final int MIN_DTLS = 13;

    /** Common header of an RTCP packet; RTP has more. */
    private static final int MIN_MEDIA = 8;

    private long dropped;

    Kind kind(byte[] datagram) {
        if (datagram.length >= MIN_DTLS && datagram[0] >= 20 && datagram[0] <= 63) {
            return Kind.DTLS;
        }
        int first = datagram.length >= MIN_MEDIA ? datagram[0] & 0xFF : 0;
        if (first >= 128 && first <= 191) {
            return Kind.MEDIA;
        }
        dropped++;
        return Kind.DROPPED;
    }

    long dropped() {
        return dropped;
    }
}
