package io.github.tachyscope.app;

import io.github.tachyscope.config.Settings;
import io.github.tachyscope.diffusion.Plugins;
import java.util.ArrayList;
import java.util.List;

/**
 * What an operator wants to see once the server listens.
 *
 * @param addresses of the pages, as they are typed into a browser
 * @param media UDP addresses
 * @param warnings what is risky in this configuration
 */
record StartupSummary(
        String version,
        List<String> addresses,
        List<String> media,
        List<String> devices,
        List<String> pipelines,
        List<String> plugins,
        List<String> limits,
        List<String> warnings) {

    /** @param further warnings that do not come from the settings */
    static StartupSummary of(
            String version,
            List<String> addresses,
            List<String> media,
            List<String> devices,
            List<String> pipelines,
            Plugins plugins,
            Settings settings,
            List<String> further) {
        List<String> warnings = warnings(settings);
        warnings.addAll(further);
        plugins.failed().forEach(failure -> warnings.add(describe(failure)));
        return new StartupSummary(
                version,
                addresses,
                media,
                devices,
                pipelines,
                plugins.loaded().stream().map(StartupSummary::describe).toList(),
                limits(settings),
                warnings);
    }

    static String describe(Plugins.Plugin plugin) {
        return plugin.name() + " " + plugin.version() + " (" + plugin.file() + "): "
                + String.join(", ", plugin.pipelines());
    }

    static String describe(Plugins.Failure failure) {
        String provider = failure.provider().equals(failure.file()) ? "" : ", " + failure.provider();
        return "plugin " + failure.file() + provider + ": " + failure.message();
    }

    /** Several lines, each fact under its name; ends with a line break. */
    String text() {
        StringBuilder text = new StringBuilder("Tachyscope " + version + "\n");
        line(text, "open", addresses);
        line(text, "media", media);
        line(text, "devices", devices);
        line(text, "pipelines", pipelines.isEmpty() ? List.of("none loaded") : List.of(String.join(", ", pipelines)));
        line(text, "plugins", plugins);
        line(text, "limits", List.of(String.join(", ", limits)));
        line(text, "WARNING", warnings);
        return text.toString();
    }

    private static void line(StringBuilder text, String name, List<String> values) {
        String head = name;
        for (String value : values) {
            text.append("  %-10s %s%n".formatted(head, value).replace(System.lineSeparator(), "\n"));
            head = "";
        }
    }

    private static List<String> limits(Settings settings) {
        return List.of(
                settings.session().max() + " sessions",
                settings.session().maxPerAddress() + " per address",
                settings.engine().maxRuns() + " generations",
                "pictures up to " + settings.media().maxWidth() + "x"
                        + settings.media().maxHeight(),
                "uploads up to " + (settings.storage().maxUploadBytes() >> 20) + " MiB");
    }

    static List<String> warnings(Settings settings) {
        List<String> warnings = new ArrayList<>();
        if (!settings.server().exposed()) {
            return warnings;
        }
        String host = settings.server().host();
        if (settings.server().tokens().isEmpty()) {
            warnings.add("everybody who reaches " + host + " can use this server: set tachyscope.server.access-token");
        }
        if (settings.server().tls().isEmpty()) {
            warnings.add("browsers on other machines give no camera to a page without HTTPS:"
                    + " set tachyscope.server.tls, or put a proxy with HTTPS in front");
        }
        return warnings;
    }
}
