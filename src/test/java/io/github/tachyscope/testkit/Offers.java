package io.github.tachyscope.testkit;

import java.util.ArrayList;
import java.util.List;

/** Offers as browsers write them, put together line by line. */
public final class Offers {
    public static final String FINGERPRINT =
            "4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF";

    private final List<String> sections = new ArrayList<>();
    private final List<String> mids = new ArrayList<>();
    private boolean bundle = true;

    /** A line of pictures with VP8 first, then H.264 in the four forms that Chromium offers. */
    public Offers video(String mid, String direction, String... more) {
        return section(
                mid,
                "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 104 105 106 107 108 109",
                lines(
                        "a=extmap:1 urn:ietf:params:rtp-hdrext:toffset",
                        "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
                        "a=extmap:3 urn:3gpp:video-orientation",
                        "a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
                        "a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
                        "a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid",
                        "a=" + direction,
                        "a=rtcp-mux",
                        "a=rtcp-rsize",
                        format(96, "VP8"),
                        rtx(97, 96),
                        format(102, "H264"),
                        "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f",
                        rtx(103, 102),
                        format(104, "H264"),
                        "a=fmtp:104 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f",
                        rtx(105, 104),
                        format(106, "H264"),
                        "a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
                        rtx(107, 106),
                        format(108, "H264"),
                        "a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f",
                        rtx(109, 108),
                        lines(more)));
    }

    /** A line of pictures with the given formats only. */
    public Offers videoOf(String mid, String payloadTypes, String... attributes) {
        return section(mid, "m=video 9 UDP/TLS/RTP/SAVPF " + payloadTypes, lines(lines(attributes), "a=rtcp-mux"));
    }

    public Offers audio(String mid, String direction) {
        return section(
                mid,
                "m=audio 9 UDP/TLS/RTP/SAVPF 111 0",
                lines(
                        "a=" + direction,
                        "a=rtcp-mux",
                        "a=rtpmap:111 opus/48000/2",
                        "a=fmtp:111 minptime=10;useinbandfec=1",
                        "a=rtpmap:0 PCMU/8000"));
    }

    public Offers data(String mid) {
        return section(
                mid,
                "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
                lines("a=sctp-port:5000", "a=max-message-size:262144"));
    }

    public Offers section(String mid, String mLine, String attributes) {
        mids.add(mid);
        sections.add(lines(
                mLine,
                "c=IN IP4 0.0.0.0",
                "a=ice-ufrag:aB3+",
                "a=ice-pwd:0123456789abcdefABCDEF+/",
                "a=ice-options:trickle",
                "a=fingerprint:sha-256 " + FINGERPRINT,
                "a=setup:actpass",
                "a=mid:" + mid,
                attributes));
        return this;
    }

    public Offers withoutBundle() {
        bundle = false;
        return this;
    }

    public String sdp() {
        String group = bundle ? "a=group:BUNDLE " + String.join(" ", mids) : "a=extmap-allow-mixed";
        return lines("v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0", group)
                + "\r\n"
                + String.join("\r\n", sections)
                + "\r\n";
    }

    public static String format(int type, String codec) {
        return lines(
                "a=rtpmap:" + type + " " + codec + "/90000",
                "a=rtcp-fb:" + type + " goog-remb",
                "a=rtcp-fb:" + type + " transport-cc",
                "a=rtcp-fb:" + type + " ccm fir",
                "a=rtcp-fb:" + type + " nack",
                "a=rtcp-fb:" + type + " nack pli");
    }

    public static String rtx(int type, int of) {
        return lines("a=rtpmap:" + type + " rtx/90000", "a=fmtp:" + type + " apt=" + of);
    }

    private static String lines(String... lines) {
        return String.join(
                "\r\n", List.of(lines).stream().filter(line -> !line.isEmpty()).toList());
    }
}
