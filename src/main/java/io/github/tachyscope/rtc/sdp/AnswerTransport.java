package io.github.tachyscope.rtc.sdp;

import io.github.tachyscope.rtc.sdp.SdpText.Section;
import io.github.tachyscope.wire.MalformedPacket;
import java.util.List;
import java.util.Optional;

/** What an answer of ours says about the one transport, for a client inside the process. */
public record AnswerTransport(
        String iceUfrag, String icePassword, List<Fingerprint> fingerprints, List<IceCandidate> candidates) {

    /** @throws MalformedPacket if a part is missing */
    public static AnswerTransport parse(String answerSdp) {
        Section first = SdpText.parse(answerSdp).sections().stream()
                .filter(section -> section.has("ice-ufrag"))
                .findFirst()
                .orElseThrow(() -> new MalformedPacket("the answer accepts no line"));
        return new AnswerTransport(
                required(first, "ice-ufrag"),
                required(first, "ice-pwd"),
                Fingerprint.parse(required(first, "fingerprint").replaceFirst("^sha-256 ", "")).stream()
                        .toList(),
                first.all("candidate").stream()
                        .map(line -> IceCandidate.parse("candidate:" + line))
                        .flatMap(Optional::stream)
                        .toList());
    }

    private static String required(Section section, String name) {
        return section.first(name).orElseThrow(() -> new MalformedPacket("the answer has no a=" + name));
    }
}
