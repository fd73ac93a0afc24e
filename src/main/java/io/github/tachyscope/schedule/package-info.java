/**
 * What runs next: the {@code Scheduler} actor and its pure {@code DeadlinePolicy}.
 *
 * <p>Fed by {@code flow} with demand for chunks, feeds {@code exec} with batches of steps. It knows run ids, plans,
 * deadlines and measured costs; no tensors, no pictures' content, no sessions' inner life.
 */
@NullMarked
package io.github.tachyscope.schedule;

import org.jspecify.annotations.NullMarked;
