package io.github.tachyscope.api.video;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A picture or a video that a request starts from, by its address.
 *
 * @param field of the request
 * @param kind what it has to be
 * @param url {@code http:}, {@code https:}, or {@code data:} with the bytes in it
 */
public record Reference(String field, Kind kind, String url) {
    private static final String DATA = "data:";
    private static final String BASE64 = ";base64,";

    /** Longest address without its own data; protects what is done with it. */
    private static final int MAX_URL = 8_192;

    private static final int MAX_MEDIA_TYPE = 100;

    /** What a reference shows. */
    public enum Kind {
        PICTURE("image"),
        VIDEO("video");

        private final String word;

        Kind(String word) {
            this.word = word;
        }
    }

    /** @throws FieldRejected if more than one is there, or one cannot be used here */
    static Optional<Reference> read(Fields fields) {
        List<Reference> found = new ArrayList<>();
        read(fields, "image_reference", Kind.PICTURE).ifPresent(found::add);
        read(fields, "video_reference", Kind.VIDEO).ifPresent(found::add);
        read(fields, "input_reference", Kind.PICTURE).ifPresent(found::add);
        if (found.size() > 1) {
            throw new FieldRejected(
                    found.get(1).field(),
                    "stands beside " + found.get(0).field()
                            + "; at most one of input_reference, image_reference and video_reference is allowed");
        }
        return found.stream().findFirst();
    }

    private static Optional<Reference> read(Fields fields, String field, Kind kind) {
        return fields.object(field).map(object -> {
            String key = kind.word + "_url";
            JsonNode url = object.path(key);
            for (var member : object.properties()) {
                if (!member.getKey().equals(key) && !member.getKey().equals("file_id")) {
                    throw new FieldRejected(field, "has the unknown key " + cut(member.getKey()) + "; known is " + key);
                }
            }
            if (object.hasNonNull("file_id")) {
                throw new FieldRejected(field, "with a file_id is not supported; send " + key + ", or the file itself");
            }
            if (!url.isTextual()) {
                throw new FieldRejected(field, "needs " + key + ", an address");
            }
            Reference reference = new Reference(field, kind, url.textValue());
            reference.check();
            ObjectNode shown = JsonNodeFactory.instance.objectNode().put(key, reference.brief());
            fields.accept(field, shown);
            return reference;
        });
    }

    private void check() {
        if (isData()) {
            int comma = url.indexOf(',');
            String head = comma < 0 || comma > MAX_MEDIA_TYPE ? "" : url.substring(0, comma + 1);
            String lower = head.toLowerCase(Locale.ROOT);
            if (!lower.startsWith(DATA + kind.word + "/") || !lower.endsWith(BASE64)) {
                throw new FieldRejected(field, "must begin with data:" + kind.word + "/ and a format, then ;base64,");
            }
            return;
        }
        boolean address = false;
        if (url.length() <= MAX_URL) {
            try {
                URI uri = new URI(url);
                String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
                address = (scheme.equals("http") || scheme.equals("https")) && uri.getHost() != null;
            } catch (java.net.URISyntaxException malformed) {
                // Told like an address of another scheme.
            }
        }
        if (!address) {
            throw new FieldRejected(
                    field, "must be an http:, https: or data:" + kind.word + "/ address, not \"" + cut(url) + "\"");
        }
    }

    /** Whether the bytes are in the address. */
    public boolean isData() {
        return url.regionMatches(true, 0, DATA, 0, DATA.length());
    }

    /**
     * The bytes in the address.
     *
     * @throws FieldRejected if they are not Base64
     */
    public byte[] data() {
        String text = url.substring(url.indexOf(',') + 1);
        try {
            return text.indexOf('-') >= 0 || text.indexOf('_') >= 0
                    ? Base64.getUrlDecoder().decode(text)
                    : Base64.getMimeDecoder().decode(text);
        } catch (IllegalArgumentException malformed) {
            throw new FieldRejected(field, "has data that are not Base64");
        }
    }

    /** Without the bytes, fit to be shown. */
    private String brief() {
        return isData() ? url.substring(0, url.indexOf(',') + 1) + "..." : url;
    }

    private static String cut(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }
}
