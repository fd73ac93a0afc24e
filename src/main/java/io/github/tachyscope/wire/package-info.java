/**
 * Bounds-checked reading and writing of network bytes.
 *
 * <p>Used by every protocol engine of {@code rtc}. A leaf: it knows no protocol. The one exception that may leave a
 * parser, whatever the bytes, is {@link io.github.tachyscope.wire.MalformedPacket}.
 */
@NullMarked
package io.github.tachyscope.wire;

import org.jspecify.annotations.NullMarked;
