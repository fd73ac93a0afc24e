package io.github.tachyscope.app;

import io.github.tachyscope.config.Configuration;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** Serves until the process is asked to end. */
final class Serve implements Command {
    private final PrintStream out;

    Serve(PrintStream out) {
        this.out = out;
    }

    @Override
    public ExitCode run(Configuration configuration, List<String> arguments) throws Exception {
        try (Server server = Server.start(configuration)) {
            Thread hook = new Thread(() -> stop(server), "shutdown");
            Runtime.getRuntime().addShutdownHook(hook);
            out.print(server.summary().text());
            out.flush();
            if (configuration.settings().server().openBrowser()) {
                openBrowser(server.url());
            }
            ExitCode end = server.awaitStop();
            if (end == ExitCode.RESTART) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
            return end;
        }
    }

    /** A signal is how people stop a server, so an orderly stop is a success; by itself the JVM would say otherwise. */
    private void stop(Server server) {
        server.close();
        out.flush();
        Runtime.getRuntime().halt(ExitCode.OK.code());
    }

    private void openBrowser(String url) {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        List<String> command = system.contains("mac")
                ? List.of("open", url)
                : system.contains("win")
                        ? List.of("rundll32", "url.dll,FileProtocolHandler", url)
                        : List.of("xdg-open", url);
        try {
            new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException noDesktop) {
            out.println("  no desktop browser here: open " + url + " yourself");
        }
    }
}
