package io.github.tachyscope.api.video;

import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.FileReply;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobState;
import io.github.tachyscope.store.ResultFile;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** What jobs made: the video, a picture of it, or what there is of it so far. */
final class ContentRoutes {
    static final ContentType MP4 = ContentTypes.parse("video/mp4");

    private final JobDesk desk;

    ContentRoutes(JobDesk desk) {
        this.desk = desk;
    }

    List<Endpoint> endpoints() {
        return List.of(Endpoint.get("/v1/videos/{id}/content", this::content));
    }

    private CompletionStage<HttpResponse> content(Call call) {
        ResultFile.Kind kind = switch (call.query("variant").orElse("video")) {
            case "video", "" -> ResultFile.Kind.VIDEO;
            case "thumbnail" -> ResultFile.Kind.THUMBNAIL;
            default ->
                throw Refused.with(400, "variant must be video or thumbnail.").about("variant");
        };
        boolean live = call.query("live").map(asked -> !asked.equals("0")).orElse(false);
        return VideoRoutes.found(desk, call).thenCompose(job -> {
            if (JobJson.Status.of(job) == JobJson.Status.FAILED) {
                throw Refused.with(
                        422, "The job failed: " + JobJson.failure(job).message());
            }
            if (job.state() == JobState.COMPLETED) {
                return file(call, job, kind);
            }
            return live && kind == ResultFile.Kind.VIDEO ? growing(job) : CompletableFuture.failedFuture(notYet());
        });
    }

    private static Refused notYet() {
        return Refused.with(404, "Generation is still in-progress.");
    }

    private CompletionStage<HttpResponse> file(Call call, Job job, ResultFile.Kind kind) {
        ResultFile file = job.file(kind).orElseThrow(ContentRoutes::gone);
        String extension = kind == ResultFile.Kind.VIDEO ? ".mp4" : ".jpg";
        return desk.file(job, file)
                .thenCompose(path -> call.blocking(() -> {
                    try {
                        return FileReply.of(
                                path.orElseThrow(ContentRoutes::gone),
                                call.header("Range"),
                                call.header("If-Range"),
                                call.header("If-None-Match"));
                    } catch (NoSuchFileException removedNow) {
                        throw gone();
                    }
                }))
                .thenApply(response -> named(response, job.id() + extension));
    }

    private static Refused gone() {
        return Refused.with(404, "The file of this job is gone.");
    }

    static HttpResponse named(HttpResponse response, String name) {
        return response.addHeader(RawHeader.create("Content-Disposition", "attachment; filename=\"" + name + "\""));
    }

    private CompletionStage<HttpResponse> growing(Job job) {
        return desk.live(job.id())
                .thenApply(bytes -> HttpResponse.create()
                        .addHeader(RawHeader.create("Cache-Control", "no-store"))
                        .withEntity(HttpEntities.createChunked(MP4, bytes.orElseThrow(ContentRoutes::notYet))));
    }
}
