package io.github.tachyscope.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The HTTP side; see {@code tachyscope.server} in {@code reference.conf}.
 *
 * @param accessToken asked of every API call when present
 * @param moreTokens accepted as well, for other people
 * @param allowExposed whether to start on a non-loopback address without a token
 * @param tls PEM files; plain HTTP without
 * @param webDir where the pages are served from; the class path without
 */
public record ServerSettings(
        String host,
        int port,
        Optional<String> accessToken,
        List<String> moreTokens,
        boolean allowExposed,
        Optional<Tls> tls,
        Optional<Path> webDir,
        boolean openBrowser,
        boolean verboseLogging) {

    /** Certificate chain and private key, both PEM. */
    public record Tls(Path certificate, Path privateKey) {}

    private static final Pattern LOOPBACK_4 = Pattern.compile("127(\\.\\d{1,3}){3}");
    private static final int MOST_PORT = 65_535;

    static ServerSettings from(Section section) {
        ServerSettings settings = new ServerSettings(
                section.text("host"),
                section.whole("port", 0, MOST_PORT),
                section.optionalText("access-token"),
                section.texts("access-tokens"),
                section.flag("allow-exposed"),
                tls(section.section("tls")),
                section.optionalPath("web-dir"),
                section.flag("open-browser"),
                section.flag("verbose-logging"));
        if (settings.exposed() && settings.tokens().isEmpty() && !settings.allowExposed()) {
            section.reject(
                    "host",
                    "\"" + settings.host() + "\" can be reached from other machines, and there is no access token. Set"
                            + " tachyscope.server.access-token (or TACHYSCOPE_ACCESS_TOKEN), or"
                            + " tachyscope.server.allow-exposed = true if everybody may use this server");
        }
        return settings;
    }

    /** The same at another address. */
    public ServerSettings at(String otherHost, int otherPort) {
        return new ServerSettings(
                otherHost, otherPort, accessToken, moreTokens, allowExposed, tls, webDir, openBrowser, verboseLogging);
    }

    /** All tokens that are accepted. */
    public List<String> tokens() {
        return Stream.concat(accessToken.stream(), moreTokens.stream())
                .distinct()
                .toList();
    }

    /** Whether others than this machine can reach the server; a host name that is not "localhost" counts as exposed. */
    public boolean exposed() {
        return exposedOn(host);
    }

    /** The same of another address. */
    boolean exposedOn(String address) {
        return !(address.equalsIgnoreCase("localhost")
                || address.equals("::1")
                || address.equals("[::1]")
                || LOOPBACK_4.matcher(address).matches());
    }

    private static Optional<Tls> tls(Section section) {
        Optional<Path> certificate = section.optionalPath("certificate");
        Optional<Path> key = section.optionalPath("private-key");
        if (certificate.isPresent() != key.isPresent()) {
            section.reject(
                    certificate.isPresent() ? "private-key" : "certificate", "needed because its partner is set");
        }
        return certificate.flatMap(file -> key.map(secret -> new Tls(file, secret)));
    }

    @Override
    public String toString() {
        return "ServerSettings[host=" + host + ", port=" + port + ", token="
                + (accessToken.isPresent() ? "***" : "none") + ", tls=" + tls + ", webDir=" + webDir + "]";
    }
}
