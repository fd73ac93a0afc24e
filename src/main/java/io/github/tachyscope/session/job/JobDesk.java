package io.github.tachyscope.session.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.media.InputLimits;
import io.github.tachyscope.session.PipelineRegistry;
import io.github.tachyscope.session.Problem;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobChange;
import io.github.tachyscope.store.JobPage;
import io.github.tachyscope.store.JobQuery;
import io.github.tachyscope.store.JobRequest;
import io.github.tachyscope.store.JobStore;
import io.github.tachyscope.store.MediaFolders;
import io.github.tachyscope.store.NewJob;
import io.github.tachyscope.store.ResultFile;
import io.github.tachyscope.store.StoreRefused;
import io.github.tachyscope.store.StoreUnavailable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * Where the faces of the API hand in jobs and ask for them. Nothing here blocks the caller but {@link #inputFolder}.
 *
 * <p>Stages fail with {@link StoreUnavailable} while the database does not answer.
 */
public final class JobDesk {
    /**
     * A job to run.
     *
     * @param id made by the face, see {@link Job#isId}
     * @param model name that lists show
     * @param prompt that lists show
     * @param owner who asks, in a form that is no secret
     * @param notes JSON that only the face reads
     * @param seed that lists show
     * @param attached whether nobody needs it once this process has ended
     */
    public record Order(
            String id,
            String face,
            String model,
            String prompt,
            String owner,
            JobWork work,
            Optional<String> notes,
            NewJob.Place place,
            long seed,
            boolean attached) {}

    /** What became of an order. */
    public sealed interface Answer {}

    public record Accepted(Job job) implements Answer {}

    /** Its inputs are removed. */
    public record Refused(Problem problem) implements Answer {}

    /** Whether a pipeline is loaded. */
    public sealed interface Resolution {}

    public record Found(PipelineSpec spec) implements Resolution {}

    public record Missing(Problem problem) implements Resolution {}

    private static final String ATTACHED = "attached";

    /** News that wait for a slow reader; of more the oldest are left out. */
    private static final int WAITING_NEWS = 256;

    /** How long a removal waits for a running job to end. */
    private static final Duration LONGEST_ENDING = Duration.ofSeconds(2);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(25);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ActorSystem<?> system;
    private final JobParts parts;
    private final JobStore store;
    private final ActorRef<Jobs.Command> jobs;
    private final Executor blocking;
    private final String incarnation;
    private volatile boolean draining;

    /** @param incarnation of this process, as {@link Jobs} has it */
    public JobDesk(
            ActorSystem<?> system,
            JobParts parts,
            JobStore store,
            ActorRef<Jobs.Command> jobs,
            Executor blocking,
            String incarnation) {
        this.system = system;
        this.parts = parts;
        this.store = store;
        this.jobs = jobs;
        this.blocking = blocking;
        this.incarnation = incarnation;
    }

    // --- orders ------------------------------------------------------------------------------------------------------

    /** Takes a job into the queue. */
    public CompletionStage<Answer> submit(Order order) {
        if (draining) {
            return dropInputs(order.id())
                    .thenApply(dropped -> new Refused(Problem.busy(
                            "the server is stopping", parts.settings().session().retryAfter())));
        }
        return aside(() -> {
                    try {
                        return new Accepted(store.log().add(newJob(order)));
                    } catch (StoreRefused refused) {
                        store.inputs().remove(order.id());
                        return new Refused(
                                refused.reason() == StoreRefused.Reason.QUEUE_FULL
                                        ? Problem.busy(
                                                refused.getMessage(),
                                                parts.settings().session().retryAfter())
                                        : Problem.badRequest(refused.getMessage()));
                    }
                })
                .thenApply(answer -> {
                    jobs.tell(Jobs.Added.INSTANCE);
                    return answer;
                });
    }

    private NewJob newJob(Order order) {
        JobPlan first = order.work().plans().get(0);
        String work = order.work().toJson();
        return new NewJob(
                order.id(),
                order.face(),
                order.model(),
                order.prompt(),
                order.owner(),
                new JobRequest(order.attached() ? attached(work) : work, order.notes()),
                order.place(),
                new Job.Shape(
                        first.size().map(PictureSize::width).orElse(0),
                        first.size().map(PictureSize::height).orElse(0),
                        first.fps(),
                        (int) Math.min(Integer.MAX_VALUE, order.work().frames())),
                order.seed(),
                Job.Progress.NONE);
    }

    private String attached(String work) {
        try {
            ObjectNode json = (ObjectNode) JSON.readTree(work);
            return json.put(ATTACHED, incarnation).toString();
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("work is JSON", impossible);
        }
    }

    /** Whether a stored request belongs to a client that went with another process. */
    static boolean attachedElsewhere(String request, String incarnation) {
        try {
            String to = JSON.readTree(request).path(ATTACHED).asText("");
            return !to.isEmpty() && !to.equals(incarnation);
        } catch (JsonProcessingException unreadable) {
            return false;
        }
    }

    /** The first of the loaded chain, or a loaded pipeline of that id. */
    public CompletionStage<Resolution> pipeline(Optional<String> id) {
        return AskPattern.<PipelineRegistry.Command, PipelineRegistry.ResolveReply>ask(
                        parts.pipelines(),
                        replyTo -> new PipelineRegistry.Resolve(id.map(List::of).orElse(List.of()), replyTo),
                        parts.settings().session().askTimeout(),
                        system.scheduler())
                .thenApply(reply -> reply instanceof PipelineRegistry.Resolved found
                        ? new Found(found.chain().get(0).spec())
                        : new Missing(((PipelineRegistry.Unresolved) reply).problem()));
    }

    /** What is wrong with a plan; empty if it can run on that pipeline. */
    public List<Problem.Field> check(JobPlan plan, PipelineSpec spec) {
        List<Problem.Field> wrong = new ArrayList<>();
        if (!spec.modes().containsKey(plan.mode())) {
            wrong.add(field(
                    "mode", "pipeline '" + spec.id() + "' has no " + plan.mode().wireName() + " mode"));
        }
        plan.size().ifPresent(size -> {
            checkSide(wrong, spec, "width", size.width());
            checkSide(wrong, spec, "height", size.height());
        });
        Set<Problem.Field> refused = new LinkedHashSet<>();
        for (long chunk = 0; chunk < plan.schedule().length(); chunk++) {
            ParameterSchema.Checked checked =
                    spec.parameters().checkRuntime(plan.schedule().at(chunk));
            checked.refused().forEach(refusal -> refused.add(field(refusal.name(), refusal.message())));
        }
        wrong.addAll(refused);
        return wrong;
    }

    private static void checkSide(List<Problem.Field> wrong, PipelineSpec spec, String name, int side) {
        int step = spec.dimensionMultiple();
        if (side % step != 0 || side < spec.minDimension() || side > spec.maxDimension()) {
            wrong.add(field(
                    name,
                    name + " " + side + " does not fit pipeline '" + spec.id() + "': allowed are multiples of " + step
                            + " from " + spec.minDimension() + " to " + spec.maxDimension()));
        }
    }

    private static Problem.Field field(String name, String message) {
        return new Problem.Field(List.of(name), message, "value_error");
    }

    /** Where a face puts what a client sent for a job, before it submits it. Blocks. */
    public Path inputFolder(String jobId) {
        try {
            return store.inputs().create(jobId);
        } catch (IOException failure) {
            throw new UncheckedIOException("no folder for the inputs of a job", failure);
        }
    }

    /** Removes what was sent for a job that is not submitted after all. */
    public CompletionStage<Boolean> dropInputs(String jobId) {
        return aside(() -> {
            store.inputs().remove(jobId);
            return true;
        });
    }

    /** Folders that people look into. */
    public MediaFolders folders() {
        return store.folders();
    }

    /** What files from clients may be. */
    public InputLimits limits() {
        return parts.limits();
    }

    /** A run that lasts as long as its listener wants, and that the log does not know. */
    public ActorRef<JobRun.Command> run(
            String owner, JobPlan plan, ChunkParameters changes, ActorRef<JobRun.Event> listener) {
        return system.systemActorOf(JobRun.create(parts, owner, plan, changes, listener), owner, Props.empty());
    }

    /** Takes no more orders; ends when no job runs here any more. */
    public CompletionStage<Jobs.Drained> drain(Duration limit) {
        draining = true;
        return AskPattern.ask(jobs, Jobs.Drain::new, limit, system.scheduler());
    }

    // --- questions ---------------------------------------------------------------------------------------------------

    public CompletionStage<Optional<Job>> find(String id) {
        return aside(() -> store.log().find(id));
    }

    /** What was asked for, in full. */
    public CompletionStage<Optional<JobRequest>> request(String id) {
        return aside(() -> store.log().request(id));
    }

    public CompletionStage<JobPage> list(JobQuery query) {
        return aside(() -> store.log().list(query));
    }

    /** How many jobs run before that one; nothing if it does not wait. */
    public CompletionStage<OptionalInt> position(String id) {
        return aside(() -> store.log().position(id));
    }

    /** The file of a completed job, if it is still there. */
    public CompletionStage<Optional<Path>> file(Job job, ResultFile file) {
        return aside(() -> store.files().path(job, file));
    }

    /**
     * What happens to a job from now on, after how it stands now; ends with {@link JobNews.Ended}, or at once if there is
     * no such job. To be run once.
     */
    public Source<JobNews, NotUsed> watch(String id) {
        return Source.<JobNews>queue(WAITING_NEWS, OverflowStrategy.dropHead()).mapMaterializedValue(queue -> {
            jobs.tell(new Jobs.Watch(id, queue));
            queue.watchCompletion().whenComplete((done, fault) -> jobs.tell(new Jobs.Unwatch(id, queue)));
            return NotUsed.getInstance();
        });
    }

    /**
     * The fragmented MP4 of a running job from its start, as it grows; empty if it does not run on this server, makes no
     * video, or too many read it. To be run once.
     */
    public CompletionStage<Optional<Source<ByteString, NotUsed>>> live(String id) {
        return AskPattern.<Jobs.Command, Jobs.LiveReply>ask(
                        jobs,
                        replyTo -> new Jobs.Live(id, replyTo),
                        parts.settings().session().askTimeout(),
                        system.scheduler())
                .thenApply(Jobs.LiveReply::bytes);
    }

    // --- changes -----------------------------------------------------------------------------------------------------

    /** Ends a job that waits at once, one that runs within a step. */
    public CompletionStage<JobChange> cancel(String id) {
        return aside(() -> store.log().cancel(id)).thenApply(change -> {
            jobs.tell(new Jobs.CancelRunning(id));
            return change;
        });
    }

    /** Cancels a job if it has not ended, and removes it with its files; too late if it does not end in time. */
    public CompletionStage<JobChange> remove(String id) {
        long until = System.nanoTime() + LONGEST_ENDING.toNanos();
        return cancel(id).thenCompose(cancelled -> remove(id, until));
    }

    private CompletionStage<JobChange> remove(String id, long until) {
        return aside(() -> store.remove(id)).thenCompose(change -> {
            if (change instanceof JobChange.TooLate && System.nanoTime() < until) {
                Executor later = CompletableFuture.delayedExecutor(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS);
                return CompletableFuture.supplyAsync(() -> id, later).thenCompose(again -> remove(id, until));
            }
            return CompletableFuture.completedFuture(change);
        });
    }

    private <T> CompletionStage<T> aside(Callable<T> work) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return work.call();
                    } catch (IOException failure) {
                        throw new UncheckedIOException(failure);
                    } catch (RuntimeException failure) {
                        throw failure;
                    } catch (Exception failure) {
                        throw new CompletionException(failure);
                    }
                },
                blocking);
    }
}
