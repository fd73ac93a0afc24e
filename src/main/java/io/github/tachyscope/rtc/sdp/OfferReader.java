package io.github.tachyscope.rtc.sdp;

import io.github.tachyscope.rtc.sdp.SdpText.Section;
import io.github.tachyscope.wire.MalformedPacket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Decides which lines of an offer can be served and reads its one transport. */
final class OfferReader {
    /** Most candidates kept; protects ICE's check list. The rest is ignored: checks of the client find the way too. */
    static final int MAX_CANDIDATES = 64;
    /** Most fingerprints kept; a client has one certificate, some have two. */
    private static final int MAX_FINGERPRINTS = 8;
    /** What RFC 8841 says when the attribute is missing. */
    private static final int DEFAULT_MAX_MESSAGE = 65536;

    private static final int DATA_CHANNEL_PORT = 5000;

    /** 16 characters: what a one-byte header extension can carry (RFC 8285). */
    private static final Pattern MID = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,16}");

    private static final Pattern UFRAG = Pattern.compile("[A-Za-z0-9+/]{4,256}");
    private static final Pattern PASSWORD = Pattern.compile("[A-Za-z0-9+/]{22,256}");
    private static final Pattern SPACE = Pattern.compile(" +");

    private final SdpText text;

    OfferReader(SdpText text) {
        this.text = text;
    }

    Offer offer() {
        if (text.sections().isEmpty()) {
            throw new UnacceptableOffer("The offer has no media line.");
        }
        if (text.first("ice-lite").isPresent()) {
            throw new UnacceptableOffer("An ICE lite client cannot be served: both sides would wait.");
        }
        List<MediaLine> lines = lines();
        Section transport = transport(lines);
        requireActive(transport);
        return new Offer(
                List.copyOf(lines),
                credential(transport, "ice-ufrag", UFRAG),
                credential(transport, "ice-pwd", PASSWORD),
                fingerprints(transport),
                candidates());
    }

    private List<MediaLine> lines() {
        Set<String> shared = bundled();
        Set<String> seen = new HashSet<>();
        List<MediaLine> lines = new ArrayList<>();
        boolean data = false;
        boolean alone = false;
        for (Section section : text.sections()) {
            String mid = section.first("mid").orElse("");
            if (!MID.matcher(mid).matches() || !seen.add(mid)) {
                throw new UnacceptableOffer(
                        "Every media line needs its own 'a=mid' of 1 to 16 letters and digits, as browsers write it.");
            }
            // One transport carries everything: without a BUNDLE group only the first line can be served.
            boolean reachable = shared.isEmpty() ? !alone : shared.contains(mid);
            MediaLine line = reachable ? line(mid, section, data) : rejected(mid, section);
            data |= line instanceof MediaLine.Data;
            alone |= !(line instanceof MediaLine.Rejected);
            lines.add(line);
        }
        requireCommonCodec(lines);
        return lines;
    }

    private Set<String> bundled() {
        Set<String> mids = new HashSet<>();
        for (String group : text.all("group")) {
            List<String> words = List.of(SPACE.split(group));
            if (words.get(0).equals("BUNDLE")) {
                mids.addAll(words.subList(1, words.size()));
            }
        }
        return mids;
    }

    private MediaLine line(String mid, Section section, boolean dataSeen) {
        // Port 0 rejects the line unless it only says "together with the others or not at all" (RFC 9143).
        if (section.port() == 0 && !section.has("bundle-only")) {
            return rejected(mid, section);
        }
        boolean media = isSecureMedia(section.protocol()) && section.has("rtcp-mux");
        Optional<? extends MediaLine> served = switch (section.kind()) {
            case "video" -> media ? video(mid, section) : Optional.<MediaLine>empty();
            case "audio" ->
                media
                        ? VideoFormats.opus(section).map(type -> new MediaLine.Audio(mid, type))
                        : Optional.<MediaLine>empty();
            case "application" -> dataSeen ? Optional.<MediaLine>empty() : data(mid, section);
            default -> Optional.<MediaLine>empty();
        };
        return served.isPresent() ? served.get() : rejected(mid, section);
    }

    private static boolean isSecureMedia(String protocol) {
        return protocol.equals("UDP/TLS/RTP/SAVPF") || protocol.equals("UDP/TLS/RTP/SAVP");
    }

    private Optional<MediaLine.Video> video(String mid, Section section) {
        return VideoFormats.choose(section)
                .map(format -> new MediaLine.Video(
                        mid,
                        direction(section),
                        format,
                        VideoFormats.extensions(section),
                        section.has("rtcp-rsize"),
                        VideoFormats.ssrcs(section)));
    }

    private static Optional<MediaLine.Data> data(String mid, Section section) {
        boolean channels = section.formats().get(0).equals("webrtc-datachannel");
        boolean dtls =
                section.protocol().equals("UDP/DTLS/SCTP") || section.protocol().equals("TCP/DTLS/SCTP");
        Optional<Integer> port = Optional.of(section.first("sctp-port").orElse(String.valueOf(DATA_CHANNEL_PORT)))
                .flatMap(value -> Numbers.parse(value, 65535));
        if (!channels || !dtls || port.isEmpty()) {
            return Optional.empty();
        }
        int size = section.first("max-message-size")
                .flatMap(value -> Numbers.parse(value, Integer.MAX_VALUE))
                .orElse(DEFAULT_MAX_MESSAGE);
        // 0 means "any size" (RFC 8841).
        return Optional.of(
                new MediaLine.Data(mid, section.protocol(), port.get(), size == 0 ? Integer.MAX_VALUE : size));
    }

    private static MediaLine rejected(String mid, Section section) {
        return new MediaLine.Rejected(
                mid, section.kind(), section.protocol(), section.formats().get(0));
    }

    private Direction direction(Section section) {
        for (Direction direction : Direction.values()) {
            if (section.has(direction.attribute())) {
                return direction;
            }
        }
        for (Direction direction : Direction.values()) {
            if (text.first(direction.attribute()).isPresent()) {
                return direction;
            }
        }
        return Direction.SENDRECV;
    }

    private static void requireCommonCodec(List<MediaLine> lines) {
        boolean wantsVideo = lines.stream()
                .anyMatch(line -> line instanceof MediaLine.Rejected rejected
                        && rejected.kind().equals("video"));
        boolean hasVideo = lines.stream().anyMatch(MediaLine.Video.class::isInstance);
        if (wantsVideo && !hasVideo) {
            throw new UnacceptableOffer("No video line of the offer can be served. One is needed with VP8 or H.264 "
                    + "(packetization-mode 1, constrained baseline profile 42e0xx or 42001f), over "
                    + "UDP/TLS/RTP/SAVPF, with rtcp-mux and in the BUNDLE group.");
        }
        if (lines.stream().allMatch(MediaLine.Rejected.class::isInstance)) {
            throw new UnacceptableOffer("No media line of the offer can be served: neither video nor data channels.");
        }
    }

    /** The section whose transport attributes count: that of the first line of the group (RFC 9143). */
    private Section transport(List<MediaLine> lines) {
        for (int i = 0; i < lines.size(); i++) {
            Section section = text.sections().get(i);
            if (!(lines.get(i) instanceof MediaLine.Rejected) && section.has("ice-ufrag")) {
                return section;
            }
        }
        return text.sections().get(0);
    }

    private Optional<String> of(Section transport, String name) {
        return transport.first(name).or(() -> text.first(name));
    }

    private void requireActive(Section transport) {
        String setup = of(transport, "setup").orElse("active");
        if (!setup.equals("actpass") && !setup.equals("active")) {
            throw new UnacceptableOffer("The offer must say 'a=setup:actpass' or 'a=setup:active'.");
        }
    }

    private String credential(Section transport, String name, Pattern form) {
        return of(transport, name)
                .filter(value -> form.matcher(value).matches())
                .orElseThrow(() -> new UnacceptableOffer("The offer has no valid 'a=" + name + "'."));
    }

    private List<Fingerprint> fingerprints(Section transport) {
        List<String> lines = transport.has("fingerprint") ? transport.all("fingerprint") : text.all("fingerprint");
        List<Fingerprint> found = lines.stream()
                .map(line -> SPACE.split(line, 2))
                .filter(words -> words.length == 2 && words[0].equalsIgnoreCase("sha-256"))
                .flatMap(words -> Fingerprint.parse(words[1]).stream())
                .limit(MAX_FINGERPRINTS)
                .toList();
        if (found.isEmpty()) {
            throw new UnacceptableOffer("The offer has no valid 'a=fingerprint:sha-256'.");
        }
        return found;
    }

    private List<IceCandidate> candidates() {
        return text.sections().stream()
                .flatMap(section -> section.all("candidate").stream())
                .flatMap(line -> usable("candidate:" + line).stream())
                .distinct()
                .limit(MAX_CANDIDATES)
                .toList();
    }

    /** One strange candidate is no reason to refuse the call: the checks of the client may find a way without it. */
    private static Optional<IceCandidate> usable(String line) {
        try {
            return IceCandidate.parse(line);
        } catch (MalformedPacket ignored) {
            return Optional.empty();
        }
    }
}
