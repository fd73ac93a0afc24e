package io.github.tachyscope.rtc.sctp;

/**
 * Serial numbers of the wire as 64-bit numbers that never wrap. A wire number means the nearest full number to a known
 * one, so that plain comparison replaces serial number arithmetic (RFC 1982).
 */
final class Serial {
    /** Full number of a 32-bit wire number (TSN, request number). */
    static long unwrap(int wire, long near) {
        return near + (wire - (int) near);
    }

    /** Full number of a 16-bit wire number (SSN). */
    static long unwrap16(int wire, long near) {
        return near + (short) (wire - (int) near);
    }

    private Serial() {}
}
