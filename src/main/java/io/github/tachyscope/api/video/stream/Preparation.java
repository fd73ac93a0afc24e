package io.github.tachyscope.api.video.stream;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.video.FieldRejected;
import io.github.tachyscope.api.video.ReferenceFiles;
import io.github.tachyscope.api.video.ServedModel;
import io.github.tachyscope.api.video.VideoPlan;
import io.github.tachyscope.api.video.VideoRequest;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.media.ChunkMp4;
import io.github.tachyscope.session.Problem;
import io.github.tachyscope.session.job.Footage;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.session.job.JobPlan;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From a request to a plan and an open encoder, before any model works. */
final class Preparation {
    static final String NOT_AVAILABLE = "Streaming video generation is not available";

    private static final Logger log = LoggerFactory.getLogger(Preparation.class);

    /** What came of it. */
    sealed interface Outcome {}

    /**
     * The video can be made.
     *
     * @param size of the pictures, if it is known
     * @param mp4 open if the size is known; to be closed by whoever gets it
     * @param interactions parameters of the chunks
     */
    record Ready(
            JobPlan plan,
            VideoRequest request,
            long seed,
            Optional<PictureSize> size,
            Optional<ChunkMp4> mp4,
            Interactions interactions)
            implements Outcome {
        /** The request as it is carried out. */
        ObjectNode config() {
            return request.echo().put("seed", seed);
        }

        /** What is known of the stream. */
        ObjectNode stream() {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("fps", plan.fps());
            size.ifPresent(known -> json.put("width", known.width()).put("height", known.height()));
            mp4.ifPresent(stream ->
                    json.put("codecs", stream.codecs()).put("mime", "video/mp4; codecs=\"" + stream.codecs() + "\""));
            return json;
        }
    }

    /** @param message for the client */
    record Refused(String message) implements Outcome {}

    private final StreamParts parts;
    private final ServedModel model;
    private final ReferenceFiles references;
    private final Executor blocking;

    Preparation(StreamParts parts, Executor blocking) {
        this.parts = parts;
        this.model = new ServedModel(parts.video().settings(), parts.video().desk());
        this.references =
                new ReferenceFiles(parts.video().desk().limits(), parts.video().remote());
        this.blocking = blocking;
    }

    /** Why nothing can be streamed now, if so. */
    CompletionStage<Optional<String>> unavailable() {
        return model.any()
                .handle((answer, fault) ->
                        answer instanceof ServedModel.Served ? Optional.empty() : Optional.of(NOT_AVAILABLE));
    }

    /** @param id under which inputs are kept */
    CompletionStage<Outcome> prepare(VideoRequest request, String id) {
        return model.named(request.model())
                .thenCompose(answer -> {
                    if (answer instanceof ServedModel.Served served) {
                        return CompletableFuture.supplyAsync(() -> ready(request, served.spec(), id), blocking);
                    }
                    return CompletableFuture.completedFuture(new Refused(
                            answer instanceof ServedModel.Mismatch mismatch ? mismatch.message() : NOT_AVAILABLE));
                })
                .exceptionally(Preparation::refused);
    }

    private static Outcome refused(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof FieldRejected rejected) {
            return new Refused("Invalid session.start: " + rejected.getMessage());
        }
        log.warn("a stream cannot be prepared", cause);
        return new Refused("The stream cannot be prepared");
    }

    private Outcome ready(VideoRequest request, PipelineSpec spec, String id) {
        JobDesk desk = parts.video().desk();
        Optional<Footage> footage = footage(request, id);
        long seed = VideoPlan.seed(request);
        JobPlan plan = VideoPlan.of(
                request, spec, footage, seed, parts.video().settings().maxFrames());
        List<Problem.Field> wrong = desk.check(plan, spec);
        if (!wrong.isEmpty()) {
            return new Refused("Invalid session.start: "
                    + wrong.stream().map(Problem.Field::message).collect(Collectors.joining("; ")));
        }
        if (plan.fps() > ChunkMp4.MAX_FPS) {
            throw new FieldRejected("fps", "must be 1 to " + ChunkMp4.MAX_FPS + ", not " + plan.fps());
        }
        ChunkGeometry geometry =
                Objects.requireNonNull(spec.modes().get(plan.mode())).geometry();
        int group = Math.max(1, JobPlan.chunking(geometry).framesOut() / geometry.framesOut());
        Interactions interactions =
                new Interactions(plan.schedule(), spec, JobPlan.chunks(plan.frames(), geometry), group);
        Optional<PictureSize> size = size(plan, spec);
        Optional<ChunkMp4> mp4 = size.map(known -> open(known, plan.fps(), request));
        return new Ready(plan, request, seed, size, mp4, interactions);
    }

    /** What is made from footage may have the footage's size, which nobody has looked at yet. */
    private static Optional<PictureSize> size(JobPlan plan, PipelineSpec loaded) {
        ModeDefaults usual = loaded.modes().get(plan.mode());
        return plan.size().isPresent() || plan.mode() != InputMode.TEXT || usual == null
                ? plan.size()
                : Optional.of(new PictureSize(usual.width(), usual.height()));
    }

    private Optional<Footage> footage(VideoRequest request, String id) {
        if (request.reference().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(references.stored(
                    request.reference().get(), () -> parts.video().desk().inputFolder(id)));
        } catch (RuntimeException refused) {
            throw refused;
        } catch (Exception failure) {
            throw new CompletionException(failure);
        }
    }

    /** Blocks for some milliseconds. */
    ChunkMp4 open(PictureSize size, int fps, VideoRequest request) {
        return ChunkMp4.open(size.width(), size.height(), fps, request.encoder(), parts.media(), parts.clock());
    }
}
