package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.node.TextNode;
import io.github.tachyscope.api.Body;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.diffusion.Capability;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.ParameterSchedule;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.session.PipelineRegistry;
import io.github.tachyscope.session.Problem;
import io.github.tachyscope.session.job.Footage;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.session.job.JobPlan;
import io.github.tachyscope.session.job.JobWork;
import io.github.tachyscope.session.job.Keep;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobQuery;
import io.github.tachyscope.store.JobState;
import io.github.tachyscope.store.NewJob;
import io.github.tachyscope.store.Uploads;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.scaladsl.model.EntityStreamException;
import org.apache.pekko.http.scaladsl.model.EntityStreamSizeException;
import org.apache.pekko.stream.javadsl.StreamConverters;

/**
 * From the body of a generate request to a job in the queue:
 *
 * <pre>
 * a pipeline is loaded? --> body, arrays to files --> fields --> that pipeline? --> plan --> checked --> queue
 * </pre>
 *
 * <p>Whatever ends it earlier leaves no file behind.
 */
final class GenerateOrders {
    /** Longest time without a byte of a body; protects connections from clients that drip. */
    private static final Duration BODY_PAUSE = Duration.ofSeconds(20);

    private static final int LISTED_PROMPT = 1000;

    /** What fields of a request are called whose parameters are called otherwise. */
    private static final Map<String, String> FIELDS = Map.of(
            CommonParameters.DENOISING_STEP_LIST,
            CommonParameters.DENOISING_STEPS,
            CommonParameters.BASE_SEED,
            CommonParameters.SEED,
            Parameters.PROMPTS,
            "prompt",
            Parameters.TRANSITION,
            "transitions");

    private final ScopeParts parts;
    private final JobDesk desk;
    private final GenerateFiles files;
    private final Bodies bodies;

    GenerateOrders(ScopeParts parts, GenerateFiles files, Bodies bodies) {
        this.parts = parts;
        this.desk = parts.desk();
        this.files = files;
        this.bodies = bodies;
    }

    /**
     * A job in the queue.
     *
     * @param chunkSize frames of a chunk, but perhaps the first and the last
     */
    record Taken(Job job, GenerateRequest request, JobPlan plan, int chunkSize) {}

    private record Loaded(PipelineSpec spec, PictureSize size) {}

    /** @param queue whether the job may wait for others */
    CompletionStage<Taken> take(Call call, boolean queue) {
        HttpEntity entity = call.entity();
        if (entity.getContentLengthOption().isPresent()) {
            try {
                bodies.checkSize(entity.getContentLengthOption().getAsLong());
            } catch (Refused tooLarge) {
                return call.drained(CompletableFuture.failedFuture(tooLarge));
            }
        }
        String id = "gen_" + UUID.randomUUID().toString().replace("-", "");
        // Before a large body arrives for nothing.
        return desk.pipeline(Optional.empty())
                .handle((answer, failure) -> {
                    if (answer instanceof JobDesk.Found) {
                        return bodies.enter(call, () -> read(call, entity, id));
                    }
                    return call.<GenerateBody>drained(CompletableFuture.failedFuture(
                            answer instanceof JobDesk.Missing missing
                                    ? Refused.of(missing.problem(), Json.object())
                                    : failure));
                })
                .thenCompose(body -> body)
                .thenCompose(body -> order(call, id, body))
                .thenCompose(taken -> queue ? CompletableFuture.completedFuture(taken) : atOnce(taken))
                .handle((taken, failure) -> failure == null
                        ? CompletableFuture.completedFuture(taken)
                        : desk.dropInputs(id)
                                .handle((dropped, fault) -> CompletableFuture.<Taken>failedFuture(failure))
                                .thenCompose(failed -> failed))
                .thenCompose(taken -> taken);
    }

    // --- body --------------------------------------------------------------------------------------------------------

    private CompletionStage<GenerateBody> read(Call call, HttpEntity entity, String id) {
        InputStream in = entity.withSizeLimit(bodies.largest())
                .getDataBytes()
                .runWith(StreamConverters.asInputStream(BODY_PAUSE), call.system());
        return call.blocking(() -> {
            try (in) {
                return GenerateBody.read(in, desk.inputFolder(id));
            } catch (IOException broken) {
                throw explained(broken);
            }
        });
    }

    private static Exception explained(IOException broken) {
        for (Throwable cause = broken; cause != null; cause = cause.getCause()) {
            if (cause instanceof EntityStreamSizeException || cause instanceof EntityStreamException) {
                return (RuntimeException) cause;
            }
            if (cause instanceof TimeoutException
                    || String.valueOf(cause.getMessage()).startsWith("Timeout")) {
                return Refused.with(408, "Nothing of the body arrived for " + BODY_PAUSE.toSeconds() + " s.");
            }
        }
        return broken;
    }

