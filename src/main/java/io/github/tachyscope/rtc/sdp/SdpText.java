package io.github.tachyscope.rtc.sdp;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A session description cut into its sections, not yet understood (RFC 8866 section 5).
 *
 * @param attributes of the session, before the first m-line
 */
record SdpText(List<Attribute> attributes, List<Section> sections) {
    /** Longest description read; protects memory. A browser's line of video takes about 7,000 characters. */
    static final int MAX_CHARS = 256 * 1024;
    /** Most lines of text; protects the time to walk them. */
    static final int MAX_LINES = 10_000;
    /** Most m-lines; protects everything that is allocated per line later. */
    static final int MAX_SECTIONS = 32;

    private static final Pattern LINE_END = Pattern.compile("\r\n|\n|\r");
    private static final Pattern SPACE = Pattern.compile(" +");

    /** {@code a=name:value}; the value is empty without a colon. */
    record Attribute(String name, String value) {
        static Attribute parse(String text) {
            int colon = text.indexOf(':');
            return colon < 0
                    ? new Attribute(text.strip(), "")
                    : new Attribute(
                            text.substring(0, colon), text.substring(colon + 1).strip());
        }
    }

    /** An m-line and what follows it. */
    record Section(String kind, int port, String protocol, List<String> formats, List<Attribute> attributes) {
        Optional<String> first(String name) {
            return SdpText.first(attributes, name);
        }

        List<String> all(String name) {
            return SdpText.all(attributes, name);
        }

        boolean has(String name) {
            return first(name).isPresent();
        }
    }

    static SdpText parse(String sdp) {
        if (sdp.length() > MAX_CHARS) {
            throw new UnacceptableOffer(
                    "The SDP has " + sdp.length() + " characters; at most " + MAX_CHARS + " are allowed.");
        }
        String[] lines = LINE_END.split(sdp, MAX_LINES + 1);
        if (lines.length > MAX_LINES) {
            throw new UnacceptableOffer("The SDP has more than " + MAX_LINES + " lines.");
        }
        if (!lines[0].strip().equals("v=0")) {
            throw new UnacceptableOffer("The SDP must begin with the line 'v=0'.");
        }
        List<Attribute> session = new ArrayList<>();
        List<Section> sections = new ArrayList<>();
        List<Attribute> current = session;
        for (String line : lines) {
            if (line.startsWith("m=")) {
                if (sections.size() == MAX_SECTIONS) {
                    throw new UnacceptableOffer("The SDP has more than " + MAX_SECTIONS + " media lines.");
                }
                current = new ArrayList<>();
                sections.add(section(line.substring(2), current));
            } else if (line.startsWith("a=")) {
                current.add(Attribute.parse(line.substring(2)));
            } else if (!line.isBlank() && (line.length() < 2 || line.charAt(1) != '=')) {
                throw new UnacceptableOffer("The SDP has a line that is not of the form 'x=value'.");
            }
        }
        return new SdpText(session, sections);
    }

    private static Section section(String line, List<Attribute> attributes) {
        String[] fields = SPACE.split(line.strip());
        if (fields.length < 4) {
            throw new UnacceptableOffer("A media line of the SDP has fewer than four fields.");
        }
        int port = Numbers.parse(fields[1], 65535)
                .orElseThrow(() -> new UnacceptableOffer("A media line of the SDP has no valid port."));
        return new Section(fields[0], port, fields[2], List.of(fields).subList(3, fields.length), attributes);
    }

    Optional<String> first(String name) {
        return first(attributes, name);
    }

    List<String> all(String name) {
        return all(attributes, name);
    }

    private static Optional<String> first(List<Attribute> attributes, String name) {
        return attributes.stream()
                .filter(attribute -> attribute.name().equals(name))
                .map(Attribute::value)
                .findFirst();
    }

    private static List<String> all(List<Attribute> attributes, String name) {
        return attributes.stream()
                .filter(attribute -> attribute.name().equals(name))
                .map(Attribute::value)
                .toList();
    }
}
