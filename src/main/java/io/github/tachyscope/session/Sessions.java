package io.github.tachyscope.session;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.config.SessionSettings;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.frame.VideoFrame;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.BehaviorBuilder;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * All live sessions: opens them within the limits, routes to them, counts them.
 *
 * <pre>
 * open --Drain--> draining (until the process ends)
 * </pre>
 */
public final class Sessions {

    public sealed interface Command {}

    /**
     * Opens a live session from a browser's offer.
     *
     * @param sdp the offer
     * @param initialParameters as in the request; a null node if absent
     * @param client for the limits per address and per token
     */
    public record Offer(String sdp, JsonNode initialParameters, Client client, ActorRef<OfferReply> replyTo)
            implements Command {}

    /**
     * Who asks.
     *
     * @param address the other end of the connection
     * @param token name of the access token that was presented
     */
    public record Client(String address, Optional<String> token) {}

    /** Candidates that arrived after the offer, {@code candidate:} lines; empty ones mean "end of candidates". */
    public record Trickle(String sessionId, List<String> candidates, ActorRef<Found> replyTo) implements Command {}

    /** Ends a session. */
    public record HangUp(String sessionId, ActorRef<Found> replyTo) implements Command {}

    /** Changes parameters from outside the peer connection; the sessions tell their clients. */
    public record Patch(Optional<String> sessionId, Parameters parameters, ActorRef<Found> replyTo)
            implements Command {}

    /** Asks for the output of a session (the newest one if none is named) as a stream of fragmented MP4. */
    public record Watch(Optional<String> sessionId, ActorRef<WatchReply> replyTo) implements Command {}

    /** Asks for the newest picture of a session's output (the newest session's if none is named). */
    public record Snapshot(Optional<String> sessionId, ActorRef<SnapshotReply> replyTo) implements Command {}

    public record Describe(ActorRef<Description> replyTo) implements Command {}

    /** Takes no new sessions, tells the running ones, ends them after the drain time-out. */
    public record Drain(ActorRef<Drained> replyTo) implements Command {}

    /**
     * The output of a session.
     *
     * @param mp4 to be run once; empty if there is no such session, it shows nothing, or too many watch it
     */
    public record WatchReply(Optional<Source<ByteString, NotUsed>> mp4) {}

    /** @param picture owned by the receiver; empty if there is no such session or it has shown nothing */
    public record SnapshotReply(Optional<VideoFrame> picture) {}

    public sealed interface OfferReply {}

    public record Answered(String sessionId, String sdp) implements OfferReply {}

    public record Rejected(Problem problem) implements OfferReply {}

    /** Whether the session that a request named exists. */
    public enum Found {
        YES,
        NO
    }

    /**
     * What is going on.
     *
     * @param sessions newest figures by session id, in order of their start
     * @param limit most sessions at a time
     * @param draining whether the server takes no new sessions
     */
    public record Description(Map<String, SessionFigures> sessions, int limit, boolean draining) {}

    public enum Drained {
        INSTANCE
    }

    private record SessionStopped(String sessionId) implements Command {}

    private enum DrainTimeout implements Command {
        INSTANCE
    }

    private record Entry(ActorRef<Session.Command> session, SessionMeter meter, Client client) {}

    private final ActorContext<Command> context;
    private final SessionParts parts;

    /** In order of their start; bounded by the session limit. */
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private Sessions(ActorContext<Command> context, SessionParts parts) {
        this.context = context;
        this.parts = parts;
    }

    public static Behavior<Command> create(SessionParts parts) {
        return Behaviors.setup(context -> new Sessions(context, parts).open());
    }

    private Behavior<Command> open() {
        return common(false)
                .onMessage(Offer.class, this::offered)
                .onMessage(SessionStopped.class, stopped -> {
                    entries.remove(stopped.sessionId());
                    return Behaviors.same();
                })
                .onMessage(Drain.class, drain -> draining(drain.replyTo()))
                .onMessage(DrainTimeout.class, stale -> Behaviors.same())
                .build();
    }

    private Behavior<Command> draining(ActorRef<Drained> replyTo) {
        entries.values()
                .forEach(entry -> entry.session().tell(new Session.End(Optional.of("the server is shutting down"))));
        context.scheduleOnce(parts.settings().session().drainTimeout(), context.getSelf(), DrainTimeout.INSTANCE);
        if (entries.isEmpty()) {
            replyTo.tell(Drained.INSTANCE);
        }
        return common(true)
                .onMessage(Offer.class, offer -> {
                    offer.replyTo()
                            .tell(new Rejected(Problem.busy(
                                    "the server is shutting down",
                                    parts.settings().session().retryAfter())));
                    return Behaviors.same();
                })
                .onMessage(SessionStopped.class, stopped -> {
                    entries.remove(stopped.sessionId());
                    if (entries.isEmpty()) {
                        replyTo.tell(Drained.INSTANCE);
                    }
                    return Behaviors.same();
                })
                .onMessage(Drain.class, again -> Behaviors.same())
                .onMessage(DrainTimeout.class, timeout -> {
                    entries.values().forEach(entry -> context.stop(entry.session()));
                    replyTo.tell(Drained.INSTANCE);
                    return Behaviors.same();
                })
                .build();
    }

