package io.github.tachyscope.rtc.sdp;

import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.rtc.sdp.VideoFormat.Feedback;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Writes the answer to an offer (RFC 9429 section 5.3): the lines of the offer in its order, with its numbers, all
 * served ones on one transport, and all our candidates inside.
 */
public final class Answer {
    /** RFC 8445 section 5.1.2.1 for a host candidate: type preference 126, component 1. */
    private static final long HOST_PREFERENCE = 126L << 24;

    private static final int COMPONENT = 256 - 1;

    /**
     * Our side of the transport.
     *
     * @param sessionNumber tells this description from others of ours
     * @param addresses where we can be reached, best first
     * @param cname names us as a source of media
     * @param sources of the video lines that send, by mid
     */
    public record Transport(
            long sessionNumber,
            String iceUfrag,
            String icePassword,
            Fingerprint fingerprint,
            List<InetSocketAddress> addresses,
            String cname,
            Map<String, Sources> sources) {}

    /** Our numbers on a line that sends (RFC 5576): the pictures and their retransmissions. */
    public record Sources(long media, long retransmission) {}

    /**
     * What is told about rates and sizes.
     *
     * @param startBitrate in bits per second, of the browser's encoder in the first second
     * @param maxMessageSize in bytes, of data-channel messages
     */
    public record Limits(int startBitrate, int maxBitrate, int maxMessageSize) {}

    private final Offer offer;
    private final Transport transport;
    private final Limits limits;
    private final StringBuilder text = new StringBuilder(4096);

    private Answer(Offer offer, Transport transport, Limits limits) {
        this.offer = offer;
        this.transport = transport;
        this.limits = limits;
    }

    public static String write(Offer offer, Transport transport, Limits limits) {
        return new Answer(offer, transport, limits).write();
    }

    private String write() {
        line("v=0");
        line("o=- " + transport.sessionNumber() + " 1 IN IP4 127.0.0.1");
        line("s=-");
        line("t=0 0");
        line("a=group:BUNDLE "
                + offer.lines().stream()
                        .filter(line -> !(line instanceof MediaLine.Rejected))
                        .map(MediaLine::mid)
                        .collect(Collectors.joining(" ")));
        line("a=msid-semantic: WMS tachyscope");
        boolean first = true;
        for (MediaLine media : offer.lines()) {
            if (media instanceof MediaLine.Video video) {
                video(video, first);
            } else if (media instanceof MediaLine.Audio audio) {
                audio(audio, first);
            } else if (media instanceof MediaLine.Data data) {
                data(data, first);
            } else if (media instanceof MediaLine.Rejected rejected) {
                rejected(rejected);
            }
            first &= media instanceof MediaLine.Rejected;
        }
        return text.toString();
    }

    private void video(MediaLine.Video video, boolean first) {
        VideoFormat format = video.format();
        String types = format.payloadType()
                + (format.rtxPayloadType().isPresent()
                        ? " " + format.rtxPayloadType().getAsInt()
                        : "");
        line("m=video 9 UDP/TLS/RTP/SAVPF " + types);
        transport(video.mid(), first);
        line("a=rtcp-mux");
        if (video.reducedSizeRtcp()) {
            line("a=rtcp-rsize");
        }
        Direction direction = video.direction().mirrored();
        line("a=" + direction.attribute());
        if (direction.sends()) {
            // Stream and track: clients show event.streams[0], which is missing without this line.
            line("a=msid:tachyscope video-" + video.mid());
            Optional.ofNullable(transport.sources().get(video.mid()))
                    .ifPresent(
                            sources -> sources(sources, format.rtxPayloadType().isPresent()));
        }
        video.extensions().entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .forEach(entry -> line(
                        "a=extmap:" + entry.getValue() + " " + entry.getKey().uri()));
        format(format);
    }

    /** The pictures first: libwebrtc takes the first source named for the main one, whatever the group says. */
    private void sources(Sources sources, boolean retransmits) {
        if (retransmits) {
            line("a=ssrc-group:FID " + sources.media() + " " + sources.retransmission());
        }
        line("a=ssrc:" + sources.media() + " cname:" + transport.cname());
        if (retransmits) {
            line("a=ssrc:" + sources.retransmission() + " cname:" + transport.cname());
        }
    }

    private void format(VideoFormat format) {
        int type = format.payloadType();
        line("a=rtpmap:" + type + " " + (format.codec() == VideoCodec.VP8 ? "VP8" : "H264") + "/90000");
        feedback(format).stream()
                .sorted(Comparator.naturalOrder())
                .forEach(kind -> line("a=rtcp-fb:" + type + " " + kind.words()));
        String rates = "x-google-start-bitrate=" + limits.startBitrate() / 1000 + ";x-google-max-bitrate="
                + limits.maxBitrate() / 1000;
        String profile = format.codec() == VideoCodec.H264
                ? "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=" + format.profileLevelId() + ";"
                : "";
        line("a=fmtp:" + type + " " + profile + rates);
        format.rtxPayloadType().ifPresent(rtx -> {
            line("a=rtpmap:" + rtx + " rtx/90000");
            line("a=fmtp:" + rtx + " apt=" + type);
        });
    }

    /** All that was offered, but only one way to steer the rate: REMB is for those without transport-cc. */
    private static Set<Feedback> feedback(VideoFormat format) {
        return format.feedback().stream()
                .filter(kind -> kind != Feedback.REMB || !format.feedback().contains(Feedback.TRANSPORT_CC))
                .collect(Collectors.toSet());
    }

    private void audio(MediaLine.Audio audio, boolean first) {
        int type = audio.payloadType();
        line("m=audio 9 UDP/TLS/RTP/SAVPF " + type);
        transport(audio.mid(), first);
        line("a=rtcp-mux");
        line("a=inactive");
        line("a=rtpmap:" + type + " opus/48000/2");
        line("a=fmtp:" + type + " minptime=10;useinbandfec=1");
    }

    private void data(MediaLine.Data data, boolean first) {
        line("m=application 9 " + data.protocol() + " webrtc-datachannel");
        transport(data.mid(), first);
        line("a=sctp-port:5000");
        line("a=max-message-size:" + limits.maxMessageSize());
    }

    private void rejected(MediaLine.Rejected rejected) {
        line("m=" + rejected.kind() + " 0 " + rejected.protocol() + " " + rejected.format());
        line("c=IN IP4 0.0.0.0");
        line("a=mid:" + rejected.mid());
        line("a=inactive");
    }

    private void transport(String mid, boolean withCandidates) {
        line("c=IN IP4 0.0.0.0");
        line("a=mid:" + mid);
        line("a=ice-ufrag:" + transport.iceUfrag());
        line("a=ice-pwd:" + transport.icePassword());
        line("a=fingerprint:sha-256 " + transport.fingerprint());
        line("a=setup:passive");
        if (!withCandidates) {
            return;
        }
        int rank = 0;
        for (InetSocketAddress address : transport.addresses()) {
            line("a=" + candidate(address, rank++));
        }
        line("a=end-of-candidates");
    }

    private static String candidate(InetSocketAddress address, int rank) {
        long priority = HOST_PREFERENCE | (65535L - rank) << 8 | COMPONENT;
        String host = address.getAddress().getHostAddress();
        int scope = address.getAddress() instanceof Inet6Address ? host.indexOf('%') : -1;
        return "candidate:" + (rank + 1) + " 1 udp " + priority + " " + (scope < 0 ? host : host.substring(0, scope))
                + " " + address.getPort() + " typ host";
    }

    private void line(String content) {
        text.append(content).append("\r\n");
    }
}
