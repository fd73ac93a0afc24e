package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.store.Job;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** Prompts that have ended. */
final class HistoryRoutes {
    private final JobDesk desk;
    private final PromptLog log;
    private final int most;

    /** @param most entries that are shown */
    HistoryRoutes(JobDesk desk, PromptLog log, int most) {
        this.desk = desk;
        this.log = log;
        this.most = most;
    }

    List<Endpoint> endpoints() {
        return Routes.allTwice(
                Endpoint.get("/history", this::list),
                Endpoint.get("/history/{id}", this::read),
                Endpoint.post("/history", this::change));
    }

    private CompletionStage<HttpResponse> read(Call call) {
        return log.find(call.variable("id")).thenApply(entry -> {
            ObjectNode json = Messages.object();
            entry.filter(found -> found.job().state().ended())
                    .ifPresent(found -> json.set(found.job().id(), found.ended()));
            return Replies.json(json);
        });
    }

    private CompletionStage<HttpResponse> list(Call call) {
        int items = (int) call.query("max_items", most, 0, Integer.MAX_VALUE);
        // Those that clients send who mean none.
        int offset = (int) call.query("offset", -1, -1, Integer.MAX_VALUE);
        return log.ended(most)
                .thenCompose(jobs -> log.entries(part(jobs, items, offset)))
                .thenApply(entries -> {
                    ObjectNode json = Messages.object();
                    entries.forEach(entry -> json.set(entry.job().id(), entry.ended()));
                    return Replies.json(json);
                });
    }

    /** Without an offset the newest. */
    private static List<Job> part(List<Job> jobs, int items, int offset) {
        int from = Math.min(jobs.size(), offset < 0 ? Math.max(0, jobs.size() - items) : offset);
        return jobs.subList(from, from + Math.min(items, jobs.size() - from));
    }

    private CompletionStage<HttpResponse> change(Call call) {
        return Routes.body(call)
                .thenCompose(body -> body.path("clear").asBoolean()
                        ? log.ended(Integer.MAX_VALUE)
                                .thenCompose(jobs ->
                                        remove(jobs.stream().map(Job::id).toList()))
                        : remove(Routes.ids(body, "delete")))
                .thenApply(done -> Routes.done());
    }

    private CompletionStage<Boolean> remove(List<String> ids) {
        CompletionStage<Boolean> all = CompletableFuture.completedFuture(true);
        for (String id : ids) {
            all = all.thenCompose(done -> log.find(id)).thenCompose(entry -> {
                if (entry.filter(found -> found.job().state().ended()).isEmpty()) {
                    return CompletableFuture.completedFuture(true);
                }
                return desk.withdraw(id).thenApply(change -> {
                    log.forget(id);
                    return true;
                });
            });
        }
        return all;
    }
}
