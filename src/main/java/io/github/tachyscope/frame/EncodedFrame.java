package io.github.tachyscope.frame;

/**
 * One compressed picture.
 *
 * @param codec how {@code data} is compressed
 * @param data the whole frame: a VP8 frame, or H.264 NAL units in Annex B form with SPS and PPS before a key frame
 * @param keyFrame whether decoding may begin here
 * @param ptsMicros presentation time in microseconds of its source's {@link MediaClock}
 */
public record EncodedFrame(VideoCodec codec, byte[] data, boolean keyFrame, long ptsMicros) {}
