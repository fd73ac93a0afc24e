/**
 * ICE for all peers over one UDP port (RFC 8445, consent RFC 7675); the only user of ice4j.
 *
 * <p>{@link io.github.tachyscope.rtc.ice.IcePort} owns the port, {@link io.github.tachyscope.rtc.ice.IceSession} is one
 * connection on it. Full ICE, always controlled, no gathering beyond the bound addresses. Feeds {@code rtc} with events
 * and datagrams from threads of its own: whoever listens copies nothing, does nothing and returns at once. {@link
 * io.github.tachyscope.rtc.ice.LoopbackIce} is the other end on the same machine, for benchmarks.
 */
@NullMarked
package io.github.tachyscope.rtc.ice;

import org.jspecify.annotations.NullMarked;
