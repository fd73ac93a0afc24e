package io.github.tachyscope.rtc;

import io.github.tachyscope.rtc.rtp.VideoLineConfig;
import io.github.tachyscope.rtc.sdp.Answer;
import io.github.tachyscope.rtc.sdp.HeaderExtension;
import io.github.tachyscope.rtc.sdp.MediaLine;
import io.github.tachyscope.rtc.sdp.VideoFormat.Feedback;
import java.util.OptionalInt;
import java.util.Set;

/** Says what was negotiated in the words of the media engine. */
final class VideoLines {
    private VideoLines() {}

    static VideoLineConfig config(MediaLine.Video line, Answer.Sources sources) {
        Set<Feedback> feedback = line.format().feedback();
        boolean transportCc =
                feedback.contains(Feedback.TRANSPORT_CC) && line.extensions().containsKey(HeaderExtension.TRANSPORT_CC);
        return new VideoLineConfig(
                line.mid(),
                line.direction().sends(),
                line.direction().receives(),
                line.format().codec(),
                line.format().payloadType(),
                line.format().rtxPayloadType(),
                id(line, HeaderExtension.TRANSPORT_CC),
                id(line, HeaderExtension.PLAYOUT_DELAY),
                id(line, HeaderExtension.MID),
                id(line, HeaderExtension.ABS_SEND_TIME),
                feedback.contains(Feedback.NACK),
                feedback.contains(Feedback.PLI),
                feedback.contains(Feedback.FIR),
                transportCc,
                feedback.contains(Feedback.REMB) && !feedback.contains(Feedback.TRANSPORT_CC),
                sources.media(),
                sources.retransmission(),
                line.ssrcs());
    }

    private static OptionalInt id(MediaLine.Video line, HeaderExtension extension) {
        Integer id = line.extensions().get(extension);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }
}
