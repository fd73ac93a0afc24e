/** What operators see at {@code /metrics}: meters named {@code tachyscope_<noun>_<unit>}. A leaf; told plain values. */
@NullMarked
package io.github.tachyscope.metrics;

import org.jspecify.annotations.NullMarked;
