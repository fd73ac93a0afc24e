/**
 * Offers read, answers written (RFC 8866, JSEP RFC 9429).
 *
 * <p>{@link io.github.tachyscope.rtc.sdp.Offer} is what of a browser's offer this server can serve; the decisions
 * (codec, rejected lines) are made while reading, so nothing has to be allocated for an offer that cannot work. {@link
 * io.github.tachyscope.rtc.sdp.Answer} writes the matching answer. Pure text: it knows no socket, no clock and no
 * library of ICE or DTLS. Fed by {@code rtc}.
 */
@NullMarked
package io.github.tachyscope.rtc.sdp;

import org.jspecify.annotations.NullMarked;