    // --- order -------------------------------------------------------------------------------------------------------

    private CompletionStage<Taken> order(Call call, String id, GenerateBody received) {
        Body body = new Body(received.fields());
        GenerateRequest request = GenerateRequest.read(body, call.header("Accept"));
        return loaded(call, request).thenCompose(loaded -> {
            InputMode mode = mode(received, request, loaded.spec());
            ModeDefaults defaults = Optional.ofNullable(loaded.spec().modes().get(mode))
                    .orElseThrow(() -> noMode(body, loaded.spec(), mode));
            return call.blocking(() -> plan(id, received, request, loaded, mode, defaults.geometry()))
                    .thenCompose(plan -> {
                        check(body, desk.check(plan, loaded.spec()));
                        return submit(call, id, request, plan).thenApply(job -> {
                            ChunkGeometry geometry = JobPlan.chunking(defaults.geometry());
                            int size = mode == InputMode.VIDEO ? geometry.framesIn() : geometry.framesOut();
                            return new Taken(job, request, plan, size);
                        });
                    });
        });
    }

    private CompletionStage<Loaded> loaded(Call call, GenerateRequest request) {
        CompletionStage<PipelineRegistry.Status> status = call.ask(
                parts.pipelines(), parts.settings().session().askTimeout(), PipelineRegistry.DescribeStatus::new);
        return desk.pipeline(Optional.of(request.pipelineId())).thenCombine(status, (answer, now) -> {
            if (answer instanceof JobDesk.Found found) {
                return new Loaded(found.spec(), size(request.pipelineId(), found.spec(), now));
            }
            throw Refused.of(
                    ((JobDesk.Missing) answer).problem(), request.body().json());
        });
    }

    /** The size that a pipeline was loaded for. */
    private static PictureSize size(String asked, PipelineSpec spec, PipelineRegistry.Status status) {
        Parameters own = status.chain().stream()
                .filter(node -> node.pipelineId().equals(asked) || node.nodeId().equals(asked))
                .map(PipelineRegistry.Node::parameters)
                .findFirst()
                .orElse(Parameters.none());
        Parameters complete = spec.parameters().checkLoad(own).accepted();
        ModeDefaults defaults = spec.modes().get(spec.defaultMode());
        return new PictureSize(
                complete.value(CommonParameters.WIDTH).map(side -> side.asInt()).orElse(defaults.width()),
                complete.value(CommonParameters.HEIGHT)
                        .map(side -> side.asInt())
                        .orElse(defaults.height()));
    }

    private static InputMode mode(GenerateBody received, GenerateRequest request, PipelineSpec spec) {
        for (String array : received.arrays().keySet()) {
            if (!array.equals("input_video")) {
                throw GenerateSchedule.noArrays(request.body(), array, spec);
            }
        }
        boolean video = received.arrays().containsKey("input_video")
                || request.inputPath().isPresent();
        return video ? InputMode.VIDEO : InputMode.TEXT;
    }

    private static Refused noMode(Body body, PipelineSpec spec, InputMode mode) {
        return mode == InputMode.TEXT
                ? body.invalid(
                        "input_video", "missing", "Pipeline '" + spec.id() + "' needs an input_video", body.json())
                : body.invalid(
                        "input_video",
                        "value_error",
                        "Pipeline '" + spec.id() + "' takes no input video",
                        TextNode.valueOf("(an array)"));
    }

    private JobPlan plan(
            String id,
            GenerateBody received,
            GenerateRequest request,
            Loaded loaded,
            InputMode mode,
            ChunkGeometry geometry)
            throws IOException {
        Body body = request.body();
        request.blobPath().ifPresent(path -> files.upload(path).orElseThrow(() -> noUpload(body, "data_blob_path")));
        Optional<Footage> footage =
                mode == InputMode.VIDEO ? Optional.of(footage(id, received, request)) : Optional.empty();
        ParameterSchedule schedule = GenerateSchedule.of(
                body,
                loaded.spec(),
                mode == InputMode.VIDEO,
                JobPlan.chunks(request.frames(), geometry),
                path -> parts.assets().resolve(path).toString());
        Optional<PictureSize> size = request.size(loaded.spec(), loaded.size());
        if (size.isPresent() && !loaded.spec().capabilities().contains(Capability.RUN_SIZES)) {
            throw body.invalid(
                    request.width().isPresent() ? "width" : "height",
                    "value_error",
                    "Pipeline '" + loaded.spec().id() + "' makes pictures of " + loaded.size()
                            + " only, for which it was loaded",
                    TextNode.valueOf(size.get().toString()));
        }
        return new JobPlan(
                request.pipelineId(),
                Optional.empty(),
                mode,
                size,
                request.frames(),
                request.fps(),
                schedule,
                footage,
                List.of(
                        request.answer() == GenerateRequest.Answer.MP4
                                ? new Keep.Mp4("", Optional.empty(), request.fps())
                                : new Keep.Raw("", Optional.empty())),
                Map.of(),
                Optional.empty());
    }

