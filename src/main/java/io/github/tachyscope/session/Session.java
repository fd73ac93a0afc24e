package io.github.tachyscope.session;

import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.flow.FlowEvent;
import io.github.tachyscope.rtc.Negotiation;
import io.github.tachyscope.rtc.Peer;
import io.github.tachyscope.rtc.sdp.Offer;
import io.github.tachyscope.rtc.sdp.UnacceptableOffer;
import io.github.tachyscope.schedule.Scheduler;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.BehaviorBuilder;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * One live session, from the offer on: finds its pipelines, opens its runs, answers, and goes on as {@link LiveSession}.
 *
 * <pre>
 * resolving --chain known--> opening --runs open, answered--> LiveSession
 *     |                         |
 *     +--- refused: stopped ----+
 * </pre>
 */
final class Session {

    sealed interface Command {}

    /** Ends the session in an orderly way. */
    record End(Optional<String> reason) implements Command {}

    /** Changes parameters from outside the peer connection. */
    record Change(Parameters parameters) implements Command {}

    /** A candidate that arrived after the offer. */
    record Candidate(String line) implements Command {}

    /** Asks for the output as a stream. */
    record Watch(ActorRef<Sessions.WatchReply> replyTo) implements Command {}

    /** Asks for the newest picture of the output. */
    record Snapshot(ActorRef<Sessions.SnapshotReply> replyTo) implements Command {}

    private record ChainAnswered(PipelineRegistry.ResolveReply reply) implements Command {}

    /** A run is open or refused; of an older set of runs if its id is not among the present ones. */
    record RunAnswered(RunId run, Scheduler.OpenReply reply) implements Command {}

    record PeerEvent(Peer.Event event) implements Command {}

    /** @param flow number of the flow that says it; older ones concern nobody */
    record FlowNote(long flow, FlowEvent event) implements Command {}

    /** The mailbox is through: send what was collected. */
    enum Flush implements Command {
        INSTANCE
    }

    enum Tick implements Command {
        INSTANCE
    }

    /** Another attempt to open the runs that were lost. */
    enum OpenAgain implements Command {
        INSTANCE
    }

    enum HangUpNow implements Command {
        INSTANCE
    }

    enum GiveUp implements Command {
        INSTANCE
    }

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final String id;
    private final SessionParts parts;
    private final SessionMeter meter;
    private final Sessions.Offer offer;

    // What has to be undone when the session stops before it is live.
    private Optional<SessionRuns> runs = Optional.empty();

    private Session(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            String id,
            SessionParts parts,
            SessionMeter meter,
            Sessions.Offer offer) {
        this.context = context;
        this.timers = timers;
        this.id = id;
        this.parts = parts;
        this.meter = meter;
        this.offer = offer;
    }

    /** A session for an offer; it answers the offer itself and stops if that is a refusal. */
    static Behavior<Command> create(String id, SessionParts parts, SessionMeter meter, Sessions.Offer offer) {
        return Behaviors.setup(context -> Behaviors.withMdc(
                Command.class,
                Map.of("session", id),
                Behaviors.withTimers(timers -> new Session(context, timers, id, parts, meter, offer).resolving())));
    }

    private Behavior<Command> resolving() {
        OfferParameters wanted;
        try {
            wanted = OfferParameters.parse(offer.initialParameters());
        } catch (OfferParameters.Refused refused) {
            return refuse(refused.problem());
        }
        context.ask(
                PipelineRegistry.ResolveReply.class,
                parts.pipelines(),
                parts.settings().session().askTimeout(),
                replyTo -> new PipelineRegistry.Resolve(wanted.pipelineIds(), replyTo),
                (reply, fault) -> new ChainAnswered(Optional.ofNullable(reply)
                        .orElseGet(() ->
                                new PipelineRegistry.Unresolved(Problem.internal("the pipelines do not answer")))));
        return state().onMessage(ChainAnswered.class, answered -> accept(wanted.control(), answered.reply()))
                .onMessage(End.class, end -> refuse(Problem.badRequest("the session was ended")))
                .onAnyMessage(early -> Behaviors.same())
                .build();
    }

    /** Everything that can be refused is refused here, before anything is allocated. */
    private Behavior<Command> accept(ControlMessage control, PipelineRegistry.ResolveReply reply) {
        if (reply instanceof PipelineRegistry.Unresolved unresolved) {
            return refuse(unresolved.problem());
        }
        List<LoadedPipeline> chain = ((PipelineRegistry.Resolved) reply).chain();
        meter.pipelineIds(chain.stream().map(member -> member.spec().id()).toList());
        InputMode mode = control.inputMode().orElse(chain.get(0).spec().defaultMode());
        Optional<String> misfit = SessionRuns.misfit(chain, mode);
        if (misfit.isPresent()) {
            return refuse(Problem.badRequest(misfit.get()));
        }
        SessionRuns fresh = new SessionRuns(parts, chain, mode);
        List<Problem.Field> wrong = fresh.begin(control.parameters());
        if (!wrong.isEmpty()) {
            return refuse(Problem.invalid(wrong.get(0).message(), wrong));
        }
        try {
            Offer wanted = Offer.parse(offer.sdp());
            runs = Optional.of(fresh);
            fresh.open(mode, id, context);
            return opening(fresh, control, wanted);
        } catch (UnacceptableOffer unacceptable) {
            return refuse(Problem.badRequest(unacceptable.getMessage()));
        }
    }

    private Behavior<Command> refuse(Problem problem) {
        offer.replyTo().tell(new Sessions.Rejected(problem));
        return Behaviors.stopped();
    }

    private Behavior<Command> opening(SessionRuns opening, ControlMessage control, Offer wanted) {
        return state().onMessage(RunAnswered.class, answered -> {
                    if (answered.reply() instanceof Scheduler.RunRefused refused) {
                        return refuse(
                                refused.busy()
                                        ? Problem.busy(refused.message(), refused.retryAfter())
                                        : Problem.badRequest(refused.message()));
                    }
                    return opening.opened(answered.run()) ? answerOffer(opening, control, wanted) : Behaviors.same();
                })
                .onMessage(End.class, end -> refuse(Problem.badRequest("the session was ended")))
                .onAnyMessage(early -> Behaviors.same())
                .build();
    }

    /** The connection comes last: a session for which there is no room has cost none. */
    private Behavior<Command> answerOffer(SessionRuns open, ControlMessage control, Offer wanted) {
        Negotiation agreed;
        try {
            agreed = parts.rtc().negotiate(id, wanted);
        } catch (UncheckedIOException noRoom) {
            context.getLog().warn("no place for another connection", noRoom);
            return refuse(Problem.busy(
                    "no place for another connection",
                    parts.settings().session().retryAfter()));
        }
        LiveSession live = new LiveSession(context, timers, id, parts, meter, agreed, open, control);
        runs = Optional.empty();
        offer.replyTo().tell(new Sessions.Answered(id, agreed.answerSdp()));
        return live.connecting();
    }

    /** What both states know: nothing is shown yet, and what was taken is given back. */
    private BehaviorBuilder<Command> state() {
        return Behaviors.receive(Command.class)
                .onMessage(Watch.class, watch -> {
                    watch.replyTo().tell(new Sessions.WatchReply(Optional.empty()));
                    return Behaviors.same();
                })
                .onMessage(Snapshot.class, snapshot -> {
                    snapshot.replyTo().tell(new Sessions.SnapshotReply(Optional.empty()));
                    return Behaviors.same();
                })
                .onSignal(PostStop.class, stop -> {
                    runs.ifPresent(SessionRuns::close);
                    return Behaviors.same();
                });
    }
}
