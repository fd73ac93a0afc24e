package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.StepKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * What the client of one prompt is told, in the order that clients rely on.
 *
 * <pre>
 *   waiting --started--> at the sampler --steps, previews--> --ended--> over
 *
 *   execution_start, execution_cached,
 *   for each node that is not cached: executing, progress_state, [progress, preview]..., for outputs executed
 *   execution_success | execution_error | execution_interrupted
 * </pre>
 *
 * <p>The queue's {@code status} before and behind it, and the last {@code executing}, are not its business. Knows no clock
 * but the one that it is given.
 */
final class PromptMessages {
    /** Of a graph with more nodes only the newest is in {@code progress_state}, which would grow with their square. */
    private static final int MOST_STATES = 200;

    private final String prompt;
    private final List<Act> acts;
    private final Set<String> cached;
    private final LongSupplier millis;
    private final Set<String> executed = new LinkedHashSet<>();
    private final Map<String, ObjectNode> states = new LinkedHashMap<>();
    private List<Told> told = new ArrayList<>();
    private int next;
    private Optional<Act> current = Optional.empty();
    private boolean begun;
    private boolean over;
    private int calls;
    private long decoded;
    private int shown;

    /** @param cached ids of nodes whose work is known from an earlier prompt */
    PromptMessages(String prompt, List<Act> acts, Set<String> cached, LongSupplier millis) {
        this.prompt = prompt;
        this.acts = List.copyOf(acts);
        this.cached = Set.copyOf(cached);
        this.millis = millis;
    }

    /** The node that runs now. */
    Optional<String> node() {
        return current.map(Act::node);
    }

    /** The run of a sampling is open; that of the first one, again, where an attempt begins anew. */
    List<Told> started(int plan) {
        begin();
        advance(act -> act.kind() == Act.Kind.SAMPLE && act.plan() >= plan);
        if (current.filter(act -> act.plan() == plan).isPresent()) {
            calls = 0;
            decoded = 0;
        }
        return taken();
    }

    /** A step has run. */
    List<Told> stepped(int plan, StepKind kind) {
        Optional<Act> sampler = sampler(plan);
        if (sampler.isPresent() && kind == StepKind.DENOISE) {
            calls++;
            show(sampler.get(), value(sampler.get()));
        } else if (sampler.isPresent() && kind == StepKind.DECODE) {
            decoded++;
            calls = 0;
            show(sampler.get(), value(sampler.get()));
            if (decoded >= sampler.get().chunks()) {
                step();
            }
        }
        return taken();
    }

    /** Steps as clients count them, over all chunks and however often the denoiser is called for one. */
    private int value(Act act) {
        long perChunk = Math.max(1, act.calls());
        long done = decoded * perChunk + Math.min(calls, perChunk);
        return (int) Math.min(act.steps(), act.steps() * done / (perChunk * Math.max(1, act.chunks())));
    }

    /** Pictures of the state of a sampling. */
    List<Told> previewed(int plan, List<byte[]> jpegs) {
        sampler(plan).ifPresent(act -> told.add(new Told.Preview(prompt, act.node(), jpegs)));
        return taken();
    }

    /** All is made and can be read. */
    List<Told> completed(Outputs outputs) {
        begin();
        advance(act -> act.kind() == Act.Kind.OUTPUT);
        while (current.isPresent()) {
            Act act = current.get();
            if (act.kind() == Act.Kind.OUTPUT) {
                if (act.sends()) {
                    outputs.files(act.node()).forEach(file -> told.add(new Told.Picture(file)));
                } else {
                    outputs.shown(act).ifPresent(shownFiles -> text(Messages.executed(prompt, act.node(), shownFiles)));
                }
            }
            step();
        }
        end(Messages.EXECUTION_SUCCESS, Messages.success(prompt, millis.getAsLong()), false);
        return taken();
    }

    /** @param at the node that cannot run; empty for the one that runs */
    List<Told> failed(Failing failing, Optional<Act> at) {
        begin();
        if (at.isEmpty()) {
            // What is quick does not fail: a model that cannot be loaded is noticed by its sampler.
            advance(each -> each.kind() != Act.Kind.QUICK);
        }
        Act act = at.or(() -> current).orElseGet(() -> acts.get(acts.size() - 1));
        states.put(act.node(), Messages.nodeState(prompt, act.node(), shown, Math.max(1, act.steps()), "error"));
        progressState(act.node());
        ObjectNode error = Messages.error(prompt, act.node(), act.type(), executed, failing, millis.getAsLong());
        end(Messages.EXECUTION_ERROR, error, false);
        return taken();
    }

    /** Somebody ended it. */
    List<Told> interrupted() {
        begin();
        Act act = current.orElseGet(() -> acts.get(acts.size() - 1));
        end(
                Messages.EXECUTION_INTERRUPTED,
                Messages.interrupted(prompt, act.node(), act.type(), executed, millis.getAsLong()),
                true);
        return taken();
    }

    private Optional<Act> sampler(int plan) {
        return current.filter(act -> !over && act.kind() == Act.Kind.SAMPLE && act.plan() == plan);
    }

    private void begin() {
        if (!begun) {
            begun = true;
            text(Messages.of(Messages.EXECUTION_START, Messages.start(prompt, millis.getAsLong())));
            text(Messages.of(
                    Messages.EXECUTION_CACHED,
                    Messages.cached(prompt, cached.stream().sorted().toList(), millis.getAsLong())));
            executed.addAll(cached);
            step();
        }
    }

    private interface Stop {
        boolean at(Act act);
    }

    private void advance(Stop stop) {
        while (current.isPresent() && !stop.at(current.get())) {
            step();
        }
    }

    /** Ends the node that runs and begins the next one. */
    private void step() {
        current.ifPresent(act -> {
            if (act.kind() == Act.Kind.SAMPLE) {
                show(act, act.steps());
            }
            states.put(
                    act.node(),
                    Messages.nodeState(
                            prompt, act.node(), Math.max(1, act.steps()), Math.max(1, act.steps()), "finished"));
            executed.add(act.node());
        });
        // A cached output is told of all the same.
        while (next < acts.size()
                && cached.contains(acts.get(next).node())
                && acts.get(next).kind() != Act.Kind.OUTPUT) {
            next++;
        }
        current = next < acts.size() ? Optional.of(acts.get(next++)) : Optional.empty();
        calls = 0;
        decoded = 0;
        shown = 0;
        current.ifPresent(act -> {
            text(Messages.executing(prompt, act.node()));
            states.put(act.node(), Messages.nodeState(prompt, act.node(), 0, Math.max(1, act.steps()), "running"));
            progressState(act.node());
        });
    }

    private void show(Act act, int value) {
        if (value > shown) {
            shown = value;
            states.put(act.node(), Messages.nodeState(prompt, act.node(), value, act.steps(), "running"));
            progressState(act.node());
            text(Messages.progress(prompt, act.node(), value, act.steps()));
        }
    }

    private void progressState(String newest) {
        ObjectNode nodes = Messages.object();
        if (acts.size() > MOST_STATES) {
            nodes.set(newest, states.get(newest));
        } else {
            states.forEach(nodes::set);
        }
        text(Messages.progressState(prompt, nodes));
    }

    private void end(String type, ObjectNode data, boolean toAll) {
        if (!over) {
            over = true;
            current = Optional.empty();
            told.add(new Told.Text(Messages.of(type, data), toAll));
        }
    }

    private void text(ObjectNode message) {
        told.add(new Told.Text(message, false));
    }

    private List<Told> taken() {
        List<Told> all = told;
        told = new ArrayList<>();
        return all;
    }
}
