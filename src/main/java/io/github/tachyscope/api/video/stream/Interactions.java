package io.github.tachyscope.api.video.stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.ParameterSchedule;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.ParameterSpec;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.session.job.ChunkParameters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a client changes of a video while it is made: which of its updates acts on which chunk.
 *
 * <pre>
 *   pending --next chunk--> moving --n chunks, or a newer one, or the last chunk--> completed
 *   pending --newer one---------------------------------------next chunk----------> completed, never started
 * </pre>
 *
 * <p>Every update that was accepted is listed as completed exactly once. Told by the session, asked by the stream that
 * makes the chunks; thread-safe.
 */
final class Interactions implements ChunkParameters {
    /** Replaced updates that wait for the next chunk, which names them all; protects memory from a flood. */
    static final int MAX_REPLACED = 1_000;

    /** Of the only prompt; it has no other to be weighed against. */
    private static final int WEIGHT = 100;

    /** Chunks whose events nobody has asked for yet; those under way, and a few that wait to be sent. */
    private static final int MAX_LISTED = 64;

    /**
     * An update as the client sent it.
     *
     * @param controls by the names of parameters
     * @param transitionChunks over which the prompt moves; 0 changes it at once
     */
    record Update(String eventId, Optional<String> prompt, Map<String, JsonNode> controls, int transitionChunks) {}

    /**
     * What happened to the updates at a chunk.
     *
     * @param queuedMicros when the one that starts there was queued
     */
    record Events(List<String> started, List<String> active, List<String> completed, OptionalLong queuedMicros) {
        static final Events NONE = new Events(List.of(), List.of(), List.of(), OptionalLong.empty());
    }

    private record Pending(String eventId, Parameters changes, int chunks, long queuedMicros) {}

    private final ParameterSchedule schedule;
    private final PipelineSpec spec;
    private final long total;
    private final int group;
    private final Map<Long, Events> listed = new HashMap<>();
    private final List<String> replaced = new ArrayList<>();
    private Optional<Pending> pending = Optional.empty();
    private Optional<String> moving = Optional.empty();
    private int chunksLeft;
    private boolean promptEncoded;
    private long next;

    /**
     * @param total chunks of the video
     * @param group chunks of the pipeline in each of them; the prompt moves with every one of those
     */
    Interactions(ParameterSchedule schedule, PipelineSpec spec, long total, int group) {
        this.schedule = schedule;
        this.spec = spec;
        this.total = total;
        this.group = group;
    }

    /** The first prompt is encoded: from now on there is something to start from. */
    synchronized void promptEncoded() {
        promptEncoded = true;
    }

    /**
     * Takes an update for the next chunk, in place of one that still waits for it.
     *
     * @return why it is not taken; empty if it is
     */
    synchronized Optional<String> queue(Update update, long nowMicros) {
        if (!promptEncoded) {
            return Optional.of("the first prompt is not encoded yet");
        }
        if (next >= total) {
            return Optional.of("the last chunk is under way");
        }
        if (replaced.size() >= MAX_REPLACED) {
            return Optional.of("too many updates wait for the next chunk");
        }
        Map<String, ParameterSpec> known = new HashMap<>();
        spec.parameters().parameters().forEach(each -> known.put(each.name(), each));
        for (String name : update.controls().keySet()) {
            if (!known.containsKey(name)) {
                return Optional.of("pipeline " + spec.id() + " has no control of this name: " + brief(name));
            }
        }
        if (update.prompt().isPresent() && !known.containsKey(Parameters.PROMPTS)) {
            return Optional.of("pipeline " + spec.id() + " takes no prompts");
        }
        boolean moves = update.prompt().isPresent()
                && update.transitionChunks() > 0
                && known.containsKey(Parameters.TRANSITION);
        Parameters asked = Parameters.of(update.controls());
        if (update.prompt().isPresent()) {
            ArrayNode prompts = prompts(update.prompt().get());
            asked = moves
                    ? asked.with(Parameters.TRANSITION, transition(prompts, (long) update.transitionChunks() * group))
                    : asked.with(Parameters.PROMPTS, prompts);
        }
        ParameterSchema.Checked checked = spec.parameters().checkRuntime(asked);
        if (!checked.refused().isEmpty()) {
            return Optional.of(checked.refused().get(0).message());
        }
        pending.ifPresent(older -> replaced.add(older.eventId()));
        pending = Optional.of(
                new Pending(update.eventId(), checked.accepted(), moves ? update.transitionChunks() : 0, nowMicros));
        return Optional.empty();
    }

    private static ArrayNode prompts(String text) {
        ArrayNode prompts = JsonNodeFactory.instance.arrayNode();
        prompts.addObject().put("text", text).put("weight", WEIGHT);
        return prompts;
    }

    private static ObjectNode transition(ArrayNode target, long chunks) {
        ObjectNode transition = JsonNodeFactory.instance.objectNode();
        transition.set("target_prompts", target);
        return transition
                .put("num_steps", chunks)
                .put("temporal_interpolation_method", "linear")
                .put(Parameters.SHOWS_SOURCE, false);
    }

    private static String brief(String name) {
        return name.length() <= 60 ? name : name.substring(0, 60) + "...";
    }

    @Override
    public synchronized Parameters at(long chunk) {
        next = chunk + 1;
        List<String> started = new ArrayList<>();
        List<String> active = new ArrayList<>();
        List<String> completed = new ArrayList<>(replaced);
        replaced.clear();
        Optional<Pending> begun = pending;
        pending = Optional.empty();
        if (begun.isPresent()) {
            moving.ifPresent(completed::add);
            moving = begun.map(Pending::eventId);
            chunksLeft = begun.get().chunks();
            moving.ifPresent(started::add);
        }
        if (moving.isPresent() && chunksLeft > 0) {
            active.add(moving.get());
            chunksLeft--;
        }
        if (moving.isPresent() && (chunksLeft == 0 || next == total)) {
            completed.add(moving.get());
            moving = Optional.empty();
        }
        if (!started.isEmpty() || !active.isEmpty() || !completed.isEmpty()) {
            OptionalLong queued =
                    begun.map(update -> OptionalLong.of(update.queuedMicros())).orElse(OptionalLong.empty());
            listed.put(chunk, new Events(started, active, completed, queued));
            listed.remove(chunk - MAX_LISTED);
        }
        Parameters regular = schedule.at(chunk);
        return begun.map(update -> regular.merge(update.changes())).orElse(regular);
    }

    /** What happened at a chunk that is made; tells it once. */
    synchronized Events take(long chunk) {
        return Optional.ofNullable(listed.remove(chunk)).orElse(Events.NONE);
    }
}
