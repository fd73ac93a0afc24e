package io.github.tachyscope.config;

import com.typesafe.config.Config;

/**
 * What a process runs with.
 *
 * @param settings our own section, checked
 * @param all everything, resolved; the actor system reads its own section from here
 */
public record Configuration(Settings settings, Config all) {}
