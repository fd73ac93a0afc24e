package io.github.tachyscope.rtc.rtp;

import java.util.ArrayList;
import java.util.List;

/**
 * VP8 into RTP (RFC 7741 section 4.2) with a 15-bit picture id.
 *
 * <pre>
 *   1 0 0 S 0 000 | 1 0 0 0 0000 | 1 picture id (15)
 * </pre>
 */
final class Vp8Packetizer implements Packetizer {
    private static final int DESCRIPTOR = 4;

    private int pictureId;

    Vp8Packetizer(int firstPictureId) {
        pictureId = firstPictureId & 0x7FFF;
    }

    @Override
    public List<Payload> payloads(byte[] picture) {
        int room = MAX_PAYLOAD - DESCRIPTOR;
        int count = (picture.length + room - 1) / room;
        List<Payload> payloads = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            // Equal sizes: a last packet of a few bytes costs as much air as a full one.
            int from = (int) ((long) picture.length * i / count);
            int to = (int) ((long) picture.length * (i + 1) / count);
            byte[] descriptor = {
                (byte) (i == 0 ? 0x90 : 0x80), (byte) 0x80, (byte) (0x80 | pictureId >>> 8), (byte) pictureId
            };
            payloads.add(new Payload(descriptor, picture, List.of(new Range(from, to - from, false))));
        }
        pictureId = pictureId + 1 & 0x7FFF;
        return payloads;
    }
}
