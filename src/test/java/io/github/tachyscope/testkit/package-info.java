/**
 * Fixtures shared by the tests of several packages: virtual time and an emulated network.
 *
 * <p>Nothing here sleeps, opens a socket or draws randomness without a seed.
 */
@NullMarked
package io.github.tachyscope.testkit;

import org.jspecify.annotations.NullMarked;
