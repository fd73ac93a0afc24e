package io.github.tachyscope.rtc.sctp;

/** Why something that arrived was dropped. */
public enum DropReason {
    /** Too short for a header, or the CRC32c does not match. */
    BAD_CHECKSUM,
    /** A length or a field that cannot be. */
    MALFORMED,
    /** Not our ports. */
    WRONG_PORT,
    /** Verification tag of another association. */
    WRONG_TAG,
    /** A chunk that makes no sense in this state. */
    UNEXPECTED,
    /** A state cookie that we did not make. */
    BAD_COOKIE,
    /** A state cookie that lived too long. */
    STALE_COOKIE,
    /** A chunk of unknown type that does not allow to be skipped. */
    UNKNOWN_CHUNK,
    /** Data that was received before. */
    DUPLICATE_DATA,
    /** Data too far ahead or with too many gaps before it. */
    TOO_FAR_AHEAD,
    /** Data beyond the receive window. */
    WINDOW_FULL,
    /** A message on one stream more than we keep state for. */
    TOO_MANY_STREAMS,
    /** A message over the announced maximum. */
    MESSAGE_TOO_LARGE,
    /** A message on a stream without an open channel. */
    NO_CHANNEL,
    /** A data channel message of unknown type or shape. */
    BAD_DCEP
}
