package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.JobState;
import java.util.List;
import java.util.Optional;

/** A prompt as an entry of the queue and of the history. */
record PromptEntry(Job job, PromptNotes notes) {

    /** {@code [number, id, prompt, extra_data, outputs]}. */
    ArrayNode queued() {
        ArrayNode entry = Messages.object().arrayNode();
        entry.add(number(job.priority())).add(job.id()).add(notes.prompt()).add(notes.extraData());
        return entry.add(Messages.array(notes.outputs()));
    }

    /** Whole numbers without a point: clients compare them as text. */
    static JsonNode number(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e15
                ? LongNode.valueOf((long) number)
                : DoubleNode.valueOf(number);
    }

    /** What the history says of one that has ended. */
    ObjectNode ended() {
        ObjectNode entry = Messages.object();
        entry.set("prompt", queued());
        entry.set("outputs", outputs());
        entry.set("status", status());
        ObjectNode meta = entry.putObject("meta");
        if (job.state() == JobState.COMPLETED) {
            notes.acts().stream()
                    .filter(act -> act.kind() == Act.Kind.OUTPUT && !act.sends())
                    .forEach(act -> meta.set(act.node(), Messages.node(act.node())));
        }
        if (!notes.remarks().isEmpty()) {
            entry.set("remarks", Messages.array(notes.remarks()));
        }
        return entry;
    }

    ObjectNode outputs() {
        return job.state() == JobState.COMPLETED ? new Outputs(job).json(notes.acts()) : Messages.object();
    }

    ObjectNode status() {
        boolean good = job.state() == JobState.COMPLETED;
        ObjectNode status =
                Messages.object().put("status_str", good ? "success" : "error").put("completed", good);
        ArrayNode messages = status.putArray("messages");
        long started = job.times().started().orElse(job.times().created());
        add(messages, Messages.EXECUTION_START, Messages.start(job.id(), started));
        add(messages, Messages.EXECUTION_CACHED, Messages.cached(job.id(), notes.cached(), started));
        long finished = job.times().finished().orElse(started);
        if (good) {
            add(messages, Messages.EXECUTION_SUCCESS, Messages.success(job.id(), finished));
        } else if (job.state() == JobState.CANCELLED) {
            Act at = where();
            add(
                    messages,
                    Messages.EXECUTION_INTERRUPTED,
                    Messages.interrupted(job.id(), at.node(), at.type(), executed(at), finished));
        } else {
            add(messages, Messages.EXECUTION_ERROR, error(finished));
        }
        return status;
    }

    private static void add(ArrayNode messages, String type, ObjectNode data) {
        messages.addArray().add(type).add(data);
    }

    /** Why it failed. */
    ObjectNode error(long finished) {
        Act at = where();
        return Messages.error(job.id(), at.node(), at.type(), executed(at), Failing.of(job, notes.blocked()), finished);
    }

    /** The node at which it ended: the one that cannot run, else the first sampler, since all before it is quick. */
    private Act where() {
        Optional<Act> sampler = notes.acts().stream()
                .filter(act -> act.kind() == Act.Kind.SAMPLE)
                .findFirst();
        return notes.blocked()
                .map(PromptNotes.Blocked::act)
                .or(() -> sampler)
                .orElseGet(() -> notes.acts().get(0));
    }

    private List<String> executed(Act end) {
        return notes.acts().stream()
                .map(Act::node)
                .takeWhile(node -> !node.equals(end.node()))
                .toList();
    }
}
