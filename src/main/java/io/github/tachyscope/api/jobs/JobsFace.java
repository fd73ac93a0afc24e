package io.github.tachyscope.api.jobs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Face;
import io.github.tachyscope.api.FileReply;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.session.job.Footage;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.session.job.JobWork;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobChange;
import io.github.tachyscope.store.JobPage;
import io.github.tachyscope.store.JobQuery;
import io.github.tachyscope.store.JobRequest;
import io.github.tachyscope.store.JobState;
import io.github.tachyscope.store.ResultFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** The endpoints under {@code /api/v1/jobs}. A job of somebody else is not there. */
public final class JobsFace implements Face {
    private static final int LIMIT = 50;

    /** Pages of the log that one answer may take to find jobs of the caller's; of more, the client asks again. */
    private static final int MOST_PAGES = 10;

    private final JobDesk desk;
    private final Clock clock;

    /** @param clock for the time that is left */
    public JobsFace(JobDesk desk, Clock clock) {
        this.desk = desk;
        this.clock = clock;
    }

    @Override
    public List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/api/v1/jobs", this::list),
                Endpoint.get("/api/v1/jobs/{id}", call -> found(call).thenCompose(this::show)),
                Endpoint.delete("/api/v1/jobs/{id}", call -> found(call).thenCompose(this::remove)),
                Endpoint.post("/api/v1/jobs/{id}/cancel", call -> found(call).thenCompose(this::cancel)),
                Endpoint.get("/api/v1/jobs/{id}/events", call -> found(call).thenApply(job -> events(call, job))),
                Endpoint.get("/api/v1/jobs/{id}/live", call -> found(call).thenCompose(this::live)),
                Endpoint.get("/api/v1/jobs/{id}/input", call -> found(call).thenCompose(job -> input(call, job))),
                Endpoint.get(
                        "/api/v1/jobs/{id}/files/{name}", call -> found(call).thenCompose(job -> file(call, job))));
    }

    private CompletionStage<Job> found(Call call) {
        return desk.find(call.variable("id"))
                .thenApply(
                        job -> job.filter(known -> call.mayUse(known.owner())).orElseThrow(JobsFace::missing));
    }

    private static Refused missing() {
        return Refused.with(404, "There is no such job.");
    }

    // --- lists -------------------------------------------------------------------------------------------------------

    private CompletionStage<HttpResponse> list(Call call) {
        int limit = (int) call.query("limit", LIMIT, 1, JobQuery.MAX_LIMIT);
        Set<JobState> wanted = states(call);
        // What is shown as waiting may be claimed already.
        Set<JobState> states = wanted.isEmpty() ? Set.of() : EnumSet.copyOf(wanted);
        if (wanted.contains(JobState.QUEUED)) {
            states.add(JobState.RUNNING);
        }
        JobQuery query = new JobQuery(call.query("face"), states, true, call.query("after"), limit);
        return gathered(call, query, wanted, new ArrayList<>(), MOST_PAGES).thenApply(page -> {
            ObjectNode body = JsonNodeFactory.instance.objectNode();
            var jobs = body.putArray("jobs");
            page.jobs().forEach(job -> jobs.add(JobJson.of(job, clock.millis())));
            return Replies.json(body.put("more", page.more()));
        });
    }

    private static Set<JobState> states(Call call) {
        Set<JobState> states = EnumSet.noneOf(JobState.class);
        for (String name : call.query("state").orElse("").split(",")) {
            if (!name.isBlank()) {
                states.add(Arrays.stream(JobState.values())
                        .filter(state -> JobJson.name(state).equals(name.strip().toLowerCase(Locale.ROOT)))
                        .findFirst()
                        .orElseThrow(() -> Refused.invalid(
                                List.of("query", "state"),
                                "enum",
                                "Input should be queued, running, completed, failed or cancelled, or several of them"
                                        + " with commas between",
                                TextNode.valueOf(name))));
            }
        }
        return states;
    }

    private CompletionStage<JobPage> gathered(
            Call call, JobQuery query, Set<JobState> wanted, List<Job> sofar, int pages) {
        return desk.list(query).thenCompose(page -> {
            for (Job job : page.jobs()) {
                boolean shown = wanted.isEmpty() || wanted.contains(JobJson.shown(job));
                if (shown && call.mayUse(job.owner())) {
                    if (sofar.size() == query.limit()) {
                        return CompletableFuture.completedFuture(new JobPage(sofar, true));
                    }
                    sofar.add(job);
                }
            }
            if (!page.more() || pages == 1) {
                return CompletableFuture.completedFuture(new JobPage(sofar, page.more()));
            }
            String last = page.jobs().get(page.jobs().size() - 1).id();
            return gathered(call, query.after(last), wanted, sofar, pages - 1);
        });
    }

    // --- one job -----------------------------------------------------------------------------------------------------

    private CompletionStage<HttpResponse> show(Job job) {
        return desk.position(job.id())
                .thenCombine(
                        desk.request(job.id()),
                        (before, request) -> Replies.json(JobJson.inFull(
                                job,
                                before,
                                request.orElse(new JobRequest("null", Optional.empty())),
                                clock.millis())));
    }

    private CompletionStage<HttpResponse> cancel(Job job) {
        return desk.cancel(job.id()).thenApply(change -> {
            if (change instanceof JobChange.Done done) {
                return Replies.json(JobJson.of(done.job(), clock.millis()));
            }
            throw change instanceof JobChange.TooLate ? Refused.with(409, "The job has ended already.") : missing();
        });
    }

    private CompletionStage<HttpResponse> remove(Job job) {
        return desk.remove(job.id()).thenApply(change -> {
            if (change instanceof JobChange.Done) {
                return Replies.noContent();
            }
            throw change instanceof JobChange.TooLate
                    ? Refused.with(409, "The job still runs; it was told to end. Try again.")
                    : missing();
        });
    }

    private HttpResponse events(Call call, Job job) {
        boolean preview = call.query("preview").filter("true"::equals).isPresent();
        JobEvents events = new JobEvents(clock, preview);
        return Replies.events(desk.watch(job.id()).filter(events::wants).map(events::event));
    }

    private CompletionStage<HttpResponse> live(Job job) {
        return desk.request(job.id()).thenApply(request -> {
            boolean video = request.filter(asked -> JobWork.parse(asked.json()).makesMp4())
                    .isPresent();
            if (!video || job.state() == JobState.FAILED || job.state() == JobState.CANCELLED) {
                throw Refused.with(409, "The job makes no video, or has ended without one.");
            }
            return HttpResponse.create()
                    .addHeader(RawHeader.create("Cache-Control", "no-store"))
                    .withEntity(
                            HttpEntities.createChunked(ContentTypes.parse("video/mp4"), JobVideo.of(desk, job.id())));
        });
    }

    private CompletionStage<HttpResponse> file(Call call, Job job) {
        ResultFile file = job.files().stream()
                .filter(made -> made.name().equals(call.variable("name")))
                .findFirst()
                .orElseThrow(JobsFace::noFile);
        return desk.file(job, file)
                .thenCompose(path -> call.blocking(() -> FileReply.of(
                        path.orElseThrow(JobsFace::noFile),
                        call.header("Range"),
                        call.header("If-Range"),
                        call.header("If-None-Match"))));
    }

    /** The picture or video that a client sent with the job, for one who wants to send it again. */
    private CompletionStage<HttpResponse> input(Call call, Job job) {
        return desk.request(job.id())
                .thenCompose(request -> call.blocking(() -> FileReply.of(
                        request.flatMap(JobsFace::sent).orElseThrow(JobsFace::noInput),
                        call.header("Range"),
                        call.header("If-Range"),
                        call.header("If-None-Match"))));
    }

    private static Optional<Path> sent(JobRequest request) {
        Optional<Footage> footage = JobWork.parse(request.json()).plans().stream()
                .flatMap(plan -> plan.footage().stream())
                .findFirst();
        Optional<Path> file = footage.flatMap(source -> {
            if (source instanceof Footage.Picture picture) {
                return Optional.of(picture.file());
            }
            return source instanceof Footage.Video video ? Optional.of(video.file()) : Optional.<Path>empty();
        });
        return file.filter(Files::isRegularFile);
    }

    private static Refused noInput() {
        return Refused.with(404, "The job was made without a picture or video, or that is gone.");
    }

    private static Refused noFile() {
        return Refused.with(404, "The job has no such file.");
    }
}
