package io.github.tachyscope.rtc.sdp;

import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.rtc.sdp.SdpText.Section;
import io.github.tachyscope.rtc.sdp.VideoFormat.Feedback;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Picks formats and header extensions out of a media line.
 *
 * <p>The codec is the first of VP8 and H.264 in the order of the offer, which is the order of the client's preference.
 * Within H.264 constrained baseline goes before plain baseline: it is what our encoders write.
 */
final class VideoFormats {
    private static final int MAX_PAYLOAD_TYPE = 127;
    /** One-byte header extensions have the numbers 1 to 14 (RFC 8285 section 4.2). */
    private static final int MAX_EXTENSION_ID = 14;

    private static final long MAX_SSRC = 0xFFFF_FFFFL;
    /** Sources kept per line; a browser announces two, with simulcast six. More are learned from the packets. */
    private static final int MAX_SSRCS = 8;

    private static final Pattern SSRC = Pattern.compile("[0-9]{1,10}");
    private static final Pattern SPACE = Pattern.compile(" +");
    private static final Pattern PROFILE = Pattern.compile("[0-9a-f]{6}");
    /** What RFC 6184 says when the parameter is missing. */
    private static final String DEFAULT_PROFILE = "420010";

    private final Section section;
    private final Map<Integer, String> codecs = new HashMap<>();
    private final Map<Integer, Map<String, String>> parameters = new HashMap<>();

    private VideoFormats(Section section) {
        this.section = section;
        section.all("rtpmap")
                .forEach(line -> entry(line)
                        .ifPresent(entry -> codecs.putIfAbsent(
                                entry.getKey(), entry.getValue().toLowerCase(Locale.ROOT))));
        section.all("fmtp")
                .forEach(line -> entry(line)
                        .ifPresent(entry -> parameters.putIfAbsent(entry.getKey(), parameters(entry.getValue()))));
    }

    static Optional<VideoFormat> choose(Section section) {
        return new VideoFormats(section).choose();
    }

    static Optional<Integer> opus(Section section) {
        VideoFormats formats = new VideoFormats(section);
        return formats.payloadTypes().stream()
                .filter(type -> formats.codec(type).equals("opus/48000/2"))
                .findFirst();
    }

    /** Each known extension with its first number in the offer. */
    static Map<HeaderExtension, Integer> extensions(Section section) {
        Map<HeaderExtension, Integer> found = new EnumMap<>(HeaderExtension.class);
        Set<Integer> taken = new HashSet<>();
        for (String line : section.all("extmap")) {
            String[] words = SPACE.split(line);
            String number = words[0].split("/", 2)[0];
            Optional<Integer> id = Numbers.parse(number, MAX_EXTENSION_ID).filter(value -> value > 0);
            if (words.length >= 2 && id.isPresent() && taken.add(id.get())) {
                HeaderExtension.of(words[1]).ifPresent(extension -> found.putIfAbsent(extension, id.get()));
            }
        }
        return Map.copyOf(found);
    }

    /** The sources that the line announces ({@code a=ssrc}, RFC 5576). */
    static List<Long> ssrcs(Section section) {
        return section.all("ssrc").stream()
                .map(line -> SPACE.split(line, 2)[0])
                .filter(text -> SSRC.matcher(text).matches())
                .map(Long::parseLong)
                .filter(ssrc -> ssrc <= MAX_SSRC)
                .distinct()
                .limit(MAX_SSRCS)
                .toList();
    }

    private Optional<VideoFormat> choose() {
        List<Integer> types = payloadTypes();
        for (int type : types) {
            if (codec(type).equals("vp8/90000")) {
                return Optional.of(format(VideoCodec.VP8, type, ""));
            }
            if (isH264(type)) {
                int best = types.stream()
                        .filter(other -> isH264(other) && !profile(other).startsWith("4200"))
                        .findFirst()
                        .orElse(type);
                return Optional.of(format(VideoCodec.H264, best, profile(best)));
            }
        }
        return Optional.empty();
    }

    private VideoFormat format(VideoCodec codec, int type, String profile) {
        return new VideoFormat(codec, type, rtx(type), profile, feedback(type));
    }

    private List<Integer> payloadTypes() {
        return section.formats().stream()
                .flatMap(text -> Numbers.parse(text, MAX_PAYLOAD_TYPE).stream())
                .distinct()
                .toList();
    }

    private String codec(int type) {
        return codecs.getOrDefault(type, "");
    }

    private boolean isH264(int type) {
        String profile = profile(type);
        return codec(type).equals("h264/90000")
                && parameter(type, "packetization-mode").equals("1")
                && (profile.startsWith("42e0") || profile.startsWith("42c0") || profile.startsWith("4200"));
    }

    private String profile(int type) {
        String id = parameter(type, "profile-level-id").toLowerCase(Locale.ROOT);
        return PROFILE.matcher(id).matches() ? id : DEFAULT_PROFILE;
    }

    private String parameter(int type, String name) {
        return parameters.getOrDefault(type, Map.of()).getOrDefault(name, "");
    }

    private OptionalInt rtx(int type) {
        return payloadTypes().stream()
                .filter(other -> codec(other).equals("rtx/90000")
                        && parameter(other, "apt").equals(String.valueOf(type)))
                .mapToInt(Integer::intValue)
                .findFirst();
    }

    private Set<Feedback> feedback(int type) {
        Set<Feedback> found = EnumSet.noneOf(Feedback.class);
        for (String line : section.all("rtcp-fb")) {
            String[] words = SPACE.split(line, 2);
            if (words.length == 2 && (words[0].equals("*") || words[0].equals(String.valueOf(type)))) {
                for (Feedback feedback : Feedback.values()) {
                    if (feedback.words().equals(words[1])) {
                        found.add(feedback);
                    }
                }
            }
        }
        return Set.copyOf(found);
    }

    /** {@code 96 VP8/90000} as number and rest. */
    private static Optional<Map.Entry<Integer, String>> entry(String line) {
        String[] words = SPACE.split(line, 2);
        return words.length < 2
                ? Optional.empty()
                : Numbers.parse(words[0], MAX_PAYLOAD_TYPE).map(type -> Map.entry(type, words[1].strip()));
    }

    private static Map<String, String> parameters(String text) {
        Map<String, String> found = new HashMap<>();
        for (String pair : text.split(";")) {
            int equal = pair.indexOf('=');
            if (equal > 0) {
                found.putIfAbsent(
                        pair.substring(0, equal).strip().toLowerCase(Locale.ROOT),
                        pair.substring(equal + 1).strip());
            }
        }
        return found;
    }
}
