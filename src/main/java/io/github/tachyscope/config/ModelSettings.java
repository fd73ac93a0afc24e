package io.github.tachyscope.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Downloads of models; see {@code tachyscope.models} in {@code reference.conf}.
 *
 * @param allowedHosts names and {@code *.} patterns
 * @param trustedOrigins addresses whose scheme, host and port are asked as they are: mirrors
 * @param catalogue those that come with the server, and those of the operator
 * @param attempts in a row without progress
 * @param minFreeBytes space that a download must leave
 */
public record ModelSettings(
        boolean offline,
        URI hubUrl,
        URI civitaiUrl,
        List<String> allowedHosts,
        List<URI> trustedOrigins,
        ModelCatalogue catalogue,
        int parallelFiles,
        int maxDownloads,
        Duration connectTimeout,
        Duration replyTimeout,
        Duration stallTimeout,
        int attempts,
        long maxLoraBytes,
        long minFreeBytes) {
    static ModelSettings from(Section section) {
        URI hub = address(section, "hub-url", section.text("hub-url"));
        URI civitai = address(section, "civitai-url", section.text("civitai-url"));
        List<String> hosts = new ArrayList<>();
        List<URI> trusted = new ArrayList<>();
        for (String host : section.texts("allowed-hosts")) {
            if (host.contains("://")) {
                trusted.add(address(section, "allowed-hosts", host));
            } else if (host.matches("(\\*\\.)?[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*")) {
                hosts.add(host.toLowerCase(Locale.ROOT));
            } else {
                section.reject("allowed-hosts", "\"" + host + "\" is no host, no *.host and no http(s)://host:port");
            }
        }
        // What stands on the list is checked like everything else on it; what only stands here is a mirror.
        for (URI base : List.of(hub, civitai)) {
            boolean listed = "https".equals(base.getScheme()) && base.getPort() == -1 && hosts.contains(base.getHost());
            if (!listed) {
                trusted.add(base);
            }
        }
        Optional<Path> file = section.optionalPath("catalogue-file");
        return new ModelSettings(
                section.flag("offline"),
                hub,
                civitai,
                List.copyOf(hosts),
                List.copyOf(trusted),
                ModelCatalogue.load(file, problem -> section.reject("catalogue-file", problem)),
                section.whole("parallel-files", 1, 16),
                section.whole("max-downloads", 1, 16),
                section.duration("connect-timeout"),
                section.duration("reply-timeout"),
                section.duration("stall-timeout"),
                section.whole("attempts", 1, 100),
                section.bytes("max-lora-size", 1, Long.MAX_VALUE),
                section.bytes("min-free-space", 0, Long.MAX_VALUE));
    }

    private static URI address(Section section, String key, String text) {
        try {
            URI address = URI.create(text);
            boolean web = "https".equals(address.getScheme()) || "http".equals(address.getScheme());
            if (web && address.getHost() != null && address.getRawUserInfo() == null && address.getRawQuery() == null) {
                return address;
            }
        } catch (IllegalArgumentException malformed) {
            // Told below.
        }
        section.reject(key, "\"" + text + "\" must be http(s)://host[:port][/path]");
        return URI.create("https://invalid.invalid");
    }
}
