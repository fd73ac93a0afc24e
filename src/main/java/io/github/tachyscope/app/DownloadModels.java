package io.github.tachyscope.app;

import io.github.tachyscope.config.Configuration;
import io.github.tachyscope.config.Settings;
import io.github.tachyscope.diffusion.PipelineCatalog;
import io.github.tachyscope.download.DownloadParts;
import io.github.tachyscope.download.DownloadProgress;
import io.github.tachyscope.download.DownloadRequest;
import io.github.tachyscope.download.DownloadState;
import io.github.tachyscope.download.Failure;
import io.github.tachyscope.download.ModelDownload;
import io.github.tachyscope.download.ModelShelf;
import io.github.tachyscope.download.Requests;
import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Downloads models and exits; the same files at the same place as a download by the server. */
final class DownloadModels implements Command {
    static final String USAGE = """
            Usage: tachyscope download_models WHAT [options]

            Downloads weights into the directory of models (tachyscope.storage.models-dir), and goes on where an earlier
            download ended. WHAT is one of

              --pipeline ID        what a pipeline cannot start without
              --model ID           one model of the catalogue
              --repo OWNER/NAME    a repository of the hub; with --revision NAME, a branch, tag or commit, and
                                   --files PATTERN, any number of times, only those
              --url ADDRESS        one file; with --filename NAME, under that name
              --list               downloads nothing and prints the catalogue

            Options:
              --config FILE        configuration file (default: conf/tachyscope.conf, if it is there)

            A token for the hub is taken from HF_TOKEN, from the configuration, or from the keys that were stored.
            """;

    private static final int BAR_WIDTH = 30;
    private static final long TICK_MILLIS = 500;

    private final PrintStream out;
    private final boolean terminal;

