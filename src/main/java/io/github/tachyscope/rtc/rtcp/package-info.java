/**
 * RTCP messages as records with a parser and a writer each (RFC 3550, RFC 4585, RFC 5104, transport-wide congestion
 * control draft 01, REMB draft 03).
 *
 * <p>{@code rtc.rtp} decides what to send and what a message means. Knows neither time nor encryption.
 */
@NullMarked
package io.github.tachyscope.rtc.rtcp;

import org.jspecify.annotations.NullMarked;
