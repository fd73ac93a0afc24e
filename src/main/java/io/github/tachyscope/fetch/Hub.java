package io.github.tachyscope.fetch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.tachyscope.config.Secret;
import io.github.tachyscope.fetch.FetchFailed.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A hub of models that speaks the protocol of Hugging Face.
 *
 * <pre>
 * GET {base}/api/models/{owner}/{name}/tree/{revision}?recursive=true   [{"type", "path", "size", "oid", "lfs": {"oid"}}]
 * GET {base}/{owner}/{name}/resolve/{revision}/{path}                   302 to where the bytes are
 * </pre>
 *
 * The token goes to the hub itself, never to where it redirects.
 */
public final class Hub {
    /** Largest page of a listing; protects memory. */
    private static final int MAX_LISTING_BYTES = 8 << 20;

    /** Pages of a listing, of a thousand files each; protects from endless ones. */
    private static final int MAX_PAGES = 10;

    /** Largest single file; the largest published ones have some 50 GB. */
    private static final long MAX_FILE_BYTES = 1L << 40;

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Pattern REPOSITORY = Pattern.compile("[A-Za-z0-9][\\w.-]{0,95}/[A-Za-z0-9][\\w.-]{0,95}");
    private static final Pattern REVISION = Pattern.compile("[A-Za-z0-9][\\w.-]{0,95}(/[\\w-][\\w.-]{0,95}){0,3}");
    private static final Pattern NEXT = Pattern.compile("<([^>]{1,2048})>;\\s*rel=\"next\"");
    private static final Pattern FILE_PATH = Pattern.compile("/([^/]+/[^/]+)/(resolve|blob|raw)/([^/]+)/(.+)");

    private final Fetch fetch;
    private final URI base;
    private final Supplier<Optional<Secret>> token;

    /** @param token asked for each request */
    public Hub(Fetch fetch, URI base, Supplier<Optional<Secret>> token) {
        this.fetch = fetch;
        this.base = base;
        this.token = token;
    }

    /** Whether the text is {@code owner/name}. */
    public static boolean isRepository(String text) {
        return REPOSITORY.matcher(text).matches();
    }

    /** Whether the text can name a branch, a tag or a commit. */
    public static boolean isRevision(String text) {
        return REVISION.matcher(text).matches();
    }

    /**
     * A file that an address of this hub names.
     *
     * @param page whether it is the page about the file, not the file itself
     */
    public record Named(String repository, String revision, String path, boolean page) {}

    /** What an address of this hub names; empty if it is of another host or names no file. */
    public Optional<Named> named(URI address) {
        if (address.getHost() == null || !HostPolicy.origin(address).equals(HostPolicy.origin(base))) {
            return Optional.empty();
        }
        String prefix = base.getPath() == null ? "" : base.getPath().replaceAll("/+$", "");
        String path = address.getPath();
        if (!path.startsWith(prefix)) {
            return Optional.empty();
        }
        Matcher matcher = FILE_PATH.matcher(path.substring(prefix.length()));
        if (!matcher.matches() || !isRepository(matcher.group(1)) || !isRevision(matcher.group(3))) {
            return Optional.empty();
        }
        return Optional.of(new Named(
                matcher.group(1),
                matcher.group(3),
                matcher.group(4),
                !matcher.group(2).equals("resolve")));
    }

    public boolean serves(URI address) {
        return address.getHost() != null && HostPolicy.origin(address).equals(HostPolicy.origin(base));
    }

    /** All files of a repository. */
    public List<HubFile> files(String repository, String revision) {
        URI next = address("/api/models/" + repository + "/tree/" + encoded(revision) + "?recursive=true");
        List<HubFile> files = new ArrayList<>();
        for (int page = 0; page < MAX_PAGES; page++) {
            Fetch.Answer answer;
            try {
                answer = fetch.get(next, MAX_LISTING_BYTES, credential());
            } catch (FetchFailed failed) {
                throw explained(failed, repository, revision);
            }
            files.addAll(parse(answer.body()));
            Optional<URI> link = next(next, answer);
            if (link.isEmpty()) {
                return files;
            }
            next = link.get();
        }
        throw new FetchFailed(Kind.BAD_REPLY, repository + " has more files than can be listed.");
    }

