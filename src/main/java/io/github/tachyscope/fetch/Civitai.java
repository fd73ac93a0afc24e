package io.github.tachyscope.fetch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.tachyscope.config.Secret;
import io.github.tachyscope.fetch.FetchFailed.Kind;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Civitai, or a mirror of it.
 *
 * <pre>
 * GET {base}/api/v1/models/{model}            {"modelVersions": [{"id", "files": [...]}]}, newest first
 * GET {base}/api/v1/model-versions/{version}  {"modelId", "files": [{"name", "primary", "hashes": {"SHA256"}}]}
 * GET {base}/api/download/models/{version}    the primary file
 * </pre>
 */
public final class Civitai {
    private static final int MAX_DESCRIPTION_BYTES = 8 << 20;
    private static final Pattern DOWNLOAD = Pattern.compile("/api/download/models/(\\d{1,12})");

    private final ObjectMapper mapper = new ObjectMapper();
    private final Fetch fetch;
    private final URI base;
    private final Supplier<Optional<Secret>> token;

    /** @param token asked for each request */
    public Civitai(Fetch fetch, URI base, Supplier<Optional<Secret>> token) {
        this.fetch = fetch;
        this.base = base;
        this.token = token;
    }

    /**
     * The primary file of a version of a model.
     *
     * @param name as its author called it: not checked
     */
    public record Version(String modelId, String versionId, String name, Optional<Checksum> checksum) {}

    public boolean serves(URI address) {
        return address.getHost() != null && HostPolicy.origin(address).equals(HostPolicy.origin(base));
    }

    /** The version that a download address names; empty for pages. */
    public Optional<String> versionOf(URI address) {
        Matcher matcher = DOWNLOAD.matcher(String.valueOf(address.getPath()));
        return serves(address) && matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** @param own a token to use in place of the server's */
    public Version newest(String modelId, Optional<Secret> own) {
        JsonNode version = describe("/api/v1/models/" + number(modelId), own)
                .path("modelVersions")
                .path(0);
        return version(modelId, version.path("id").asText(), version);
    }

    /** @param own a token to use in place of the server's */
    public Version version(String versionId, Optional<Secret> own) {
        JsonNode version = describe("/api/v1/model-versions/" + number(versionId), own);
        return version(version.path("modelId").asText(), versionId, version);
    }

    private static Version version(String modelId, String versionId, JsonNode version) {
        JsonNode chosen = version.path("files").path(0);
        for (JsonNode file : version.path("files")) {
            chosen = file.path("primary").asBoolean() ? file : chosen;
        }
        String name = chosen.path("name").asText();
        if (name.isEmpty() || !versionId.matches("\\d{1,12}")) {
            throw new FetchFailed(Kind.BAD_REPLY, "Civitai names no file for this model.");
        }
        return new Version(
                modelId,
                versionId,
                name,
                Checksum.sha256(chosen.path("hashes").path("SHA256").asText()));
    }

    /** Where the primary file of a version is. */
    public URI fileAddress(Version version) {
        return address("/api/download/models/" + version.versionId());
    }

    /** The token, for this host alone. */
    public Optional<Credential> credential(Optional<Secret> own) {
        return own.or(token).map(secret -> new Credential(base, secret));
    }

    private static String number(String id) {
        if (!id.matches("\\d{1,12}")) {
            throw new FetchFailed(Kind.NOT_ALLOWED, "Ids of Civitai are numbers.");
        }
        return id;
    }

    private JsonNode describe(String path, Optional<Secret> own) {
        try {
            return mapper.readTree(fetch.get(address(path), MAX_DESCRIPTION_BYTES, credential(own))
                    .body());
        } catch (IOException malformed) {
            throw new FetchFailed(Kind.BAD_REPLY, "Civitai's description of the model cannot be understood.");
        } catch (FetchFailed failed) {
            throw explained(failed);
        }
    }

    private URI address(String path) {
        return URI.create(base.toString().replaceAll("/+$", "") + path);
    }

    /** The failure in words that say what to do. */
    public FetchFailed explained(FetchFailed failed) {
        String text = switch (failed.kind()) {
            case UNAUTHORIZED, FORBIDDEN ->
                "Civitai asks for a login for this file, or does not accept the token. Set a token"
                        + " (CIVITAI_API_TOKEN, or the key \"civitai\") of an account that may have it.";
            case MISSING -> "Civitai has no such model or version.";
            default -> failed.getMessage();
        };
        return new FetchFailed(failed.kind(), text);
    }
}
