package io.github.tachyscope.download;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.store.LoraFile;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * The downloads of this server: a few at a time, one of each repository, cancelled on demand. Those of models are kept in a
 * list on the disk until they end, and the next start of the process goes on with them.
 *
 * <pre>
 * (unknown) --Start--> running --Ended--> ended: kept for a while, to be looked at
 *                         +----Cancel---> running, told to end
 * </pre>
 */
public final class ModelDownloads {

    public sealed interface Command {}

    /** Downloads models; the reply comes at once. */
    public record Start(DownloadRequest request, ActorRef<StartReply> replyTo) implements Command {}

    /** Installs a LoRA file; the reply comes when it is there, or has failed. */
    public record InstallLora(LoraOrder order, ActorRef<LoraReply> replyTo) implements Command {}

    /** Ends a download; what has come is kept for another attempt. */
    public record Cancel(String id, ActorRef<CancelReply> replyTo) implements Command {}

    public record Describe(ActorRef<Listing> replyTo) implements Command {}

    private record ModelsEnded(String id) implements Command {}

    private record LoraEnded(String id, LoraInstall.Outcome outcome, ActorRef<LoraReply> replyTo) implements Command {}

    public sealed interface StartReply {}

    public enum Started implements StartReply {
        INSTANCE
    }

    public sealed interface LoraReply {}

    public record Installed(LoraFile file) implements LoraReply {}

    public record Refused(Failure failure) implements StartReply, LoraReply {}

    public enum CancelReply {
        CANCELLED,
        NOT_RUNNING
    }

    /** Running and lately ended downloads, oldest first. */
    public record Listing(List<DownloadState> downloads) {
        public Optional<DownloadState> find(String id) {
            return downloads.stream().filter(state -> state.id().equals(id)).findFirst();
        }
    }

    /** Longest wait for threads that were told to end. */
    private static final Duration END = Duration.ofSeconds(5);

    /** Ended downloads that are remembered; older ones are forgotten. */
    private static final int MAX_ENDED = 32;

    /**
     * One that runs.
     *
     * @param folders that it writes to
     */
    private record Running(DownloadProgress progress, List<String> folders, Thread thread) {}

    private final ActorContext<Command> context;
    private final DownloadParts parts;
    private final int maxDownloads;
    private final Map<String, Running> running = new LinkedHashMap<>();
    private final Map<String, DownloadState> ended = new LinkedHashMap<>();

    private ModelDownloads(ActorContext<Command> context, DownloadParts parts, int maxDownloads) {
        this.context = context;
        this.parts = parts;
        this.maxDownloads = maxDownloads;
    }

    /**
     * @param maxDownloads at the same time
     * @param resume whether to go on with what was under way when the process ended
     */
    public static Behavior<Command> create(DownloadParts parts, int maxDownloads, boolean resume) {
        return Behaviors.setup(context -> {
            ModelDownloads downloads = new ModelDownloads(context, parts, maxDownloads);
            if (resume) {
                downloads.resume();
            }
            return downloads.serving();
        });
    }

    /** The dispatcher to spawn it on: it waits for the disk. */
    public static DispatcherSelector dispatcher() {
        return DispatcherSelector.blocking();
    }

    private Behavior<Command> serving() {
        return Behaviors.receive(Command.class)
                .onMessage(Start.class, this::start)
                .onMessage(InstallLora.class, this::install)
                .onMessage(Cancel.class, this::cancel)
                .onMessage(Describe.class, this::describe)
                .onMessage(ModelsEnded.class, this::modelsEnded)
                .onMessage(LoraEnded.class, this::loraEnded)
                .onSignal(PostStop.class, stopped -> stop())
                .build();
    }

    private void resume() {
        try {
            for (Map.Entry<String, ObjectNode> entry :
                    parts.models().underWay().all().entrySet()) {
                try {
                    DownloadRequest request = DownloadRequest.fromJson(entry.getKey(), entry.getValue());
                    if (running.size() < maxDownloads) {
                        context.getLog().info("goes on with the download of {}", request.id());
                        run(request);
                    }
                } catch (IllegalArgumentException broken) {
                    parts.models().underWay().remove(entry.getKey());
                }
            }
        } catch (IOException unreadable) {
            context.getLog().warn("cannot read which downloads were under way: {}", unreadable.toString());
        }
    }

    private Behavior<Command> start(Start start) {
        DownloadRequest request = start.request();
        List<String> folders = folders(request);
        Optional<Failure> refusal = refusal(request.id(), folders);
        if (refusal.isPresent()) {
            start.replyTo().tell(new Refused(refusal.get()));
            return Behaviors.same();
        }
        try {
            parts.models().underWay().put(request.id(), request.toJson());
        } catch (IOException failed) {
            // It is fetched all the same; only a restart would forget it.
            context.getLog().warn("cannot note the download of {}: {}", request.id(), failed.toString());
        }
        run(request);
        start.replyTo().tell(Started.INSTANCE);
        return Behaviors.same();
    }

