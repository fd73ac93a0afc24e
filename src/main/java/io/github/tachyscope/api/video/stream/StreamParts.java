package io.github.tachyscope.api.video.stream;

import io.github.tachyscope.api.video.VideoParts;
import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.metrics.StreamMeters;

/**
 * What streams need.
 *
 * @param video what they have in common with the jobs
 */
public record StreamParts(VideoParts video, MediaSettings media, MediaClock clock, StreamMeters meters) {}
