/**
 * Files on disk: uploaded assets, LoRA files with their manifest, and stored keys.
 *
 * <p>Asked by {@code api}. Every name that came over the network is resolved by {@link
 * io.github.tachyscope.store.ContainedDirectory}, symbolic links included; every write goes aside and is renamed. All
 * methods block. It knows no HTTP.
 */
@NullMarked
package io.github.tachyscope.store;

import org.jspecify.annotations.NullMarked;