    private static Optional<URI> next(URI page, Fetch.Answer answer) {
        try {
            return answer.headers()
                    .firstValue("Link")
                    .map(NEXT::matcher)
                    .filter(Matcher::find)
                    .map(link -> page.resolve(link.group(1)));
        } catch (IllegalArgumentException malformed) {
            throw unreadable();
        }
    }

    static List<HubFile> parse(byte[] body) {
        JsonNode listing;
        try {
            listing = MAPPER.readTree(body);
        } catch (IOException malformed) {
            throw unreadable();
        }
        if (!listing.isArray()) {
            throw unreadable();
        }
        List<HubFile> files = new ArrayList<>();
        for (JsonNode entry : listing) {
            if (!entry.path("type").asText().equals("file")) {
                continue;
            }
            long bytes = entry.path("size").asLong(-1);
            String path = entry.path("path").asText();
            if (bytes < 0 || bytes > MAX_FILE_BYTES || path.isEmpty()) {
                throw unreadable();
            }
            Optional<Checksum> checksum = entry.path("lfs").path("oid").isTextual()
                    ? Checksum.sha256(entry.path("lfs").path("oid").asText())
                    : Checksum.gitBlob(entry.path("oid").asText());
            files.add(new HubFile(path, bytes, checksum));
        }
        return files;
    }

    private static FetchFailed unreadable() {
        return new FetchFailed(Kind.BAD_REPLY, "The hub's list of files cannot be understood.");
    }

    /** A file of a repository, to be written to {@code part}. */
    public FileFetch file(String repository, String revision, HubFile file, Path part) {
        return new FileFetch(
                fileAddress(repository, revision, file.path()),
                part,
                OptionalLong.of(file.bytes()),
                file.checksum(),
                MAX_FILE_BYTES,
                credential());
    }

    /** The address that gives the file itself. */
    public URI fileAddress(String repository, String revision, String path) {
        if (Arrays.stream(path.split("/", -1))
                .anyMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."))) {
            throw new FetchFailed(Kind.NOT_ALLOWED, "This is no name of a file in a repository.");
        }
        String encodedPath = Arrays.stream(path.split("/")).map(Hub::encoded).collect(Collectors.joining("/"));
        return address("/" + repository + "/resolve/" + encoded(revision) + "/" + encodedPath);
    }

    private URI address(String path) {
        return URI.create(base.toString().replaceAll("/+$", "") + path);
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** The token, for this hub alone. */
    public Optional<Credential> credential() {
        return token.get().map(secret -> new Credential(base, secret));
    }

    /** The failure in words that say what to do. */
    public FetchFailed explained(FetchFailed failed, String repository, String revision) {
        boolean hasToken = token.get().isPresent();
        String text = switch (failed.kind()) {
            case UNAUTHORIZED ->
                hasToken
                        ? "The hub does not accept the Hugging Face token for " + repository
                                + ", or there is no such repository. Check the name, and the token in the settings"
                                + " (HF_TOKEN, or the key \"huggingface\")."
                        : "The hub asks for a login for " + repository
                                + ", or there is no such repository. Check the name, or set a Hugging Face token"
                                + " (HF_TOKEN, or the key \"huggingface\").";
            case FORBIDDEN ->
                hasToken
                        ? "The Hugging Face token has no access to " + repository + ". Accept its terms at "
                                + address("/" + repository) + " with the account of the token."
                        : "The hub refuses access to " + repository + ". Accept its terms at "
                                + address("/" + repository) + " and set a Hugging Face token (HF_TOKEN, or the key"
                                + " \"huggingface\").";
            case MISSING ->
                "The hub has no " + repository + " in version \"" + revision
                        + "\", or not this file. Check repository and version.";
            default -> failed.getMessage();
        };
        return new FetchFailed(failed.kind(), text);
    }
}