    private static List<String> folders(DownloadRequest request) {
        return request.sources().stream().map(Source::folder).toList();
    }

    private Optional<Failure> refusal(String id, List<String> folders) {
        boolean taken = running.containsKey(id)
                || running.values().stream()
                        .anyMatch(other -> other.folders().stream().anyMatch(folders::contains));
        if (taken) {
            return Optional.of(new Failure(Failure.Kind.EXISTS, "This is being downloaded already."));
        }
        return running.size() < maxDownloads
                ? Optional.empty()
                : Optional.of(new Failure(
                        Failure.Kind.BUSY,
                        "There are " + maxDownloads
                                + " downloads already (tachyscope.models.max-downloads). Wait for one to"
                                + " end, or cancel one."));
    }

    private void run(DownloadRequest request) {
        DownloadProgress progress = new DownloadProgress(request.id());
        CompletableFuture<Optional<Failure>> end = new CompletableFuture<>();
        Thread thread = spawn(request.id(), end, new ModelDownload(parts, request, progress)::run);
        ended.remove(request.id());
        running.put(request.id(), new Running(progress, folders(request), thread));
        context.pipeToSelf(end, (failure, fault) -> {
            if (fault != null) {
                progress.ended(Optional.of(Failure.of(fault)));
            }
            return new ModelsEnded(request.id());
        });
        thread.start();
    }

    private static <T> Thread spawn(String id, CompletableFuture<T> end, Supplier<T> work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        end.complete(work.get());
                    } catch (Throwable fault) {
                        end.completeExceptionally(fault);
                    }
                },
                "download-" + id.replaceAll("[^A-Za-z0-9]+", "-"));
        thread.setDaemon(true);
        return thread;
    }

    private Behavior<Command> install(InstallLora install) {
        String id = install.order().id();
        Optional<Failure> refusal = refusal(id, List.of());
        if (refusal.isPresent()) {
            install.replyTo().tell(new Refused(refusal.get()));
            return Behaviors.same();
        }
        DownloadProgress progress = new DownloadProgress(id);
        CompletableFuture<LoraInstall.Outcome> end = new CompletableFuture<>();
        Thread thread = spawn(id, end, new LoraInstall(parts, install.order(), progress)::run);
        ended.remove(id);
        running.put(id, new Running(progress, List.of(), thread));
        context.pipeToSelf(
                end,
                (outcome, fault) -> new LoraEnded(
                        id, fault == null ? outcome : LoraInstall.failed(progress, fault), install.replyTo()));
        thread.start();
        return Behaviors.same();
    }

    private Behavior<Command> cancel(Cancel cancel) {
        Running found = running.get(cancel.id());
        if (found != null) {
            found.thread().interrupt();
        }
        cancel.replyTo().tell(found == null ? CancelReply.NOT_RUNNING : CancelReply.CANCELLED);
        return Behaviors.same();
    }

    private Behavior<Command> describe(Describe describe) {
        List<DownloadState> all = new ArrayList<>(ended.values());
        running.values().forEach(each -> all.add(each.progress().state()));
        describe.replyTo().tell(new Listing(List.copyOf(all)));
        return Behaviors.same();
    }

    private Behavior<Command> modelsEnded(ModelsEnded end) {
        try {
            parts.models().underWay().remove(end.id());
        } catch (IOException failed) {
            context.getLog().warn("cannot note the end of the download of {}: {}", end.id(), failed.toString());
        }
        remember(end.id());
        return Behaviors.same();
    }

    private Behavior<Command> loraEnded(LoraEnded end) {
        remember(end.id());
        end.replyTo()
                .tell(end.outcome()
                        .file()
                        .<LoraReply>map(Installed::new)
                        .orElseGet(() -> new Refused(end.outcome().failure().orElseThrow())));
        return Behaviors.same();
    }

    private void remember(String id) {
        DownloadState last = running.remove(id).progress().state();
        ended.put(id, last);
        while (ended.size() > MAX_ENDED) {
            ended.remove(ended.keySet().iterator().next());
        }
        if (last.phase() == DownloadState.Phase.FAILED) {
            context.getLog()
                    .warn("the download of {} failed: {}", id, last.error().orElse(""));
        } else {
            context.getLog()
                    .info("the download of {} ended: {}", id, last.phase().wireName());
        }
    }

    private Behavior<Command> stop() {
        // They stay in the list on the disk. Whoever starts next, maybe in this process, needs their folders.
        running.values().forEach(each -> each.thread().interrupt());
        long deadline = System.nanoTime() + END.toNanos();
        try {
            for (Running each : running.values()) {
                each.thread().join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return Behaviors.same();
    }
}
