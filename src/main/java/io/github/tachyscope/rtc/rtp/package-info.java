/**
 * The media engine of a peer: {@link io.github.tachyscope.rtc.rtp.MediaSession} turns datagrams into encoded frames
 * and frames into datagrams, with loss recovery and rate control, driven by bytes and time alone.
 *
 * <p>Fed by the peer of {@code rtc}; uses {@code rtc.srtp} and {@code rtc.rtcp}. It must not know sockets, threads,
 * clocks and codecs.
 */
@NullMarked
package io.github.tachyscope.rtc.rtp;

import org.jspecify.annotations.NullMarked;
