package io.github.tachyscope.api.video;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobChange;
import io.github.tachyscope.store.JobQuery;
import io.github.tachyscope.store.JobState;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** Jobs: made, read, listed, removed. */
final class VideoRoutes {
    static final String JOB_ID = "video_gen_";
    private static final int MAX_PAGE = 100;

    /** What clients are told to wait before they look again. */
    private static final int QUEUED_POLL_MILLIS = 500;

    private static final int RUNNING_POLL_MILLIS = 250;

    private final VideoParts parts;
    private final JobDesk desk;
    private final Orders orders;
    private final Shown shown;

    VideoRoutes(VideoParts parts, Orders orders, Shown shown) {
        this.parts = parts;
        this.desk = parts.desk();
        this.orders = orders;
        this.shown = shown;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.post("/v1/videos", this::create),
                Endpoint.get("/v1/videos", this::list),
                Endpoint.get("/v1/videos/{id}", this::read),
                Endpoint.delete("/v1/videos/{id}", this::remove));
    }

    private CompletionStage<HttpResponse> create(Call call) {
        return orders.take(call, Orders.newId(JOB_ID), VideoFace.NAME, false).thenCompose(job -> reply(200, job));
    }

    private CompletionStage<HttpResponse> read(Call call) {
        return found(desk, call).thenCompose(job -> {
            boolean failed = JobJson.Status.of(job) == JobJson.Status.FAILED;
            boolean asError = failed && parts.settings().failedJobStatus();
            return reply(asError ? JobJson.httpStatus(JobJson.failure(job)) : 200, job);
        });
    }

    private CompletionStage<HttpResponse> reply(int status, Job job) {
        return shown.of(job).thenApply(json -> {
            HttpResponse response = Replies.json(status, json);
            return switch (JobJson.Status.of(job)) {
                case QUEUED -> polled(response, QUEUED_POLL_MILLIS);
                case IN_PROGRESS -> polled(response, RUNNING_POLL_MILLIS);
                case COMPLETED, FAILED -> response;
            };
        });
    }

    private static HttpResponse polled(HttpResponse response, int millis) {
        return response.addHeader(RawHeader.create("openai-poll-after-ms", Integer.toString(millis)));
    }

    /** The job of a call, if it is one of this face. */
    static CompletionStage<Job> found(JobDesk desk, Call call) {
        String id = call.variable("id");
        return desk.find(id)
                .thenApply(job -> job.filter(own -> own.face().equals(VideoFace.NAME))
                        .orElseThrow(() -> Refused.with(404, "There is no video job with this id.")));
    }

    private CompletionStage<HttpResponse> list(Call call) {
        int limit = limit(call.query("limit"));
        String order = call.query("order").orElse("desc");
        if (!Set.of("asc", "desc").contains(order)) {
            throw Refused.with(400, "order must be asc or desc.").about("order");
        }
        JobQuery query = new JobQuery(
                Optional.of(VideoFace.NAME),
                Set.<JobState>of(),
                order.equals("desc"),
                call.query("after").filter(id -> !id.isEmpty()),
                limit);
        return desk.list(query)
                .thenCompose(page -> shown.of(page.jobs()).thenApply(jobs -> Replies.json(page(jobs, page.more()))));
    }

    private static int limit(Optional<String> given) {
        if (given.isEmpty() || given.get().isEmpty()) {
            return JobQuery.MAX_LIMIT;
        }
        if (!given.get().matches("[0-9]{1,3}") || Integer.parseInt(given.get()) > MAX_PAGE) {
            throw Refused.with(400, "limit must be a whole number from 0 to " + MAX_PAGE + ".")
                    .about("limit");
        }
        return Integer.parseInt(given.get());
    }

    private static ObjectNode page(List<ObjectNode> jobs, boolean more) {
        ObjectNode page = JsonNodeFactory.instance.objectNode().put("object", "list");
        ArrayNode data = page.putArray("data");
        jobs.forEach(data::add);
        page.set("first_id", jobs.isEmpty() ? data.nullNode() : jobs.get(0).get("id"));
        page.set(
                "last_id",
                jobs.isEmpty() ? data.nullNode() : jobs.get(jobs.size() - 1).get("id"));
        return page.put("has_more", more);
    }

    private CompletionStage<HttpResponse> remove(Call call) {
        return found(desk, call).thenCompose(job -> desk.remove(job.id())).thenApply(change -> {
            if (change instanceof JobChange.TooLate) {
                throw Refused.with(409, "Cancellation in progress; the job ends soon. Delete it again then.");
            }
            // One that is gone by now is what was asked for.
            return Replies.json(JsonNodeFactory.instance
                    .objectNode()
                    .put("id", call.variable("id"))
                    .put("object", "video.deleted")
                    .put("deleted", true));
        });
    }
}
