package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.frame.VideoCodec;
import java.util.List;

/** Cuts a picture into RTP payloads. */
interface Packetizer {
    /** Largest payload: with header, extensions, tag, UDP and IP it stays under every common path MTU. */
    int MAX_PAYLOAD = 1150;

    static Packetizer of(VideoCodec codec, int firstPictureId) {
        return codec == VideoCodec.VP8 ? new Vp8Packetizer(firstPictureId) : new H264Packetizer();
    }

    /**
     * One payload: a few bytes of payload header and ranges of the picture, each with what stands before it.
     */
    record Payload(byte[] header, byte[] picture, List<Range> ranges) {
        int length() {
            int length = header.length;
            for (Range range : ranges) {
                length += range.lengthPrefix() ? 2 + range.length() : range.length();
            }
            return length;
        }

        void copyTo(byte[] target, int offset) {
            System.arraycopy(header, 0, target, offset, header.length);
            int at = offset + header.length;
            for (Range range : ranges) {
                if (range.lengthPrefix()) {
                    target[at++] = (byte) (range.length() >>> 8);
                    target[at++] = (byte) range.length();
                }
                System.arraycopy(picture, range.offset(), target, at, range.length());
                at += range.length();
            }
        }
    }

    /** Bytes of the picture, after their 16-bit length if {@code lengthPrefix}. */
    record Range(int offset, int length, boolean lengthPrefix) {}

    /** The payloads of a picture in sending order; none for a picture without content. */
    List<Payload> payloads(byte[] picture);
}
