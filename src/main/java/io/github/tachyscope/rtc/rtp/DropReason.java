package io.github.tachyscope.rtc.rtp;

/** Why a received datagram went nowhere. */
public enum DropReason {
    /** Not what it should be. */
    MALFORMED,
    /** Came before the keys, and the queue for such was full. */
    EARLY_OVERFLOW,
    AUTHENTICATION,
    REPLAYED,
    TOO_MANY_SOURCES,
    /** Belongs to no line that receives. */
    UNKNOWN_SOURCE,
    /** Already here, or too late to be of use. */
    DUPLICATE_OR_LATE
}
