package io.github.tachyscope.session;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.Parameters;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;

/** All live sessions: opens them within the limits, routes to them, counts them. */
public final class Sessions {

    public sealed interface Command {}

    /**
     * Opens a live session from a browser's offer.
     *
     * @param sdp the offer
     * @param initialParameters as in the request; a null node if absent
     * @param clientAddress for the limit per address
     */
    public record Offer(String sdp, JsonNode initialParameters, String clientAddress, ActorRef<OfferReply> replyTo)
            implements Command {}

    /** Candidates that arrived after the offer, {@code candidate:} lines; empty ones mean "end of candidates". */
    public record Trickle(String sessionId, List<String> candidates, ActorRef<Found> replyTo) implements Command {}

    /** Ends a session. */
    public record HangUp(String sessionId, ActorRef<Found> replyTo) implements Command {}

    /** Changes parameters from outside the peer connection; the sessions tell their clients. */
    public record Patch(Optional<String> sessionId, Parameters parameters, ActorRef<Found> replyTo)
            implements Command {}

    public record Describe(ActorRef<Description> replyTo) implements Command {}

    /** Takes no new sessions, tells the running ones, ends them after the drain time-out. */
    public record Drain(ActorRef<Drained> replyTo) implements Command {}

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

    private Sessions() {}
}
