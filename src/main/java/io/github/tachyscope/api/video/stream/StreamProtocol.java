package io.github.tachyscope.api.video.stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.api.video.FieldRejected;
import io.github.tachyscope.api.video.VideoRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What is said on the socket of a streamed video, and when it ends: (message, time) in, actions out.
 *
 * <pre>
 * waiting --session.start--> preparing --prepared--> running --finished, stop, stall, fault--> ended
 *    |                           |                                                               |
 *    +-- bad start, timeout -----+-- refused ----------------------------------------------------+
 * </pre>
 */
final class StreamProtocol {
    /** Ids of updates that one session may use; protects memory. Further updates are refused. */
    static final int MAX_EVENTS = 10_000;

    /** Values of the client are quoted in messages up to this length. */
    private static final int MAX_QUOTED = 60;

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** How long to wait, and how long messages may be. */
    record Limits(long startTimeoutMicros, long stallTimeoutMicros, int maxStart, int maxControl) {}

    /** What is to be done, in the order of the list. */
    sealed interface Action {}

    record Send(ObjectNode message) implements Action {}

    /**
     * The first message was right.
     *
     * @param metadata whether each binary frame is announced; empty leaves it to the path
     */
    record Begin(VideoRequest request, Optional<Boolean> metadata) implements Action {}

    /** To be answered with {@link #updated}. */
    record Change(Interactions.Update update, boolean older) implements Action {}

    /** Ends the generation and drops what is not sent. */
    enum Abort implements Action {
        INSTANCE
    }

    /** To be sent once the generation has been aborted: {@link #done}. */
    record Conclude(Reason reason) implements Action {}

    /** Once all before it is sent. */
    record Close(int code) implements Action {}

    /** Why it was over. */
    enum Reason {
        COMPLETED,
        STOPPED,
        STALLED
    }

    /** What was sent. */
    record Sent(long chunks, long frames, double mediaSeconds, Optional<Double> ttfcMillis, double totalMillis) {
        static final Sent NOTHING = new Sent(0, 0, 0, Optional.empty(), 0);
    }

    static final int NORMAL = 1000;
    static final int GOING_AWAY = 1001;
    static final int NOT_ACCEPTED = 1003;

    private enum State {
        WAITING,
        PREPARING,
        RUNNING,
        ENDED
    }

    private final Limits limits;
    private final String requestId;
    private final Supplier<String> newEventId;
    private final Set<String> events = new HashSet<>();
    private final long deadlineMicros;
    private State state = State.WAITING;
    private long progressMicros;

    /** @param newEventId for updates without one */
    StreamProtocol(Limits limits, String requestId, Supplier<String> newEventId, long nowMicros) {
        this.limits = limits;
        this.requestId = requestId;
        this.newEventId = newEventId;
        this.deadlineMicros = nowMicros + limits.startTimeoutMicros();
        this.progressMicros = nowMicros;
    }

    boolean ended() {
        return state == State.ENDED;
    }

    /** Something got on: a step, a chunk, a sent message. */
    void progress(long nowMicros) {
        progressMicros = nowMicros;
    }

    /** @param text of which there may be less than the client sent if it is longer than allowed */
    List<Action> text(String text, long nowMicros) {
        return switch (state) {
            case WAITING -> start(text, nowMicros);
            case PREPARING, RUNNING -> control(text, nowMicros);
            case ENDED -> List.of();
        };
    }

    // --- the first message -------------------------------------------------------------------------------------------

    private List<Action> start(String text, long nowMicros) {
        if (text.length() > limits.maxStart()) {
            return refused("session.start message too large");
        }
        Optional<JsonNode> parsed = parse(text);
        if (parsed.isEmpty()) {
            return refused("Invalid JSON in session.start");
        }
        if (!(parsed.get() instanceof ObjectNode message)) {
            return refused("session.start must be a JSON object");
        }
        if (!message.path("type").asText().equals("session.start")) {
            return refused("Expected session.start, got: " + typeOf(message));
        }
        JsonNode format = message.path("format");
        if (present(format) && !format.asText().equals("m4s")) {
            return refused("Invalid session.start: format must be \"m4s\", not " + quoted(format));
        }
        JsonNode metadata = message.path("chunk_metadata");
        if (present(metadata) && !metadata.isBoolean()) {
            return refused("Invalid session.start: chunk_metadata must be true or false, not " + quoted(metadata));
        }
        try {
            VideoRequest request = VideoRequest.read(message);
            if (request.wantsFinishedFile()) {
                return refused("Invalid session.start: preencode_mp4 asks for a finished file; use POST /v1/videos");
            }
            state = State.PREPARING;
            progress(nowMicros);
            return List.of(
                    new Begin(request, present(metadata) ? Optional.of(metadata.booleanValue()) : Optional.empty()));
        } catch (FieldRejected rejected) {
            return refused("Invalid session.start: " + rejected.getMessage());
        }
    }

