package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.frame.EncodedFrame;

/** What happened in a {@link MediaSession}. */
public sealed interface MediaEvent {
    String mid();

    /** A complete picture; pictures come in decoding order without gaps. */
    record FrameReceived(String mid, EncodedFrame frame) implements MediaEvent {}

    /** The other side cannot decode what we send without a key frame. */
    record KeyFrameWanted(String mid) implements MediaEvent {}

    /** What the encoder of this line should produce. */
    record TargetBitrate(String mid, int bitsPerSecond) implements MediaEvent {}
}