    private BehaviorBuilder<Command> common(boolean draining) {
        return Behaviors.receive(Command.class)
                .onMessage(Trickle.class, this::trickled)
                .onMessage(HangUp.class, hangUp -> {
                    Optional<Entry> entry = find(hangUp.sessionId());
                    entry.ifPresent(found -> found.session().tell(new Session.End(Optional.empty())));
                    hangUp.replyTo().tell(found(entry.isPresent()));
                    return Behaviors.same();
                })
                .onMessage(Patch.class, this::patched)
                .onMessage(Watch.class, watch -> {
                    findOrNewest(watch.sessionId())
                            .ifPresentOrElse(
                                    entry -> entry.session().tell(new Session.Watch(watch.replyTo())),
                                    () -> watch.replyTo().tell(new WatchReply(Optional.empty())));
                    return Behaviors.same();
                })
                .onMessage(Snapshot.class, snapshot -> {
                    findOrNewest(snapshot.sessionId())
                            .ifPresentOrElse(
                                    entry -> entry.session().tell(new Session.Snapshot(snapshot.replyTo())),
                                    () -> snapshot.replyTo().tell(new SnapshotReply(Optional.empty())));
                    return Behaviors.same();
                })
                .onMessage(Describe.class, describe -> {
                    Map<String, SessionFigures> figures = new LinkedHashMap<>();
                    entries.forEach((id, entry) -> figures.put(id, entry.meter().figures()));
                    describe.replyTo()
                            .tell(new Description(
                                    Collections.unmodifiableMap(figures),
                                    parts.settings().session().max(),
                                    draining));
                    return Behaviors.same();
                });
    }

    private Behavior<Command> offered(Offer offer) {
        SessionSettings limits = parts.settings().session();
        if (entries.size() >= limits.max()) {
            return busy(offer, "all " + limits.max() + " live sessions are taken (tachyscope.session.max)");
        }
        long sameAddress = entries.values().stream()
                .filter(entry -> entry.client().address().equals(offer.client().address()))
                .count();
        if (sameAddress >= limits.maxPerAddress()) {
            return busy(
                    offer,
                    "your address already has " + sameAddress
                            + " live sessions, the most allowed (tachyscope.session.max-per-address)");
        }
        long sameToken = entries.values().stream()
                .filter(entry -> offer.client().token().isPresent()
                        && entry.client().token().equals(offer.client().token()))
                .count();
        if (sameToken >= limits.maxPerToken()) {
            return busy(
                    offer,
                    "your access token already has " + sameToken
                            + " live sessions, the most allowed (tachyscope.session.max-per-token)");
        }
        String id = UUID.randomUUID().toString();
        SessionMeter meter = new SessionMeter(parts.clock(), parts.metrics());
        ActorRef<Session.Command> session = context.spawn(Session.create(id, parts, meter, offer), "session-" + id);
        context.watchWith(session, new SessionStopped(id));
        entries.put(id, new Entry(session, meter, offer.client()));
        return Behaviors.same();
    }

    private Behavior<Command> busy(Offer offer, String message) {
        offer.replyTo()
                .tell(new Rejected(
                        Problem.busy(message, parts.settings().session().retryAfter())));
        return Behaviors.same();
    }

    private Behavior<Command> trickled(Trickle trickle) {
        Optional<Entry> entry = find(trickle.sessionId());
        entry.ifPresent(found -> trickle.candidates().stream()
                .filter(line -> !line.isBlank())
                .forEach(line -> found.session().tell(new Session.Candidate(line))));
        trickle.replyTo().tell(found(entry.isPresent()));
        return Behaviors.same();
    }

    private Behavior<Command> patched(Patch patch) {
        List<Entry> addressed = patch.sessionId()
                .map(id -> find(id).map(List::of).orElse(List.of()))
                .orElseGet(() -> List.copyOf(entries.values()));
        addressed.forEach(entry -> entry.session().tell(new Session.Change(patch.parameters())));
        patch.replyTo().tell(found(!addressed.isEmpty()));
        return Behaviors.same();
    }

    private Optional<Entry> find(String sessionId) {
        return Optional.ofNullable(entries.get(sessionId));
    }

    private Optional<Entry> findOrNewest(Optional<String> sessionId) {
        return sessionId.isPresent()
                ? find(sessionId.get())
                : entries.values().stream().reduce((older, newer) -> newer);
    }

    private static Found found(boolean exists) {
        return exists ? Found.YES : Found.NO;
    }
}
