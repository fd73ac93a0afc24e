/**
 * SRTP and SRTCP (RFC 3711, RFC 7714) over jitsi-srtp: one {@link io.github.tachyscope.rtc.srtp.SrtpSession} per peer
 * turns plain packets into protected ones and back.
 *
 * <p>Keys come from the DTLS handshake; {@code rtc.rtp} is the only user. The sole package that knows jitsi-srtp. It
 * knows nothing of payloads, lines and time.
 */
@NullMarked
package io.github.tachyscope.rtc.srtp;

import org.jspecify.annotations.NullMarked;