    private Footage footage(String id, GenerateBody received, GenerateRequest request) throws IOException {
        Body body = request.body();
        EncodedArray video = received.arrays().get("input_video");
        if (video == null) {
            Uploads.Upload upload =
                    files.upload(request.inputPath().orElseThrow()).orElseThrow(() -> noUpload(body, "input_path"));
            Path kept = desk.inputFolder(id).resolve("input_path.array");
            Uploads.link(upload, kept);
            return raw(
                    body,
                    "input_path",
                    new EncodedArray(
                            kept,
                            List.of(
                                    (long) upload.shape().frames(),
                                    (long) upload.shape().height(),
                                    (long) upload.shape().width(),
                                    (long) upload.shape().channels())));
        }
        return raw(body, "input_video", video);
    }

    private static Refused noUpload(Body body, String name) {
        return body.invalid(
                name,
                "value_error",
                "There is no such upload (any more); make one with POST /api/v1/generate/upload",
                body.member(name).orElseThrow());
    }

    private static Footage raw(Body body, String name, EncodedArray video) {
        List<Long> shape = video.shape();
        boolean fits = shape.size() == 4
                && shape.get(0) <= Integer.MAX_VALUE
                && shape.get(1) <= VideoFrame.MAX_DIMENSION
                && shape.get(2) <= VideoFrame.MAX_DIMENSION
                && shape.get(3) == GenerateFiles.CHANNELS;
        if (!fits) {
            throw body.invalid(
                    name,
                    "value_error",
                    "The shape should be [frames, height, width, 3] with sides of at most " + VideoFrame.MAX_DIMENSION
                            + ", not " + shape,
                    TextNode.valueOf("(an array)"));
        }
        return new Footage.Raw(
                video.file(),
                shape.get(0).intValue(),
                shape.get(2).intValue(),
                shape.get(1).intValue());
    }

    private static void check(Body body, List<Problem.Field> wrong) {
        if (!wrong.isEmpty()) {
            List<Problem.Field> named = wrong.stream()
                    .map(field -> {
                        String last = field.path().get(field.path().size() - 1);
                        return new Problem.Field(
                                List.of(FIELDS.getOrDefault(last, last)), field.message(), field.type());
                    })
                    .toList();
            throw Refused.of(Problem.invalid("the request cannot be followed", named), body.json());
        }
    }

    private CompletionStage<Job> submit(Call call, String id, GenerateRequest request, JobPlan plan) {
        String prompt = request.prompt();
        JobDesk.Order order = new JobDesk.Order(
                id,
                GenerateRoutes.FACE,
                request.pipelineId(),
                prompt.substring(0, Math.min(LISTED_PROMPT, prompt.length())),
                call.owner(),
                JobWork.of(plan),
                Optional.empty(),
                NewJob.Place.Back.INSTANCE,
                request.seed(),
                true);
        return desk.submit(order).thenApply(answer -> {
            if (answer instanceof JobDesk.Accepted accepted) {
                return accepted.job();
            }
            throw Refused.of(
                    ((JobDesk.Refused) answer).problem(), request.body().json());
        });
    }

    /** Refuses a job after all that would have to wait for others. */
    private CompletionStage<Taken> atOnce(Taken taken) {
        int parallel = parts.settings().workers().parallel();
        JobQuery active = JobQuery.newest(parallel).oldestFirst().in(JobState.QUEUED, JobState.RUNNING);
        String id = taken.job().id();
        return desk.list(active).thenCompose(page -> {
            boolean ended = page.jobs().stream().anyMatch(job -> job.id().equals(id)) || !page.more();
            return ended
                    ? CompletableFuture.completedFuture(taken)
                    : desk.remove(id).thenApply(removed -> {
                        throw Refused.busy(
                                "The server is at work on other jobs. Try again, or leave queue=false away to wait.",
                                parts.settings().session().retryAfter());
                    });
        });
    }
}
