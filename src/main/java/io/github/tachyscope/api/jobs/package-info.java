/**
 * The jobs of all faces, as operators and our own pages see them: lists, progress, results, cancelling.
 *
 * <p>Translates between HTTP and the desk of {@code session.job}; decides nothing but whose job a caller may see.
 */
@NullMarked
package io.github.tachyscope.api.jobs;

import org.jspecify.annotations.NullMarked;
