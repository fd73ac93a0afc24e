package io.github.tachyscope.rtc;

import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.rtc.sdp.Fingerprint;
import java.util.List;

/** The offer of a {@link LoopbackPeer}: one video line in one codec and data channels, as a browser writes them. */
final class LoopbackOffer {
    private LoopbackOffer() {}

    static String write(VideoCodec codec, String ufrag, String password, Fingerprint fingerprint) {
        List<String> transport = List.of(
                "c=IN IP4 0.0.0.0",
                "a=ice-ufrag:" + ufrag,
                "a=ice-pwd:" + password,
                "a=fingerprint:sha-256 " + fingerprint,
                "a=setup:actpass");
        List<String> session = List.of(
                "v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE " + LoopbackPeer.MID + " data");
        List<String> video = List.of(
                "a=mid:" + LoopbackPeer.MID,
                "a=sendrecv",
                "a=rtcp-mux",
                "a=rtcp-rsize",
                "a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
                "a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
                "a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid",
                "a=rtpmap:96 " + (codec == VideoCodec.VP8 ? "VP8" : "H264") + "/90000",
                "a=rtcp-fb:96 transport-cc",
                "a=rtcp-fb:96 ccm fir",
                "a=rtcp-fb:96 nack",
                "a=rtcp-fb:96 nack pli");
        List<String> profile = codec == VideoCodec.VP8
                ? List.of()
                : List.of("a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f");
        List<String> retransmission = List.of("a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96");
        List<String> data = List.of("a=mid:data", "a=sctp-port:5000", "a=max-message-size:262144");
        return lines(session)
                + lines(List.of("m=video 9 UDP/TLS/RTP/SAVPF 96 97"))
                + lines(transport)
                + lines(video)
                + lines(profile)
                + lines(retransmission)
                + lines(List.of("m=application 9 UDP/DTLS/SCTP webrtc-datachannel"))
                + lines(transport)
                + lines(data);
    }

    private static String lines(List<String> lines) {
        return lines.isEmpty() ? "" : String.join("\r\n", lines) + "\r\n";
    }
}
