package io.github.tachyscope.rtc.rtp;

import java.util.ArrayList;
import java.util.List;

/**
 * H.264 in Annex B form into RTP, packetization mode 1 (RFC 6184): small NAL units that follow each other share a
 * STAP-A, large ones are cut into FU-A.
 */
final class H264Packetizer implements Packetizer {
    private static final int FU_HEADER = 2;

    private record Nal(int offset, int length) {}

    @Override
    public List<Payload> payloads(byte[] picture) {
        List<Nal> nals = nals(picture);
        List<Payload> payloads = new ArrayList<>();
        for (int i = 0; i < nals.size(); ) {
            Nal nal = nals.get(i);
            if (nal.length() > MAX_PAYLOAD) {
                fragment(picture, nal, payloads);
                i++;
                continue;
            }
            int next = i;
            int size = 1;
            List<Range> together = new ArrayList<>();
            while (next < nals.size() && size + 2 + nals.get(next).length() <= MAX_PAYLOAD) {
                Nal one = nals.get(next++);
                size += 2 + one.length();
                together.add(new Range(one.offset(), one.length(), true));
            }
            if (together.size() > 1) {
                int importance = 0;
                for (Range range : together) {
                    importance = Math.max(importance, picture[range.offset()] & 0x60);
                }
                payloads.add(
                        new Payload(new byte[] {(byte) (importance | H264Depacketizer.STAP_A)}, picture, together));
                i = next;
            } else {
                payloads.add(new Payload(new byte[0], picture, List.of(new Range(nal.offset(), nal.length(), false))));
                i++;
            }
        }
        return payloads;
    }

    private static void fragment(byte[] picture, Nal nal, List<Payload> payloads) {
        int header = picture[nal.offset()];
        int content = nal.length() - 1;
        int room = MAX_PAYLOAD - FU_HEADER;
        int count = (content + room - 1) / room;
        for (int i = 0; i < count; i++) {
            int from = (int) ((long) content * i / count);
            int to = (int) ((long) content * (i + 1) / count);
            int flags = (i == 0 ? 0x80 : 0) | (i == count - 1 ? 0x40 : 0);
            byte[] fu = {(byte) (header & 0xE0 | H264Depacketizer.FU_A), (byte) (flags | header & 0x1F)};
            payloads.add(new Payload(fu, picture, List.of(new Range(nal.offset() + 1 + from, to - from, false))));
        }
    }

    /** The NAL units between start codes (ISO/IEC 14496-10 annex B), without trailing zeros. */
    private static List<Nal> nals(byte[] picture) {
        List<Nal> nals = new ArrayList<>();
        int start = -1;
        for (int i = 0; i + 2 < picture.length; i++) {
            if (picture[i] == 0 && picture[i + 1] == 0 && picture[i + 2] == 1) {
                add(picture, start, i, nals);
                start = i + 3;
                i += 2;
            }
        }
        add(picture, start, picture.length, nals);
        return nals;
    }

    private static void add(byte[] picture, int start, int end, List<Nal> nals) {
        int last = end;
        while (start >= 0 && last > start && picture[last - 1] == 0) {
            last--;
        }
        if (start >= 0 && last > start) {
            nals.add(new Nal(start, last - start));
        }
    }
}
