package io.github.tachyscope.session.job;

import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.flow.JobFlow;
import io.github.tachyscope.session.Problem;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.stream.javadsl.Sink;

/**
 * One run of a plan whose chunks go to files.
 *
 * <pre>
 * opening --run open--> writing --run and writing over--> stopped
 *    +------------------ run over without a chunk ------> stopped
 * </pre>
 *
 * <p>{@link Ended} is the last event, and comes exactly once, when nothing writes to the files any more.
 */
final class PlanRun {

    sealed interface Command {}

    /** Ends it within the step under way. */
    enum Stop implements Command {
        INSTANCE
    }

    private record OfRun(JobRun.Event event) implements Command {}

    private record OfStream(JobOutput.Taken taken) implements Command {}

    private record StreamEnded(Optional<Throwable> fault) implements Command {}

    /** What the listener is told. */
    sealed interface Event {}

    /** From the run itself: that it is open, and its steps. */
    record Told(JobRun.Event event) implements Event {}

    record Wrote(JobOutput.Taken taken) implements Event {}

    /**
     * Nothing more comes.
     *
     * @param problem why not all was made; empty if it was, or it was stopped
     * @param runLost whether the device failed, so that another attempt makes sense
     * @param notKept why what was made could not be written
     */
    record Ended(Optional<Problem> problem, boolean runLost, Optional<Throwable> notKept) implements Event {}

    /** What was made could not be kept. */
    private static final class NotKept extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotKept(Throwable why) {
            super(why);
        }
    }

    private final ActorContext<Command> context;
    private final JobOutput to;
    private final ActorRef<Event> listener;
    private final ActorRef<JobRun.Command> run;
    private Optional<JobRun.Ended> ended = Optional.empty();
    private Optional<Throwable> notKept = Optional.empty();
    private boolean writing;

    private PlanRun(
            ActorContext<Command> context,
            JobParts parts,
            String owner,
            JobPlan plan,
            JobOutput to,
            ActorRef<Event> listener) {
        this.context = context;
        this.to = to;
        this.listener = listener;
        this.run = context.spawnAnonymous(JobRun.create(
                parts, owner, plan, plan.schedule()::at, context.messageAdapter(JobRun.Event.class, OfRun::new)));
    }

    /**
     * A run that begins at once.
     *
     * @param owner name of the job
     * @param to what its chunks are given to
     */
    static Behavior<Command> create(
            JobParts parts, String owner, JobPlan plan, JobOutput to, ActorRef<Event> listener) {
        return Behaviors.setup(context -> new PlanRun(context, parts, owner, plan, to, listener).making());
    }

    private Behavior<Command> making() {
        return Behaviors.receive(Command.class)
                .onMessage(Stop.class, stop -> {
                    run.tell(JobRun.Cancel.INSTANCE);
                    return Behaviors.same();
                })
                .onMessage(OfRun.class, told -> onRun(told.event()))
                .onMessage(OfStream.class, wrote -> {
                    listener.tell(new Wrote(wrote.taken()));
                    return Behaviors.same();
                })
                .onMessage(StreamEnded.class, all -> {
                    writing = false;
                    // What the run did not make is told by the run, in its own words.
                    notKept = all.fault()
                            .filter(NotKept.class::isInstance)
                            .map(why -> Objects.requireNonNull(why.getCause()));
                    notKept.ifPresent(why -> run.tell(JobRun.Cancel.INSTANCE));
                    return whenOver();
                })
                .build();
    }

    private Behavior<Command> onRun(JobRun.Event event) {
        if (event instanceof JobRun.Ended over) {
            ended = Optional.of(over);
            return whenOver();
        }
        if (event instanceof JobRun.Opened opened) {
            write(opened);
        }
        listener.tell(new Told(event));
        return Behaviors.same();
    }

    private void write(JobRun.Opened opened) {
        ActorRef<Command> self = context.getSelf();
        writing = true;
        opened.chunks()
                .via(JobFlow.aside(this::take))
                .runWith(Sink.foreach(taken -> self.tell(new OfStream(taken))), context.getSystem())
                .whenComplete((Done done, Throwable fault) ->
                        self.tell(new StreamEnded(Optional.ofNullable(fault).map(PlanRun::unwrapped))));
    }

    /** On the thread of the stream. */
    private JobOutput.Taken take(Chunk chunk) {
        try {
            return to.take(chunk);
        } catch (IOException | RuntimeException why) {
            throw new NotKept(why);
        }
    }

    private static Throwable unwrapped(Throwable fault) {
        return fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
    }

    private Behavior<Command> whenOver() {
        if (ended.isEmpty() || writing) {
            return Behaviors.same();
        }
        listener.tell(new Ended(ended.get().problem(), ended.get().runLost(), notKept));
        return Behaviors.stopped();
    }
}