    /** @param terminal whether the progress is one line written over and over; else a line now and then */
    DownloadModels(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    @Override
    public ExitCode run(Configuration configuration, List<String> arguments) throws Exception {
        DownloadParts parts = Downloads.parts(configuration.settings());
        ModelShelf shelf = Downloads.shelf(configuration.settings(), parts);
        Wanted wanted = Wanted.parse(arguments);
        if (wanted.help()) {
            out.print(USAGE);
            return ExitCode.OK;
        }
        if (wanted.list()) {
            list(shelf);
            return ExitCode.OK;
        }
        if (wanted.pipeline().isPresent()
                && needsNothing(
                        configuration.settings(), shelf, wanted.pipeline().get())) {
            out.println("nothing to download for pipeline " + wanted.pipeline().get());
            return ExitCode.OK;
        }
        DownloadRequest request = request(wanted, shelf, new Requests(parts.hub()));
        return download(parts, request);
    }

    private static boolean needsNothing(Settings settings, ModelShelf shelf, String pipeline) {
        return !shelf.needsModels(pipeline)
                && PipelineCatalog.discover(settings.pipelines()).specs().stream()
                        .anyMatch(spec -> spec.id().equals(pipeline) && !spec.requiresModels());
    }

    private static DownloadRequest request(Wanted wanted, ModelShelf shelf, Requests requests)
            throws CommandLine.UsageProblem {
        try {
            if (wanted.pipeline().isPresent()) {
                return shelf.pipeline(wanted.pipeline().get())
                        .orElseThrow(() -> unknown("pipeline", wanted.pipeline()));
            } else if (wanted.model().isPresent()) {
                return shelf.model(wanted.model().get()).orElseThrow(() -> unknown("model", wanted.model()));
            } else if (wanted.repository().isPresent()) {
                return requests.repository(wanted.repository().get(), wanted.revision(), wanted.files());
            } else if (wanted.url().isPresent()) {
                return requests.address(wanted.url().get(), wanted.filename());
            }
        } catch (Requests.Malformed malformed) {
            throw new CommandLine.UsageProblem("download_models: " + malformed.getMessage());
        }
        throw new CommandLine.UsageProblem(
                "download_models needs one of --pipeline, --model, --repo, --url and --list");
    }

    private static CommandLine.UsageProblem unknown(String what, Optional<String> id) {
        return new CommandLine.UsageProblem("download_models: the catalogue has nothing for " + what + " \""
                + id.orElse("") + "\"; \"tachyscope download_models --list\" prints it");
    }

    private void list(ModelShelf shelf) {
        out.printf("%-20s %-11s %9s  %-3s  %-24s %s%n", "model", "kind", "about", "", "licence", "repository");
        for (ModelShelf.Shelved each : shelf.all()) {
            out.printf(
                    Locale.ROOT,
                    "%-20s %-11s %6d MB  %-3s  %-24s %s%n",
                    each.model().id(),
                    each.model().kind(),
                    each.model().approximateBytes() / 1_000_000,
                    each.present() ? "yes" : "no",
                    each.model().licence(),
                    each.model().repository());
        }
    }

    private ExitCode download(DownloadParts parts, DownloadRequest request) throws Exception {
        DownloadProgress progress = new DownloadProgress(request.id());
        CompletableFuture<Optional<Failure>> end = new CompletableFuture<>();
        Thread worker = new Thread(
                () -> {
                    try {
                        end.complete(new ModelDownload(parts, request, progress).run());
                    } catch (Throwable fault) {
                        end.completeExceptionally(fault);
                    }
                },
                "download");
        worker.setDaemon(true);
        worker.start();
        Optional<Failure> failure = await(end, progress);
        if (failure.isPresent()) {
            out.println("failed: " + failure.get().message());
            return ExitCode.DOWNLOAD;
        }
        DownloadState done = progress.state();
        out.printf("done: %d files, %d MB%n", done.files(), done.bytes() / 1_000_000);
        return ExitCode.OK;
    }

    private Optional<Failure> await(CompletableFuture<Optional<Failure>> end, DownloadProgress progress)
            throws InterruptedException, ExecutionException {
        String last = "";
        while (true) {
            try {
                Optional<Failure> failure = end.get(TICK_MILLIS, TimeUnit.MILLISECONDS);
                if (terminal && !last.isEmpty()) {
                    out.println();
                }
                return failure;
            } catch (TimeoutException running) {
                String line = line(progress.state());
                if (terminal) {
                    out.print("\r" + line + " ".repeat(Math.max(0, last.length() - line.length())));
                    out.flush();
                } else if (!percentOf(line).equals(percentOf(last))) {
                    out.println(line);
                }
                last = line;
            }
        }
    }

    /** What a line begins with; without a terminal there is a new line for a new one only. */
    private static String percentOf(String line) {
        return line.substring(0, line.indexOf('%') + 1);
    }

    static String line(DownloadState state) {
        if (state.phase() == DownloadState.Phase.LISTING) {
            return "looking up what is needed ...";
        }
        int filled = (int) (state.percent() / 100 * BAR_WIDTH);
        String bar = "#".repeat(filled) + "-".repeat(BAR_WIDTH - filled);
        String eta = state.etaSeconds().isPresent()
                ? ", " + duration(state.etaSeconds().getAsLong()) + " left"
                : "";
        return String.format(
                Locale.ROOT,
                "[%s] %3d%% %d of %d MB, %.1f MB/s%s",
                bar,
                (int) state.percent(),
                state.bytes() / 1_000_000,
                state.totalBytes() / 1_000_000,
                state.bytesPerSecond() / 1e6,
                eta);
    }

    private static String duration(long seconds) {
        return seconds < 3600
                ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%d h %d min", seconds / 3600, seconds / 60 % 60);
    }

    /** The arguments, read. */
    record Wanted(
            Optional<String> pipeline,
            Optional<String> model,
            Optional<String> repository,
            Optional<String> revision,
            List<String> files,
            Optional<String> url,
            Optional<String> filename,
            boolean list,
            boolean help) {
        static Wanted parse(List<String> arguments) throws CommandLine.UsageProblem {
            Optional<String> pipeline = Optional.empty();
            Optional<String> model = Optional.empty();
            Optional<String> repository = Optional.empty();
            Optional<String> revision = Optional.empty();
            List<String> files = new ArrayList<>();
            Optional<String> url = Optional.empty();
            Optional<String> filename = Optional.empty();
            boolean list = false;
            boolean help = false;
            Deque<String> left = new ArrayDeque<>(arguments);
            while (!left.isEmpty()) {
                String option = left.remove();
                int equals = option.startsWith("--") ? option.indexOf('=') : -1;
                if (equals > 0) {
                    left.addFirst(option.substring(equals + 1));
                    option = option.substring(0, equals);
                }
                switch (option) {
                    case "--pipeline" -> pipeline = Optional.of(TrainTiny.text(option, left));
                    case "--model" -> model = Optional.of(TrainTiny.text(option, left));
                    case "--repo" -> repository = Optional.of(TrainTiny.text(option, left));
                    case "--revision" -> revision = Optional.of(TrainTiny.text(option, left));
                    case "--files" -> files.add(TrainTiny.text(option, left));
                    case "--url" -> url = Optional.of(TrainTiny.text(option, left));
                    case "--filename" -> filename = Optional.of(TrainTiny.text(option, left));
                    case "--list" -> list = true;
                    case "-h", "--help" -> help = true;
                    default -> throw new CommandLine.UsageProblem("download_models: unknown option \"" + option + "\"");
                }
            }
            return new Wanted(pipeline, model, repository, revision, List.copyOf(files), url, filename, list, help);
        }
    }
}
