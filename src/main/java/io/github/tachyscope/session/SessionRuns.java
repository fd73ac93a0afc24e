package io.github.tachyscope.session;

import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.flow.RunHandle;
import io.github.tachyscope.schedule.Scheduler;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.apache.pekko.actor.typed.javadsl.ActorContext;

/**
 * The runs of one session, one per pipeline of its chain, and the parameters that they have.
 *
 * <p>Updates are collected and go out as one patch per pipeline; so ten thousand of them cost the scheduler one message.
 */
final class SessionRuns {
    private final SessionParts parts;
    private final List<LoadedPipeline> chain;
    private InputMode mode;
    private List<RunId> ids = List.of();
    private int answered;
    private List<Parameters> current;
    private Parameters pending = Parameters.none();
    private Optional<String> pendingNode = Optional.empty();
    private long revision;

    SessionRuns(SessionParts parts, List<LoadedPipeline> chain, InputMode mode) {
        this.parts = parts;
        this.chain = List.copyOf(chain);
        this.mode = mode;
        this.current = Collections.nCopies(chain.size(), Parameters.none());
    }

    /** Why a chain cannot run in a mode; empty if it can. */
    static Optional<String> misfit(List<LoadedPipeline> chain, InputMode mode) {
        PipelineSpec first = chain.get(0).spec();
        if (!first.modes().containsKey(mode)) {
            return Optional.of("pipeline '" + first.id() + "' has no " + mode.wireName() + " mode");
        }
        return chain.stream()
                .skip(1)
                .map(LoadedPipeline::spec)
                .filter(spec -> !spec.modes().containsKey(InputMode.VIDEO))
                .findFirst()
                .map(spec -> "pipeline '" + spec.id() + "' takes no video and can only be the first of a chain");
    }

    List<LoadedPipeline> chain() {
        return chain;
    }

    InputMode mode() {
        return mode;
    }

    /** How often parameters were changed. */
    long revision() {
        return revision;
    }

    /** Checks start values against every pipeline; returns what is wrong with them. */
    List<Problem.Field> begin(Parameters initial) {
        List<Problem.Field> wrong = new ArrayList<>();
        List<Parameters> accepted = new ArrayList<>();
        for (LoadedPipeline member : chain) {
            ParameterSchema.Checked checked = check(member, initial);
            accepted.add(checked.accepted());
            for (ParameterSchema.Refusal refusal : checked.refused()) {
                wrong.add(new Problem.Field(
                        List.of("initialParameters", refusal.name()), refusal.message(), "value_error"));
            }
        }
        current = accepted;
        return wrong;
    }

    /**
     * Closes the runs there are and opens new ones; each is told to the session as {@link Session.RunAnswered}.
     *
     * @param owner name of the session
     */
    void open(InputMode wanted, String owner, ActorContext<Session.Command> session) {
        renew(wanted);
        for (int i = 0; i < ids.size(); i++) {
            RunId run = ids.get(i);
            String pipeline = chain.get(i).key();
            GenerationRequest request = new GenerationRequest(modeOf(i), startParameters(i));
            session.ask(
                    Scheduler.OpenReply.class,
                    parts.scheduler(),
                    parts.settings().session().askTimeout(),
                    replyTo -> new Scheduler.OpenRun(run, owner, pipeline, request, Scheduler.Urgency.LIVE, replyTo),
                    (reply, fault) -> new Session.RunAnswered(
                            run, Optional.ofNullable(reply).orElseGet(() -> unanswered(run))));
        }
    }

    /** New run ids for a mode, in place of the runs there were. */
    List<RunId> renew(InputMode wanted) {
        if (!ids.isEmpty()) {
            forgetOneShots();
        }
        close();
        mode = wanted;
        answered = 0;
        ids = chain.stream().map(member -> parts.nextRunId()).toList();
        return ids;
    }

    /** The start parameters of a run. */
    Parameters startParameters(int index) {
        return current.get(index);
    }

    private Scheduler.RunRefused unanswered(RunId run) {
        return new Scheduler.RunRefused(
                run,
                "the device does not answer",
                true,
                parts.settings().session().retryAfter());
    }

    /** Whether a run is one of the present ones. */
    boolean isPresent(RunId run) {
        return ids.contains(run);
    }

    InputMode modeOf(int index) {
        return index == 0 ? mode : InputMode.VIDEO;
    }

    /** What the earlier runs have consumed does not act again in the new ones. */
    private void forgetOneShots() {
        List<Parameters> sticky = new ArrayList<>();
        for (int i = 0; i < chain.size(); i++) {
            sticky.add(chain.get(i).spec().parameters().sticky(current.get(i)));
        }
        current = sticky;
    }

    /** Counts an opened run, if it is one of the present ones; true when all are open. */
    boolean opened(RunId run) {
        return isPresent(run) && ++answered == ids.size();
    }

    List<RunHandle> handles() {
        List<RunHandle> handles = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            handles.add(new RunHandle(
                    ids.get(i),
                    modeOf(i),
                    chain.get(i).spec().modes().get(modeOf(i)).geometry(),
                    parts.scheduler()));
        }
        return handles;
    }

    /**
     * Collects an update.
     *
     * @param nodeId the one pipeline that it is for; empty for all
     */
    void collect(Parameters update, Optional<String> nodeId, BiConsumer<String, String> complain) {
        if (!pending.isEmpty() && !pendingNode.equals(nodeId)) {
            apply(complain);
        }
        pendingNode = nodeId;
        pending = pending.merge(update);
    }

    /**
     * Sends what was collected to the runs.
     *
     * @param complain told the code and text of every refused value
     * @return the update that was sent
     */
    Parameters apply(BiConsumer<String, String> complain) {
        Parameters update = pending;
        pending = Parameters.none();
        if (update.isEmpty()) {
            return update;
        }
        List<Parameters> changed = new ArrayList<>(current);
        for (int i = 0; i < ids.size(); i++) {
            LoadedPipeline member = chain.get(i);
            if (pendingNode.isPresent() && !pendingNode.get().equals(member.nodeId())) {
                continue;
            }
            ParameterSchema.Checked checked = check(member, update);
            checked.refused().forEach(refusal -> complain.accept("invalid_parameter", refusal.message()));
            if (!checked.accepted().isEmpty()) {
                parts.scheduler().tell(new Scheduler.Patch(ids.get(i), checked.accepted()));
                changed.set(i, current.get(i).merge(checked.accepted()));
            }
        }
        current = changed;
        revision++;
        return update;
    }

    void suspend(boolean suspended) {
        for (RunId run : ids) {
            parts.scheduler().tell(suspended ? new Scheduler.Suspend(run) : new Scheduler.Resume(run));
        }
    }

    void close() {
        ids.forEach(run -> parts.scheduler().tell(new Scheduler.CloseRun(run)));
        ids = List.of();
    }

    private static ParameterSchema.Checked check(LoadedPipeline member, Parameters values) {
        return member.spec().parameters().checkRuntime(values);
    }
}
