package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.frame.VideoCodec;
import java.util.List;

/** Turns the packets of one picture back into the picture. */
interface Depacketizer {
    /**
     * A whole picture.
     *
     * @param data as in {@link io.github.tachyscope.frame.EncodedFrame#data()}
     */
    record Picture(byte[] data, boolean keyFrame) {}

    static Depacketizer of(VideoCodec codec) {
        return codec == VideoCodec.VP8 ? new Vp8Depacketizer() : new H264Depacketizer();
    }

    /** Whether decoding may begin with this packet. False for garbage. */
    boolean startsKeyFrame(RtpPacket packet);

    /**
     * The picture in these packets, which are complete and in order; padding among them is skipped. Throws
     * {@link io.github.tachyscope.wire.MalformedPacket} only.
     */
    Picture picture(List<RtpPacket> packets);
}
