package io.github.tachyscope.exec;

import io.github.tachyscope.frame.VideoFrame;
import java.util.List;

/**
 * One finished chunk of frames.
 *
 * @param index from 0
 * @param frames in order, each owned by the receiver
 * @param steps steps that it took
 * @param runMicros device time that it took, in microseconds
 */
public record Chunk(long index, List<VideoFrame> frames, int steps, long runMicros) {}
