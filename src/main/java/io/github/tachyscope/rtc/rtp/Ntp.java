package io.github.tachyscope.rtc.rtp;

/** NTP times (RFC 3550 section 4) that count from the fixed point of the media clock. */
final class Ntp {
    private Ntp() {}

    /** 32 bits of seconds, 32 of fraction. */
    static long of(long micros) {
        long seconds = Math.floorDiv(micros, 1_000_000L);
        long fraction = (Math.floorMod(micros, 1_000_000L) << 32) / 1_000_000;
        return seconds << 32 | fraction;
    }

    /** The middle 32 bits: 1/65536 s. */
    static long middle(long micros) {
        return of(micros) >>> 16 & 0xFFFF_FFFFL;
    }
}
