package io.github.tachyscope.api.video;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.session.job.JobNews;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobState;
import io.github.tachyscope.store.ResultFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.stream.javadsl.FileIO;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/** A job whose request waits for its video. It is removed with its file once that was sent, or nobody waits any more. */
final class SyncRoutes {
    /** Not in the lists of this face. */
    private static final String FACE = "video-sync";

    private static final String JOB_ID = "video_sync-";

    private final VideoParts parts;
    private final JobDesk desk;
    private final Orders orders;

    SyncRoutes(VideoParts parts, Orders orders) {
        this.parts = parts;
        this.desk = parts.desk();
        this.orders = orders;
    }

    List<Endpoint> endpoints() {
        return List.of(Endpoint.post("/v1/videos/sync", this::make));
    }

    private CompletionStage<HttpResponse> make(Call call) {
        String id = Orders.newId(JOB_ID);
        // Beyond ours, so that our own answer comes first.
        call.patient(parts.settings().syncTimeout().plus(Duration.ofMinutes(1)));
        CompletionStage<HttpResponse> reply = orders.take(call, id, FACE, true)
                .thenCompose(job -> ended(call, id))
                .thenCompose(job -> delivered(call, job));
        // Also where the reply is sent to nobody.
        call.gone().thenRun(() -> desk.remove(id));
        return reply.whenComplete((sent, failure) -> {
            if (failure != null) {
                desk.remove(id);
            }
        });
    }

    private CompletionStage<Job> ended(Call call, String id) {
        return desk.watch(id)
                .completionTimeout(parts.settings().syncTimeout())
                .filter(news -> news instanceof JobNews.Ended)
                .map(news -> ((JobNews.Ended) news).job())
                .runWith(Sink.headOption(), call.system())
                .exceptionally(SyncRoutes::tooLong)
                .thenApply(job -> job.orElseThrow(() ->
                        Refused.busy("Too many wait for jobs now. Try again, or use /v1/videos.", parts.retryAfter())));
    }

    private static Optional<Job> tooLong(Throwable failure) {
        Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
        if (cause instanceof TimeoutException) {
            throw Refused.with(
                    504,
                    "The video was not ready in time (tachyscope.video.sync-timeout); use /v1/videos for long ones.");
        }
        throw new CompletionException(cause);
    }

    private CompletionStage<HttpResponse> delivered(Call call, Job job) {
        if (job.state() != JobState.COMPLETED) {
            Job.Failure failure = JobJson.failure(job);
            throw Refused.with(JobJson.httpStatus(failure), failure.message());
        }
        ResultFile file = job.file(ResultFile.Kind.VIDEO).orElseThrow(SyncRoutes::gone);
        return desk.file(job, file)
                .thenCompose(path -> call.blocking(() -> reply(job, path.orElseThrow(SyncRoutes::gone))));
    }

    private static Refused gone() {
        return Refused.with(500, "The video was removed before it could be sent.");
    }

    private HttpResponse reply(Job job, Path path) throws java.io.IOException {
        ObjectNode stages = JsonNodeFactory.instance.objectNode();
        new TreeMap<>(job.stageSeconds()).forEach(stages::put);
        Source<ByteString, ?> bytes = FileIO.fromPath(path).watchTermination((io, done) -> {
            done.whenComplete((end, failure) -> desk.remove(job.id()));
            return io;
        });
        HttpResponse response = HttpResponse.create()
                .addHeader(RawHeader.create("X-Request-Id", job.id()))
                .addHeader(RawHeader.create("X-Model", job.model()))
                .addHeader(RawHeader.create("X-Inference-Time-S", decimals(JobJson.inferenceSeconds(job))))
                .addHeader(RawHeader.create("X-Stage-Durations", stages.toString()))
                .addHeader(RawHeader.create("X-Peak-Memory-MB", decimals(job.peakMemoryBytes() / (double) (1 << 20))))
                .withEntity(HttpEntities.create(ContentRoutes.MP4, Files.size(path), bytes));
        return ContentRoutes.named(response, job.id() + ".mp4");
    }

    private static String decimals(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
