/**
 * Pictures as heap values: raw frames with an explicit pixel layout, encoded frames, and the clock that dates them.
 *
 * <p>Everything above passes these between actors and stream stages. A leaf: it knows no codec, no network and no
 * tensor.
 */
@NullMarked
package io.github.tachyscope.frame;

import org.jspecify.annotations.NullMarked;
