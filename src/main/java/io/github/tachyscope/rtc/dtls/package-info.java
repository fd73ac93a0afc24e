/**
 * DTLS 1.2 (RFC 6347) with keys for SRTP (RFC 5764); the only user of BouncyCastle.
 *
 * <p>{@link io.github.tachyscope.rtc.dtls.DtlsServer} has our certificate and the threads on which the library's
 * blocking handshake runs; a {@link io.github.tachyscope.rtc.dtls.DtlsHandshake} ends in keys and a {@link
 * io.github.tachyscope.rtc.dtls.DtlsChannel}, which needs no thread. {@link
 * io.github.tachyscope.rtc.dtls.DtlsClient} is the other end, for benchmarks. Fed with datagrams by {@code rtc}; it knows no
 * socket and no media.
 */
@NullMarked
package io.github.tachyscope.rtc.dtls;

import org.jspecify.annotations.NullMarked;
