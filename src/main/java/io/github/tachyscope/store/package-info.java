/**
 * What outlives the process: weights, uploaded assets, LoRA files with their manifest, stored keys, and batch jobs with
 * their results, also in folders that people look into.
 *
 * <p>Asked by {@code api}, {@code download} and {@code session}. The only package that knows a database; {@link
 * io.github.tachyscope.store.JobStore} is the way in to jobs. Every name that came over the network is resolved by {@link
 * io.github.tachyscope.store.ContainedDirectory}, symbolic links included; every write goes aside and is renamed. All
 * methods block. It knows no HTTP.
 */
@NullMarked
package io.github.tachyscope.store;

import org.jspecify.annotations.NullMarked;
