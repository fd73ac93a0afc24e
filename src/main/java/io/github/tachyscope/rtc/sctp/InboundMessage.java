package io.github.tachyscope.rtc.sctp;

/**
 * A message put together again.
 *
 * @param tooLarge it went over our announced maximum; its payload was thrown away
 */
record InboundMessage(int streamId, long ppid, byte[] payload, boolean tooLarge) {}
