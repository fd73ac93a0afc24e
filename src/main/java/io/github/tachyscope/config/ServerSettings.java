package io.github.tachyscope.config;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The HTTP side; see {@code tachyscope.server} in {@code reference.conf}.
 *
 * @param accessToken asked of every API call when present
 * @param allowExposed whether to start on a non-loopback address without a token
 * @param tls PEM files; plain HTTP without
 * @param webDir where the pages are served from; the class path without
 */
public record ServerSettings(
        String host,
        int port,
        Optional<String> accessToken,
        boolean allowExposed,
        Optional<Tls> tls,
        Optional<Path> webDir,
        boolean openBrowser,
        boolean verboseLogging) {

    /** Certificate chain and private key, both PEM. */
    public record Tls(Path certificate, Path privateKey) {}

    static ServerSettings from(Config c) {
        Optional<Path> certificate = path(c, "tls.certificate");
        Optional<Path> key = path(c, "tls.private-key");
        if (certificate.isPresent() != key.isPresent()) {
            throw new IllegalArgumentException(
                    "tachyscope.server.tls needs both certificate and private-key, or neither");
        }
        return new ServerSettings(
                c.getString("host"),
                c.getInt("port"),
                text(c, "access-token"),
                c.getBoolean("allow-exposed"),
                certificate.map(file -> new Tls(file, key.orElseThrow())),
                path(c, "web-dir"),
                c.getBoolean("open-browser"),
                c.getBoolean("verbose-logging"));
    }

    static Optional<String> text(Config c, String key) {
        return Optional.of(c.getString(key)).filter(value -> !value.isBlank());
    }

    static Optional<Path> path(Config c, String key) {
        return text(c, key).map(Path::of);
    }
}
