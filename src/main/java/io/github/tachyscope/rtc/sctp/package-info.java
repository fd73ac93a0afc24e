/**
 * SCTP over DTLS and the data channels on top of it (RFC 9260, 3758, 6525, 8261, 8831, 8832).
 *
 * <p>{@link io.github.tachyscope.rtc.sctp.DataChannels} is the only door: it is fed with the application datagrams of
 * one DTLS connection and the time, and gives back datagrams, events and its next deadline. Inside, an association
 * state machine joins a receiving half (TSN tracking, reassembly), a sending half (queue, outstanding data, congestion
 * control) and stream resets; each chunk type has a file of its own. It knows no socket, no thread, no clock and no
 * actor.
 *
 * <p>Left out on purpose: multihoming, path MTU discovery and own heartbeats (ICE owns the path), association restart
 * (a new connection brings a new DTLS session), message interleaving (I-DATA), authentication (DTLS has it).
 */
@NullMarked
package io.github.tachyscope.rtc.sctp;

import org.jspecify.annotations.NullMarked;
