/**
 * The life of live sessions: one actor per session, their registry with its limits, and the loaded pipelines: a chain for
 * sessions, and beside it what jobs ask for.
 *
 * <p>Asked by {@code api}; assembles {@code flow}, {@code rtc} and {@code schedule} into a session and decides what
 * happens to it. It knows no HTTP.
 */
@NullMarked
package io.github.tachyscope.session;

import org.jspecify.annotations.NullMarked;
