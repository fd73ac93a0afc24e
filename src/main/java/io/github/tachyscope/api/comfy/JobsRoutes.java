package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobState;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** All prompts in one list, waiting, running and ended. */
final class JobsRoutes {
    private static final Set<String> STATUSES = Set.of("pending", "in_progress", "completed", "failed", "cancelled");

    private final PromptLog log;
    private final QueueRoutes queue;
    private final int most;

    /** @param most prompts that are shown */
    JobsRoutes(PromptLog log, QueueRoutes queue, int most) {
        this.log = log;
        this.queue = queue;
        this.most = most;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/api/jobs", this::list),
                Endpoint.get("/api/jobs/{id}", this::read),
                Endpoint.post("/api/jobs/cancel", this::cancelSome),
                Endpoint.post("/api/jobs/{id}/cancel", call -> cancel(List.of(call.variable("id")))));
    }

    private static HttpResponse wrong(int status, String message) {
        return Replies.json(status, Messages.object().put("error", message));
    }

    /** What a list is asked for. */
    private record Wish(
            Set<String> statuses,
            boolean byDuration,
            boolean ascending,
            int offset,
            Optional<Integer> limit,
            Optional<String> workflow) {
        /** @throws IllegalArgumentException with what is wrong */
        static Wish of(Call call) {
            Set<String> statuses = new LinkedHashSet<>();
            for (String status : call.query("status").orElse("").split(",")) {
                if (!status.isBlank()) {
                    demand(
                            STATUSES.contains(status.strip()),
                            "status must be some of "
                                    + String.join(
                                            ", ", STATUSES.stream().sorted().toList()));
                    statuses.add(status.strip());
                }
            }
            String by = call.query("sort_by").orElse("created_at");
            demand(
                    Set.of("created_at", "execution_duration").contains(by),
                    "sort_by must be created_at or execution_duration");
            String order = call.query("sort_order").orElse("desc");
            demand(Set.of("asc", "desc").contains(order), "sort_order must be asc or desc");
            return new Wish(
                    statuses,
                    by.equals("execution_duration"),
                    order.equals("asc"),
                    call.query("offset").map(text -> whole("offset", text, 0)).orElse(0),
                    call.query("limit").map(text -> whole("limit", text, 1)),
                    call.query("workflow_id"));
        }

        /** The part of a list that is asked for. */
        <T> List<T> part(List<T> all) {
            return all.stream()
                    .skip(offset)
                    .limit(limit.orElse(Integer.MAX_VALUE))
                    .toList();
        }

        private static int whole(String name, String text, int least) {
            demand(
                    text.matches("[0-9]{1,9}") && Integer.parseInt(text) >= least,
                    name + " must be a whole number, " + least + " at least");
            return Integer.parseInt(text);
        }

        private static void demand(boolean good, String otherwise) {
            if (!good) {
                throw new IllegalArgumentException(otherwise);
            }
        }
    }

    private CompletionStage<HttpResponse> list(Call call) {
        Wish wish;
        try {
            wish = Wish.of(call);
        } catch (IllegalArgumentException bad) {
            return CompletableFuture.completedFuture(wrong(400, bad.getMessage()));
        }
        return log.all(most).thenCompose(jobs -> page(wish, jobs)).thenApply(Replies::json);
    }

    /** Graphs are read of what is shown only, unless they are what is searched. */
    private CompletionStage<ObjectNode> page(Wish wish, List<Job> all) {
        Comparator<Job> order =
                wish.byDuration() ? Comparator.comparing(JobsRoutes::duration) : Comparator.comparing(Job::number);
        List<Job> fitting = all.stream()
                .filter(job -> wish.statuses().isEmpty() || wish.statuses().contains(status(job)))
                .sorted(wish.ascending() ? order : order.reversed())
                .toList();
        if (wish.workflow().isEmpty()) {
            return log.entries(wish.part(fitting)).thenApply(shown -> page(wish, shown, fitting.size()));
        }
        return log.entries(fitting)
                .thenApply(entries -> entries.stream()
                        .filter(entry -> wish.workflow().equals(workflow(entry)))
                        .toList())
                .thenApply(found -> page(wish, wish.part(found), found.size()));
    }

    private static ObjectNode page(Wish wish, List<PromptEntry> shown, int total) {
        ObjectNode json = Messages.object();
        ArrayNode jobs = json.putArray("jobs");
        shown.forEach(entry -> jobs.add(summary(entry)));
        json.putObject("pagination")
                .put("offset", wish.offset())
                .put("limit", wish.limit().orElse(null))
                .put("total", total)
                .put("has_more", wish.offset() + shown.size() < total);
        return json;
    }

    private static long duration(Job job) {
        return job.times().started().isPresent() && job.times().finished().isPresent()
                ? job.times().finished().getAsLong() - job.times().started().getAsLong()
                : 0;
    }

    private static String status(Job job) {
        return switch (job.state()) {
            case QUEUED -> "pending";
            case RUNNING -> "in_progress";
            case COMPLETED -> "completed";
            case FAILED -> "failed";
            case CANCELLED -> "cancelled";
        };
    }

    private static Optional<String> workflow(PromptEntry entry) {
        return Optional.ofNullable(entry.notes()
                .extraData()
                .path("extra_pnginfo")
                .path("workflow")
                .path("id")
                .textValue());
    }

    private static ObjectNode summary(PromptEntry entry) {
        Job job = entry.job();
        ObjectNode json = Messages.object()
                .put("id", job.id())
                .put("status", status(job))
                .put("create_time", job.times().created());
        json.set("priority", PromptEntry.number(job.priority()));
        job.times().started().ifPresent(time -> json.put("execution_start_time", time));
        job.times().finished().ifPresent(time -> json.put("execution_end_time", time));
        if (job.state() == JobState.FAILED) {
            json.set(
                    "execution_error",
                    entry.error(job.times().finished().orElse(job.times().created())));
        }
        ObjectNode outputs = entry.outputs();
        int count = 0;
        for (var node : outputs.properties()) {
            for (String kind : List.of("images", "gifs")) {
                for (var file : node.getValue().path(kind)) {
                    if (count++ == 0) {
                        ObjectNode preview = file.deepCopy();
                        json.set(
                                "preview_output",
                                preview.put("nodeId", node.getKey()).put("mediaType", kind));
                    }
                }
            }
        }
        json.put("outputs_count", count).put("previewable_outputs_count", count);
        workflow(entry).ifPresent(id -> json.put("workflow_id", id));
        return json;
    }

    private CompletionStage<HttpResponse> read(Call call) {
        return log.find(call.variable("id"))
                .thenApply(entry -> entry.map(found -> {
                            ObjectNode json = summary(found);
                            json.set("outputs", found.outputs());
                            if (found.job().state().ended()) {
                                json.set("execution_status", found.status());
                            }
                            ObjectNode workflow = json.putObject("workflow");
                            workflow.set("prompt", found.notes().prompt());
                            workflow.set("extra_data", found.notes().extraData());
                            return Replies.json(json);
                        })
                        .orElseGet(() -> wrong(404, "Job not found")));
    }

    private CompletionStage<HttpResponse> cancelSome(Call call) {
        return Routes.body(call).thenCompose(body -> {
            if (!body.path("job_ids").isArray()) {
                return CompletableFuture.completedFuture(wrong(400, "job_ids must be a list of ids"));
            }
            return cancel(Routes.ids(body, "job_ids"));
        });
    }

    private CompletionStage<HttpResponse> cancel(List<String> ids) {
        CompletionStage<Boolean> any = CompletableFuture.completedFuture(false);
        for (String id : ids) {
            any = any.thenCompose(before -> queue.cancel(id).thenApply(did -> before || did));
        }
        return any.thenApply(did -> Replies.json(Messages.object().put("cancelled", did)));
    }
}