    /** The video cannot be made; nothing was sent yet. */
    List<Action> refused(String message) {
        if (ended()) {
            return List.of();
        }
        state = State.ENDED;
        return List.of(new Send(error(message)), new Close(NORMAL));
    }

    /**
     * The video can be made.
     *
     * @param config of the request, as accepted
     * @param more what is known of the stream
     */
    List<Action> prepared(ObjectNode config, ObjectNode more, long nowMicros) {
        if (state != State.PREPARING) {
            return List.of();
        }
        state = State.RUNNING;
        progress(nowMicros);
        ObjectNode message = message("video.start").put("request_id", requestId).put("format", "m4s");
        message.set("config", config);
        message.setAll(more);
        return List.of(new Send(message));
    }

    // --- while it runs -----------------------------------------------------------------------------------------------

    private List<Action> control(String text, long nowMicros) {
        if (text.length() > limits.maxControl()) {
            return error("Message too large; at most " + limits.maxControl() + " characters", Optional.empty());
        }
        Optional<JsonNode> parsed = parse(text);
        if (parsed.isEmpty()) {
            return error("Invalid JSON", Optional.empty());
        }
        if (!(parsed.get() instanceof ObjectNode message)) {
            return error("A message must be a JSON object", Optional.empty());
        }
        return switch (message.path("type").asText()) {
            case "session.ping" -> {
                progress(nowMicros);
                yield List.of(new Send(message("session.pong")));
            }
            case "session.stop" -> over(Reason.STOPPED);
            case "session.interaction" -> interaction(message);
            case "session.prompt_update" -> promptUpdate(message);
            case "session.start" ->
                error("session.start was already received; one video per connection", Optional.empty());
            default -> error("Unknown message type: " + typeOf(message), Optional.empty());
        };
    }

    private List<Action> interaction(ObjectNode message) {
        if (!(message.get("interaction") instanceof ObjectNode interaction)) {
            return error("session.interaction requires an interaction object", Optional.empty());
        }
        return change(() -> InteractionReader.interaction(interaction), interaction.path("event_id"), false);
    }

    private List<Action> promptUpdate(ObjectNode message) {
        return change(() -> InteractionReader.promptUpdate(message), message.path("event_id"), true);
    }

    private List<Action> change(Supplier<InteractionReader.Wish> reader, JsonNode givenId, boolean older) {
        if (present(givenId)
                && (!givenId.isTextual()
                        || givenId.textValue().isEmpty()
                        || givenId.textValue().length() > InteractionReader.MAX_EVENT_ID)) {
            return error(
                    "event_id must be a non-empty string of at most " + InteractionReader.MAX_EVENT_ID + " characters",
                    Optional.empty());
        }
        Optional<String> id = present(givenId) ? Optional.of(givenId.textValue()) : Optional.empty();
        InteractionReader.Wish wish;
        try {
            wish = reader.get();
        } catch (FieldRejected rejected) {
            return error(rejected.getMessage(), id);
        }
        if (id.filter(events::contains).isPresent()) {
            return List.of(new Send(error("event_id_conflict: event_id was already used in this session")
                    .put("code", "event_id_conflict")
                    .put("request_id", requestId)
                    .put("event_id", id.get())));
        }
        String eventId = id.orElseGet(newEventId);
        Interactions.Update update =
                new Interactions.Update(eventId, wish.prompt(), wish.controls(), wish.transitionChunks());
        if (events.size() >= MAX_EVENTS) {
            return notApplied(update, "a session may have " + MAX_EVENTS + " updates");
        }
        events.add(eventId);
        return List.of(new Change(update, older));
    }

