/**
 * Start and end of the process: command line, wiring, start-up summary, exit codes.
 *
 * <p>The top layer: it knows everything below, nothing knows it.
 */
@NullMarked
package io.github.tachyscope.app;

import org.jspecify.annotations.NullMarked;
