package io.github.tachyscope.api.video;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.session.Problem;
import io.github.tachyscope.session.job.Footage;
import io.github.tachyscope.session.job.JobDesk;
import io.github.tachyscope.session.job.JobPlan;
import io.github.tachyscope.session.job.JobWork;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.NewJob;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/**
 * From the body of a request to a job in the queue.
 *
 * <pre>
 * pipeline loaded? --> body --> fields --> model --> reference stored and looked at --> plan --> checked --> queue
 * </pre>
 */
final class Orders {
    /** In the notes of a job: the size of its pictures if the plan leaves it to the pipeline. */
    static final String SIZE = "size";

    private final VideoParts parts;
    private final ServedModel model;
    private final RequestBody bodies;
    private final ReferenceFiles references;

    Orders(VideoParts parts, ServedModel model) {
        this.parts = parts;
        this.model = model;
        this.bodies = new RequestBody(parts.settings());
        this.references = new ReferenceFiles(parts.desk().limits(), parts.remote());
    }

    /** A new id that nobody can guess. */
    static String newId(String prefix) {
        return prefix + UUID.randomUUID().toString().replace("-", "");
    }

    /**
     * Takes the request of a call.
     *
     * @param face that the job belongs to
     * @param attached whether nobody wants the job once this process has ended
     */
    CompletionStage<Job> take(Call call, String id, String face, boolean attached) {
        // Ours from now on, although it is read later.
        call.entity();
        return model.any()
                .thenApply(answer -> {
                    if (answer instanceof ServedModel.NotLoaded nothing) {
                        throw Refused.busy(nothing.problem().message(), parts.retryAfter());
                    }
                    return answer;
                })
                .handle((loaded, failure) -> failure == null
                        ? read(call, id, face, attached)
                        : call.drained(CompletableFuture.<Job>failedFuture(failure)))
                .thenCompose(stage -> stage);
    }

    private CompletionStage<Job> read(Call call, String id, String face, boolean attached) {
        Callable<Path> folder = () -> parts.desk().inputFolder(id);
        CompletableFuture<Job> job = new CompletableFuture<>();
        body(call, folder)
                .thenCompose(received -> order(call, received, folder, id, face, attached))
                .whenComplete((accepted, failure) -> {
                    if (failure == null) {
                        job.complete(accepted);
                    } else {
                        parts.desk()
                                .dropInputs(id)
                                .whenComplete((dropped, fault) -> job.completeExceptionally(explained(failure)));
                    }
                });
        return job;
    }

    private CompletionStage<RequestBody.Received> body(Call call, Callable<Path> folder) {
        try {
            return bodies.read(call, folder);
        } catch (Refused atOnce) {
            return call.drained(CompletableFuture.failedFuture(atOnce));
        }
    }

    private static Throwable explained(Throwable failure) {
        Throwable cause = failure instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : failure;
        return cause instanceof FieldRejected rejected
                ? Refused.with(400, rejected.getMessage()).about(rejected.field())
                : cause;
    }

    private CompletionStage<Job> order(
            Call call, RequestBody.Received received, Callable<Path> folder, String id, String face, boolean attached) {
        VideoRequest request = VideoRequest.read(received.fields());
        if (received.file().isPresent() && request.reference().isPresent()) {
            throw new FieldRejected(
                    request.reference().get().field(),
                    "stands beside a file in input_reference; at most one of them is allowed");
        }
        return model.named(request.model()).thenCompose(answer -> {
            if (answer instanceof ServedModel.Mismatch mismatch) {
                throw Refused.with(400, mismatch.message()).about("model");
            }
            if (!(answer instanceof ServedModel.Served served)) {
                throw Refused.busy("The pipeline was unloaded. Try again.", parts.retryAfter());
            }
            return call.blocking(() -> footage(request, received, folder))
                    .thenCompose(footage -> submit(call, request, served, footage, id, face, attached));
        });
    }

    private Optional<Footage> footage(VideoRequest request, RequestBody.Received received, Callable<Path> folder)
            throws Exception {
        if (received.file().isPresent()) {
            return Optional.of(
                    references.footage("input_reference", received.file().get(), Optional.empty()));
        }
        return request.reference().isPresent()
                ? Optional.of(references.stored(request.reference().get(), folder))
                : Optional.empty();
    }

    private CompletionStage<Job> submit(
            Call call,
            VideoRequest request,
            ServedModel.Served served,
            Optional<Footage> footage,
            String id,
            String face,
            boolean attached) {
        long seed = VideoPlan.seed(request);
        JobPlan plan = VideoPlan.of(
                request, served.spec(), footage, seed, parts.settings().maxFrames());
        check(parts.desk().check(plan, served.spec()));
        JobDesk.Order order = new JobDesk.Order(
                id,
                face,
                served.name(),
                request.prompt(),
                call.tokenHolder().orElseGet(call::clientAddress),
                JobWork.of(plan),
                Optional.of(notes(request, plan, served.spec())),
                NewJob.Place.Back.INSTANCE,
                seed,
                attached);
        return parts.desk().submit(order).thenApply(answer -> {
            if (answer instanceof JobDesk.Accepted accepted) {
                return accepted.job();
            }
            throw refusal(((JobDesk.Refused) answer).problem());
        });
    }

    private static void check(List<Problem.Field> wrong) {
        if (wrong.isEmpty()) {
            return;
        }
        List<String> path = wrong.get(0).path();
        String name = path.get(path.size() - 1);
        throw Refused.with(400, wrong.stream().map(Problem.Field::message).collect(Collectors.joining("; ")))
                .about(name.equals(CommonParameters.DENOISING_STEP_LIST) ? "num_inference_steps" : name);
    }

    private Refused refusal(Problem problem) {
        return switch (problem.kind()) {
            case BUSY -> Refused.busy(problem.message(), problem.retryAfter().orElse(parts.retryAfter()));
            case NOT_FOUND -> Refused.with(404, problem.message());
            case INTERNAL -> Refused.with(500, problem.message());
            case BAD_REQUEST, INVALID -> Refused.with(400, problem.message());
        };
    }

    /** The request as it was understood, for whoever looks into the log, and the size that clients are shown. */
    private static String notes(VideoRequest request, JobPlan plan, PipelineSpec spec) {
        ModeDefaults defaults = Objects.requireNonNull(spec.modes().get(plan.mode()));
        PictureSize size = plan.size().orElse(new PictureSize(defaults.width(), defaults.height()));
        ObjectNode notes = JsonNodeFactory.instance.objectNode().put(SIZE, size.toString());
        JsonNode echo = request.echo();
        notes.set("request", echo);
        return notes.toString();
    }
}
