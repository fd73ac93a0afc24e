package io.github.tachyscope.api.video;

import io.github.tachyscope.config.VideoSettings;
import io.github.tachyscope.session.job.JobDesk;
import java.time.Duration;

/**
 * What this face needs.
 *
 * @param retryAfter what clients are told to wait when there is no room
 * @param remote where pictures and videos come from whose addresses clients name
 */
public record VideoParts(VideoSettings settings, Duration retryAfter, JobDesk desk, RemoteInputs remote) {}
