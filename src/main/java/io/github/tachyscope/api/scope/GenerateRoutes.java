package io.github.tachyscope.api.scope;

import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.api.jobs.JobVideo;
import io.github.tachyscope.config.GenerateSettings;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobQuery;
import io.github.tachyscope.store.JobState;
import io.github.tachyscope.store.Uploads;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.pekko.NotUsed;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * Batch generation: a request becomes a job that lasts as long as its client listens.
 *
 * <p>Whatever is wrong with a request is told by its status; what goes wrong later is the last event of the answer.
 */
final class GenerateRoutes {
    static final String FACE = "generate";

    private static final ContentType MP4 = ContentTypes.parse("video/mp4");

    private final JobDesk desk;
    private final GenerateOrders orders;
    private final GenerateFiles files;

    GenerateRoutes(ScopeParts parts) {
        GenerateSettings settings = parts.settings().generate();
        Bodies bodies = new Bodies(settings, parts.settings().session().retryAfter());
        Uploads uploads =
                new Uploads(settings.uploadsDir(), settings.uploadTtl(), settings.maxUploadsBytes(), Clock.systemUTC());
        this.desk = parts.desk();
        this.files = new GenerateFiles(desk, uploads, bodies);
        this.orders = new GenerateOrders(parts, files, bodies);
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.post("/api/v1/generate", this::generate),
                Endpoint.post("/api/v1/generate/cancel", this::cancel),
                Endpoint.post("/api/v1/generate/upload", files::upload),
                Endpoint.get("/api/v1/generate/download", files::download));
    }

    private CompletionStage<HttpResponse> generate(Call call) {
        boolean queue = !call.query("queue")
                .filter(value -> value.equalsIgnoreCase("false"))
                .isPresent();
        return orders.take(call, queue).thenApply(taken -> answer(call, taken));
    }

    private HttpResponse answer(Call call, GenerateOrders.Taken taken) {
        String id = taken.job().id();
        GenerateRequest request = taken.request();
        boolean video = request.answer() == GenerateRequest.Answer.MP4;
        Source<ByteString, NotUsed> content =
                video ? JobVideo.of(desk, id) : new GenerateStream(desk, id, request, taken.chunkSize()).events();
        ContentType type = video ? MP4 : MediaTypes.TEXT_EVENT_STREAM.toContentType();
        return HttpResponse.create()
                .addHeader(RawHeader.create("Cache-Control", "no-cache"))
                .addHeader(RawHeader.create("X-Accel-Buffering", "no"))
                .addHeader(RawHeader.create("X-Job-Id", id))
                .withEntity(HttpEntities.createChunked(type, whileListening(call, id, content)));
    }

    /** Cancels the job when its client goes before the end. */
    private Source<ByteString, NotUsed> whileListening(Call call, String id, Source<ByteString, NotUsed> content) {
        AtomicBoolean over = new AtomicBoolean();
        call.gone().thenRun(() -> {
            if (over.compareAndSet(false, true)) {
                desk.cancel(id);
            }
        });
        return content.concatLazy(Source.lazySource(() -> {
                    over.set(true);
                    return Source.<ByteString>empty();
                }))
                .watchTermination((none, done) -> {
                    done.whenComplete((end, failure) -> {
                        if (over.compareAndSet(false, true)) {
                            desk.cancel(id);
                        }
                    });
                    return none;
                });
    }

    /** One job of the caller's, or all of them. */
    private CompletionStage<HttpResponse> cancel(Call call) {
        Optional<String> wanted = call.query("job_id");
        return desk.list(JobQuery.newest(JobQuery.MAX_LIMIT).ofFace(FACE).in(JobState.QUEUED, JobState.RUNNING))
                .thenApply(page -> {
                    List<String> ids = page.jobs().stream()
                            .filter(job -> wanted.map(id -> id.equals(job.id()) && call.mayUse(job.owner()))
                                    .orElse(job.owner().equals(call.owner())))
                            .map(Job::id)
                            .toList();
                    if (wanted.isPresent() && ids.isEmpty()) {
                        throw Refused.with(404, "There is no such job, or it has ended.");
                    }
                    ids.forEach(desk::cancel);
                    var body = Json.object().put("status", "cancelling");
                    ids.forEach(body.putArray("job_ids")::add);
                    return Replies.json(body);
                });
    }
}
