package io.github.tachyscope.session;

import java.util.List;

/**
 * Counters and rates of one live session.
 *
 * @param state name of the session's state, such as {@code streaming}
 * @param pipelineIds its chain
 * @param framesIn decoded pictures so far
 * @param framesOut pictures sent so far
 * @param framesDropped input pictures that newer ones replaced
 * @param elapsedSeconds since the offer
 * @param fpsIn over the last seconds
 * @param fpsOut over the last seconds
 * @param pipelineFps frames made per second of device time
 * @param latencyMillis median time from a picture's arrival to its sending, NaN before the first
 * @param bitrate bits per second that the encoder is set to
 * @param chunks finished so far
 * @param chunksFailed so far
 * @param qualityLevel 0 when it gets everything it asks for; grows with what it does without
 */
public record SessionFigures(
        String state,
        List<String> pipelineIds,
        long framesIn,
        long framesOut,
        long framesDropped,
        double elapsedSeconds,
        double fpsIn,
        double fpsOut,
        double pipelineFps,
        double latencyMillis,
        int bitrate,
        long chunks,
        long chunksFailed,
        int qualityLevel) {}
