/**
 * The face for clients of OpenAI's and vLLM-Omni's video API: jobs under {@code /v1/videos}, and what their requests
 * mean.
 *
 * <p>Translates between HTTP and the jobs of {@code session.job}; decides nothing. A request becomes a
 * {@link io.github.tachyscope.api.video.VideoRequest}, and together with a pipeline the plan of a job.
 */
@NullMarked
package io.github.tachyscope.api.video;

import org.jspecify.annotations.NullMarked;
