package io.github.tachyscope.api.scope;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.tachyscope.api.Body;
import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.Replies;
import io.github.tachyscope.session.Sessions;
import io.github.tachyscope.session.Sessions.Answered;
import io.github.tachyscope.session.Sessions.Found;
import io.github.tachyscope.session.Sessions.OfferReply;
import io.github.tachyscope.session.Sessions.Rejected;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** WebRTC signalling: ICE servers, offer and answer, candidates that come later, hanging up. */
final class SignallingRoutes {
    /** Candidates in one request; a browser sends a handful. More get 422. */
    private static final int MAX_CANDIDATES = 128;

    /** Characters of one candidate line; RFC 8839 lines stay far below. Longer ones get 422. */
    private static final int MAX_CANDIDATE_LENGTH = 1024;

    private final ActorRef<Sessions.Command> sessions;
    private final Duration askTimeout;
    private final IceServers iceServers;

    SignallingRoutes(ScopeParts parts) {
        this.sessions = parts.sessions();
        this.askTimeout = parts.settings().session().askTimeout();
        this.iceServers = new IceServers(parts.settings().rtc(), parts.clock());
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/api/v1/webrtc/ice-servers", Endpoint.now(call -> Replies.json(iceServers.render()))),
                Endpoint.post("/api/v1/webrtc/offer", call -> call.json().thenCompose(body -> offer(call, body))),
                Endpoint.patch("/api/v1/webrtc/offer/{sessionId}", this::trickle),
                Endpoint.delete("/api/v1/webrtc/offer/{sessionId}", this::hangUp));
    }

    private CompletionStage<HttpResponse> offer(Call call, Body body) {
        String sdp = body.requiredText("sdp");
        String type = body.text("type").orElse("offer");
        if (!type.equals("offer")) {
            throw body.invalid("type", "literal_error", "Input should be 'offer'", TextNode.valueOf(type));
        }
        JsonNode parameters =
                body.object("initialParameters").<JsonNode>map(given -> given).orElse(NullNode.getInstance());
        CompletionStage<OfferReply> reply = call.ask(
                sessions,
                askTimeout,
                replyTo -> new Sessions.Offer(
                        sdp, parameters, new Sessions.Client(call.clientAddress(), call.tokenHolder()), replyTo));
        return reply.thenApply(outcome -> {
            if (outcome instanceof Rejected rejected) {
                throw Refused.of(rejected.problem(), body.json());
            }
            Answered answered = (Answered) outcome;
            return Replies.json(Json.object()
                    .put("sdp", answered.sdp())
                    .put("type", "answer")
                    .put("sessionId", answered.sessionId()));
        });
    }

    private CompletionStage<HttpResponse> trickle(Call call) {
        boolean fragment = call.request()
                .entity()
                .getContentType()
                .mediaType()
                .toString()
                .equals("application/trickle-ice-sdpfrag");
        CompletionStage<List<String>> candidates = fragment
                ? call.text().thenApply(SignallingRoutes::fragment)
                : call.json().thenApply(this::candidates);
        return candidates.thenCompose(lines -> {
            CompletionStage<Found> reply = call.ask(
                    sessions, askTimeout, replyTo -> new Sessions.Trickle(call.variable("sessionId"), lines, replyTo));
            return reply.thenApply(found -> {
                if (found == Found.NO) {
                    throw Refused.with(404, "There is no such session.");
                }
                return Replies.noContent();
            });
        });
    }

    private List<String> candidates(Body body) {
        if (body.member("candidates").isEmpty()) {
            throw body.missing("candidates");
        }
        return body.objects("candidates", MAX_CANDIDATES).stream()
                .map(candidate -> checked(candidate.text("candidate").orElse("")))
                .toList();
    }

    /** The candidates of an SDP fragment (RFC 8840, section 9). */
    static List<String> fragment(String text) {
        List<String> lines = text.lines()
                .map(String::strip)
                .filter(line -> line.startsWith("a=candidate:") || line.equals("a=end-of-candidates"))
                .map(line -> line.equals("a=end-of-candidates") ? "" : checked(line))
                .limit(MAX_CANDIDATES + 1L)
                .toList();
        if (lines.size() > MAX_CANDIDATES) {
            throw invalid("At most " + MAX_CANDIDATES + " candidates are taken at once");
        }
        return lines;
    }

    private static String checked(String candidate) {
        if (candidate.length() > MAX_CANDIDATE_LENGTH) {
            throw invalid("A candidate should have at most " + MAX_CANDIDATE_LENGTH + " characters");
        }
        String line = candidate.strip();
        return line.startsWith("a=") ? line.substring(2) : line;
    }

    private static Refused invalid(String message) {
        return Refused.invalid(List.of("body", "candidates"), "value_error", message, NullNode.getInstance());
    }

    private CompletionStage<HttpResponse> hangUp(Call call) {
        CompletionStage<Found> reply =
                call.ask(sessions, askTimeout, replyTo -> new Sessions.HangUp(call.variable("sessionId"), replyTo));
        return reply.thenApply(found -> Replies.noContent());
    }
}
