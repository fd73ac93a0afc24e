/**
 * The settings of the server as immutable records, read from HOCON.
 *
 * <p>{@code reference.conf} is the manual: every key with its default, unit and edge behaviour. A leaf: everything may
 * use it, it knows nothing.
 */
@NullMarked
package io.github.tachyscope.config;

import org.jspecify.annotations.NullMarked;
