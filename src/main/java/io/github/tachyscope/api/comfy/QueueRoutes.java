package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobChange;
import io.github.tachyscope.store.JobState;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** Prompts that run and wait: listed, removed, interrupted. */
final class QueueRoutes {
    private final JobDesk desk;
    private final PromptLog log;
    private final ActorRef<Hub.Command> hub;

    QueueRoutes(JobDesk desk, PromptLog log, ActorRef<Hub.Command> hub) {
        this.desk = desk;
        this.log = log;
        this.hub = hub;
    }

    List<Endpoint> endpoints() {
        return Routes.allTwice(
                Endpoint.get(
                        "/prompt",
                        call -> log.openIds().thenApply(ids -> {
                            ObjectNode json = Messages.object();
                            json.set("exec_info", Messages.execInfo(ids.size()));
                            return Replies.json(json);
                        })),
                Endpoint.get("/queue", call -> log.queue().thenApply(QueueRoutes::queue)),
                Endpoint.post("/queue", this::change),
                Endpoint.post("/interrupt", this::interrupt));
    }

    private static HttpResponse queue(List<PromptEntry> entries) {
        ObjectNode json = Messages.object();
        ArrayNode running = json.putArray("queue_running");
        ArrayNode pending = json.putArray("queue_pending");
        for (PromptEntry entry : entries) {
            (entry.job().state() == JobState.RUNNING ? running : pending).add(entry.queued());
        }
        return Replies.json(json);
    }

    private CompletionStage<HttpResponse> change(Call call) {
        return Routes.body(call)
                .thenCompose(body -> body.path("clear").asBoolean()
                        ? log.openIds().thenCompose(ids -> withdraw(List.copyOf(ids)))
                        : withdraw(Routes.ids(body, "delete")))
                .thenApply(done -> Routes.done());
    }

    private CompletionStage<Boolean> withdraw(List<String> ids) {
        CompletionStage<Boolean> all = CompletableFuture.completedFuture(true);
        for (String id : ids) {
            all = all.thenCompose(done -> withdraw(id));
        }
        return all;
    }

    /** Takes a prompt out of the queue; whether it waited there. */
    CompletionStage<Boolean> withdraw(String id) {
        return find(id, JobState.QUEUED).thenCompose(job -> {
            if (job.isEmpty()) {
                return CompletableFuture.completedFuture(false);
            }
            return desk.withdraw(id).thenApply(change -> {
                boolean removed = change instanceof JobChange.Done;
                if (removed) {
                    log.forget(id);
                    hub.tell(new Hub.Withdraw(id));
                }
                return removed;
            });
        });
    }

    private CompletionStage<Optional<Job>> find(String id, JobState state) {
        return log.find(id).thenApply(entry -> entry.map(PromptEntry::job).filter(job -> job.state() == state));
    }

    private CompletionStage<HttpResponse> interrupt(Call call) {
        return Routes.body(call)
                .thenCompose(body -> {
                    Optional<String> only =
                            Optional.ofNullable(body.path("prompt_id").textValue());
                    return log.running()
                            .thenCompose(jobs -> cancel(jobs.stream()
                                    .map(Job::id)
                                    .filter(id -> only.isEmpty() || only.get().equals(id))
                                    .toList()));
                })
                .thenApply(done -> Routes.done());
    }

    private CompletionStage<Boolean> cancel(List<String> ids) {
        CompletionStage<Boolean> all = CompletableFuture.completedFuture(true);
        for (String id : ids) {
            all = all.thenCompose(done -> desk.cancel(id)).thenApply(change -> true);
        }
        return all;
    }

    /** Ends a prompt wherever it is; whether that did anything. */
    CompletionStage<Boolean> cancel(String id) {
        return find(id, JobState.RUNNING).thenCompose(running -> {
            if (running.isPresent()) {
                boolean first = !running.get().cancelRequested();
                return desk.cancel(id).thenApply(change -> first && change instanceof JobChange.Done);
            }
            return withdraw(id);
        });
    }
}