    /** @param refusal why the update cannot be made; its id is free again then */
    List<Action> updated(Change change, Optional<String> refusal) {
        Interactions.Update update = change.update();
        if (refusal.isPresent()) {
            events.remove(update.eventId());
            return notApplied(update, refusal.get());
        }
        return List.of(
                new Send(message(change.older() ? "session.prompt_update.accepted" : "session.interaction.queued")
                        .put("request_id", requestId)
                        .put("event_id", update.eventId())));
    }

    private List<Action> notApplied(Interactions.Update update, String why) {
        return List.of(new Send(error("Failed to apply interaction: " + why)
                .put("code", "interaction_failed")
                .put("request_id", requestId)
                .put("event_id", update.eventId())));
    }

    // --- the end -----------------------------------------------------------------------------------------------------

    /** Looks at the clocks. */
    List<Action> tick(long nowMicros) {
        if (state == State.WAITING && nowMicros >= deadlineMicros) {
            return refused("Timeout waiting for session.start");
        }
        boolean going = state == State.PREPARING || state == State.RUNNING;
        if (going && nowMicros - progressMicros >= limits.stallTimeoutMicros()) {
            List<Action> actions = new ArrayList<>();
            actions.add(Abort.INSTANCE);
            actions.add(
                    new Send(error("Stall timeout: no progress for " + limits.stallTimeoutMicros() / 1_000_000.0 + " s")
                            .put("request_id", requestId)));
            actions.addAll(over(Reason.STALLED).subList(1, 3));
            return actions;
        }
        return List.of();
    }

    /** Everything is sent. */
    List<Action> finished() {
        if (ended()) {
            return List.of();
        }
        state = State.ENDED;
        return List.of(new Conclude(Reason.COMPLETED), new Close(NORMAL));
    }

    private List<Action> over(Reason reason) {
        state = State.ENDED;
        return List.of(Abort.INSTANCE, new Conclude(reason), new Close(NORMAL));
    }

    /** The video cannot be made to its end. */
    List<Action> failed(String message) {
        return broken(message, NORMAL);
    }

    /** The server ends. */
    List<Action> shutdown() {
        return broken("The server is shutting down", GOING_AWAY);
    }

    /** The client sent a binary frame. */
    List<Action> binary() {
        return broken("Binary frames are not accepted; send JSON in text frames", NOT_ACCEPTED);
    }

    private List<Action> broken(String message, int code) {
        if (ended()) {
            return List.of();
        }
        boolean started = state == State.RUNNING;
        state = State.ENDED;
        ObjectNode error = error(message);
        return List.of(Abort.INSTANCE, new Send(started ? error.put("request_id", requestId) : error), new Close(code));
    }

    /** The last message. */
    ObjectNode done(Reason reason, Sent sent) {
        ObjectNode done = message("session.done")
                .put("request_id", requestId)
                .put("chunks", sent.chunks())
                .put("stopped", reason != Reason.COMPLETED)
                .put("reason", reason.name().toLowerCase(Locale.ROOT))
                .put("frames", sent.frames())
                .put("media_seconds", sent.mediaSeconds());
        sent.ttfcMillis().ifPresent(millis -> done.put("ttfc_ms", millis));
        return done.put("total_ms", sent.totalMillis());
    }

    // --- forms -------------------------------------------------------------------------------------------------------

    private static List<Action> error(String message, Optional<String> eventId) {
        ObjectNode error = error(message);
        eventId.ifPresent(id -> error.put("event_id", id));
        return List.of(new Send(error));
    }

    private static ObjectNode error(String message) {
        return message("error").put("message", message);
    }

    private static ObjectNode message(String type) {
        return JsonNodeFactory.instance.objectNode().put("type", type);
    }

    private static Optional<JsonNode> parse(String text) {
        try {
            return Optional.of(JSON.readTree(text)).filter(node -> !node.isMissingNode());
        } catch (JsonProcessingException malformed) {
            return Optional.empty();
        }
    }

    private static String typeOf(ObjectNode message) {
        JsonNode type = message.path("type");
        return type.isTextual() ? cut(type.textValue()) : type.isMissingNode() ? "nothing" : quoted(type);
    }

    private static String quoted(JsonNode value) {
        return cut(value.toString());
    }

    private static String cut(String text) {
        return text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "...";
    }

    private static boolean present(JsonNode node) {
        return !node.isMissingNode() && !node.isNull();
    }
}
