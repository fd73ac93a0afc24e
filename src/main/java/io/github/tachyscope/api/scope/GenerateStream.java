package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.session.job.JobNews;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobState;
import io.github.tachyscope.store.ResultFile;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * The answer to a generate request while its job runs:
 *
 * <pre>
 *   event: progress      after every chunk; a comment where nothing comes for long
 *   event: complete      or error, or cancelled: once, last
 * </pre>
 *
 * <p>The video in {@code complete} is read from its file while it is sent. Used for one answer.
 */
final class GenerateStream {
    /** A client whose chunks take longer sees a comment now and then. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);

    /** News that wait for a slow client, one for each chunk that can be; small ones. */
    private static final int WAITING = GenerateRequest.MOST_FRAMES + 16;

    /** With pictures they are large, and a slow client misses the oldest. */
    private static final int WAITING_PREVIEWS = 64;

    private final JobDesk desk;
    private final String id;
    private final GenerateRequest request;
    private final int chunkSize;
    // Of the stream's own thread.
    private long chunk;
    private long totalChunks;
    private long frames;
    private boolean ended;

    /** @param chunkSize frames of a chunk */
    GenerateStream(JobDesk desk, String id, GenerateRequest request, int chunkSize) {
        this.desk = desk;
        this.id = id;
        this.request = request;
        this.chunkSize = chunkSize;
    }

    /** To be run once. */
    Source<ByteString, NotUsed> events() {
        Source<JobNews, NotUsed> news =
                desk.watch(id).filter(one -> !(one instanceof JobNews.Stepped || one instanceof JobNews.Previewed));
        Source<JobNews, NotUsed> waiting = request.preview()
                ? news.buffer(WAITING_PREVIEWS, OverflowStrategy.dropHead())
                : news.map(GenerateStream::withoutPreview).buffer(WAITING, OverflowStrategy.backpressure());
        return waiting.map(this::told)
                .concatLazy(Source.lazySource(() -> ended ? Source.<Source<ByteString, NotUsed>>empty() : leftAlone()))
                .keepAlive(KEEP_ALIVE, () -> Source.single(ByteString.fromString(": still at work\n\n")))
                .flatMapConcat(part -> part);
    }

    private static JobNews withoutPreview(JobNews news) {
        return news instanceof JobNews.ChunkMade made && made.previewJpeg().isPresent()
                ? new JobNews.ChunkMade(
                        made.plan(), made.chunk(), made.totalChunks(), made.frames(), made.seconds(), Optional.empty())
                : news;
    }

    private Source<ByteString, NotUsed> told(JobNews news) {
        if (news instanceof JobNews.Started started) {
            totalChunks = started.totalChunks();
            chunk = 0;
            frames = 0;
        } else if (news instanceof JobNews.ChunkMade made) {
            return Source.single(progress(made));
        } else if (news instanceof JobNews.Ended over) {
            ended = true;
            return last(over.job());
        }
        return Source.empty();
    }

    private ByteString progress(JobNews.ChunkMade made) {
        totalChunks = made.totalChunks();
        chunk = made.chunk() + 1;
        frames += made.frames();
        ObjectNode data = Json.object()
                .put("chunk", chunk)
                .put("total_chunks", totalChunks)
                .put("frames", made.frames())
                .put("latency", rounded(made.seconds(), 1000))
                .put("fps", rounded(made.frames() / Math.max(made.seconds(), 1e-6), 100));
        made.previewJpeg()
                .filter(jpeg -> request.preview())
                .ifPresent(
                        jpeg -> data.put("preview_base64", Base64.getEncoder().encodeToString(jpeg)));
        return Replies.event("progress", data);
    }

    private static double rounded(double value, int parts) {
        return Math.round(value * parts) / (double) parts;
    }

    private Source<ByteString, NotUsed> last(Job job) {
        if (job.state() == JobState.COMPLETED) {
            return complete(job);
        }
        if (job.state() == JobState.CANCELLED) {
            return Source.single(cancelled());
        }
        return error(job.failure().map(Job.Failure::message).orElse("the job did not end"));
    }

    private ByteString cancelled() {
        return Replies.event(
                "cancelled",
                Json.object()
                        .put("chunk", chunk)
                        .put("total_chunks", totalChunks)
                        .put("frames_completed", frames));
    }

    private static Source<ByteString, NotUsed> error(String message) {
        return Source.single(Replies.event("error", Json.object().put("error", message)));
    }

    private Source<ByteString, NotUsed> complete(Job job) {
        ObjectNode rest = Json.object();
        rest.putArray("video_shape")
                .add(job.shape().frames())
                .add(job.shape().height())
                .add(job.shape().width())
                .add(GenerateFiles.CHANNELS);
        rest.put("num_frames", job.shape().frames())
                .put("num_chunks", totalChunks)
                .put("chunk_size", chunkSize);
        Optional<ResultFile> pictures = job.file(ResultFile.Kind.DATA);
        if (pictures.isEmpty()) {
            return error("the result is gone");
        }
        if (request.answer() == GenerateRequest.Answer.PATH) {
            rest.put("output_path", GenerateFiles.resultPath(job, pictures.get()));
            return Source.single(Replies.event("complete", rest));
        }
        CompletionStage<Source<ByteString, NotUsed>> text = desk.file(job, pictures.get())
                .thenApply(file -> file.map(path -> Source.single(
                                        ByteString.fromString("event: complete\ndata: {\"video_base64\":\""))
                                .concat(FloatBase64.of(path))
                                .concat(Source.single(ByteString.fromString(
                                        "\"," + rest.toString().substring(1) + "\n\n"))))
                        .orElseGet(() -> error("the result is gone")));
        return Source.completionStageSource(text).mapMaterializedValue(none -> NotUsed.getInstance());
    }

    /** The news stopped early: the job was removed, or the server tells too many others. */
    private Source<Source<ByteString, NotUsed>, NotUsed> leftAlone() {
        return Source.completionStage(desk.find(id)).map(found -> {
            ended = true;
            if (found.isEmpty()) {
                return Source.single(cancelled());
            }
            return found.get().state().ended()
                    ? last(found.get())
                    : error("the server tells too many others about their jobs now");
        });
    }
}
