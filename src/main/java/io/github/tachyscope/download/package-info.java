/**
 * Brings published models and LoRA files onto this machine: what a pipeline needs, which files of a repository those are,
 * several of them at a time, told and kept track of.
 *
 * <p>Asked by {@code api} and by the command line; joins {@code fetch} (the network) with {@code store} (the folders). It
 * knows no HTTP of our own, and no pipeline but by its id.
 */
@NullMarked
package io.github.tachyscope.download;

import org.jspecify.annotations.NullMarked;
