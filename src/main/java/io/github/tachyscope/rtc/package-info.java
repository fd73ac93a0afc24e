/**
 * WebRTC: one {@link io.github.tachyscope.rtc.Peer} actor per connection over one UDP port shared by all.
 *
 * <p>The protocols live in sub-packages as state machines fed with bytes and time ({@code rtc.sdp}, {@code rtc.dtls},
 * {@code rtc.srtp}, {@code rtc.rtp}, {@code rtc.rtcp}, {@code rtc.sctp}); sockets, threads and timers only here and in
 * {@code rtc.ice}. Feeds {@code session} with encoded frames and data-channel messages. It knows no codec's inside, no
 * pipeline and no HTTP.
 */
@NullMarked
package io.github.tachyscope.rtc;

import org.jspecify.annotations.NullMarked;
