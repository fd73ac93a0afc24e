package io.github.tachyscope.session;

import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.schedule.WarmUp;
import io.github.tachyscope.session.PipelineRegistry.Node;
import io.github.tachyscope.session.PipelineRegistry.ResolveReply;
import io.github.tachyscope.session.PipelineRegistry.Resolved;
import io.github.tachyscope.session.PipelineRegistry.State;
import io.github.tachyscope.session.PipelineRegistry.Status;
import io.github.tachyscope.session.PipelineRegistry.Unresolved;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The chain of loaded pipelines, and the loading of another.
 *
 * <pre>
 * NOT_LOADED --load--> LOADING --last one there--> LOADED --load--> LOADING ...
 *                         +------ one fails ----> ERROR  --load--> LOADING ...
 * </pre>
 *
 * <p>A load keeps what is loaded already with equal parameters, in the chain or beside it, frees what is not asked for,
 * and loads the rest one after the other, then warms what is new up.
 */
final class LoadedChain {
    private static final Logger log = LoggerFactory.getLogger(LoadedChain.class);

    private final DeviceLoads loads;
    private final WarmUps warmUps;
    private final BesideChain beside;

    private State state = State.NOT_LOADED;
    private List<Node> asked = List.of();
    private List<HeldPipeline> members = List.of();
    private Optional<String> error = Optional.empty();
    private Optional<String> stage = Optional.empty();

    LoadedChain(DeviceLoads loads, WarmUps warmUps, BesideChain beside) {
        this.loads = loads;
        this.warmUps = warmUps;
        this.beside = beside;
    }

    /** Replaces it; it is loading, loaded or has failed when this returns. */
    void load(List<Node> chain) {
        asked = chain;
        error = Optional.empty();
        stage = Optional.of("Initializing pipeline...");
        warmUps.cancel();
        state = State.LOADING;
        plan();
    }

    /** Decides what stays, what goes and what comes, and starts the first load. */
    private void plan() {
        List<DeviceLoads.Wanted> wanted = new ArrayList<>();
        for (Node node : asked) {
            DeviceLoads.Checked checked = loads.check(node.pipelineId(), node.parameters());
            if (checked instanceof DeviceLoads.Faulty faulty) {
                fail(faulty.message());
                return;
            }
            wanted.add((DeviceLoads.Wanted) checked);
        }
        List<HeldPipeline> present = new ArrayList<>(members);
        List<HeldPipeline> next = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            String nodeId = asked.get(i).nodeId();
            DeviceLoads.Wanted one = wanted.get(i);
            next.add(kept(present, nodeId, one)
                    .or(() -> adopted(nodeId, one))
                    .orElseGet(() -> loads.newly(nodeId, one)));
        }
        // What is still loading is unloaded too; its late reply finds no member and is ignored.
        present.forEach(beside::leftOver);
        members = List.copyOf(next);
        loadNext();
    }

    /** Takes a fitting member out of those present: same name first, any other that equals it else. */
    private static Optional<HeldPipeline> kept(List<HeldPipeline> present, String nodeId, DeviceLoads.Wanted wanted) {
        Optional<HeldPipeline> fitting = present.stream()
                .filter(member -> member.loaded() && member.serves(wanted))
                .min(Comparator.comparing(member -> !member.nodeId().equals(nodeId)));
        fitting.ifPresent(present::remove);
        return fitting.map(member -> member.named(nodeId));
    }

    private Optional<HeldPipeline> adopted(String nodeId, DeviceLoads.Wanted wanted) {
        return beside.adopt(wanted).map(adopted -> {
            if (adopted.pipeline().loaded() && !adopted.warm()) {
                warmUp(adopted.pipeline());
            }
            return adopted.pipeline().named(nodeId);
        });
    }

    private void loadNext() {
        Optional<HeldPipeline> next =
                members.stream().filter(member -> !member.loaded()).findFirst();
        if (next.isPresent()) {
            // One that was adopted may be loading already.
            if (next.get().stage() == HeldPipeline.Stage.WANTED) {
                replace(loads.load(next.get()));
            }
        } else if (warmUps.next()) {
            stage = Optional.of("Warming up...");
        } else {
            state = State.LOADED;
            stage = Optional.empty();
        }
    }

    private void warmUp(HeldPipeline pipeline) {
        warmUps.add(pipeline.key(), pipeline.spec(), pipeline.wanted().parameters());
    }

    /** A device has answered, maybe about a member. */
    void onNews(String key, Executor.LoadReply reply) {
        Optional<HeldPipeline> awaited = members.stream()
                .filter(member -> member.key().equals(key) && !member.loaded())
                .findFirst();
        if (awaited.isEmpty()) {
            return;
        }
        if (reply instanceof Executor.LoadStage progress) {
            stage = Optional.of(progress.stage());
            return;
        }
        HeldPipeline member = awaited.get().with(reply, loads.devices());
        replace(member);
        if (member.loaded()) {
            loads.warnOfGaps(member);
            warmUp(member);
            loadNext();
        } else if (member.failedOn(loads.devices())) {
            if (member.lacksRoom() && beside.freeUnused()) {
                replace(loads.load(member));
            } else {
                beside.failed(member);
                fail(member.trouble());
            }
        }
    }

    private void replace(HeldPipeline changed) {
        members = members.stream()
                .map(member -> member.key().equals(changed.key()) ? changed : member)
                .toList();
    }

    private void fail(String message) {
        log.warn("loading failed: {}", message);
        warmUps.cancel();
        members.forEach(beside::leftOver);
        members = List.of();
        state = State.ERROR;
        error = Optional.of(message);
        stage = Optional.empty();
    }

    /** A warm-up has ended, maybe one of these. */
    void onWarm(WarmUp.Ended ended) {
        if (warmUps.ended(ended)) {
            loadNext();
        }
    }

    // --- questions ---------------------------------------------------------------------------------------------------

    boolean loading() {
        return state == State.LOADING;
    }

    /** A member that serves, loaded and warm. */
    Optional<HeldPipeline> ready(DeviceLoads.Wanted wanted) {
        return members.stream()
                .filter(member -> member.serves(wanted) && member.loaded() && !warmUps.awaits(member.key()))
                .findFirst();
    }

    /** Whether a member will serve that does not yet. */
    boolean awaits(DeviceLoads.Wanted wanted) {
        return loading() && members.stream().anyMatch(member -> member.serves(wanted));
    }

    Status status() {
        return new Status(
                state,
                asked,
                asked.stream().findFirst().map(node -> node.parameters().toJson()),
                error,
                stage);
    }

    /** @param ids of pipelines or nodes; empty means all */
    ResolveReply resolve(List<String> ids) {
        if (state != State.LOADED) {
            String now = loading() ? "the pipelines are still loading" : "no pipeline is loaded";
            return new Unresolved(
                    Problem.badRequest(now + "; load one with POST /api/v1/pipeline/load and wait for status 'loaded'"),
                    loading());
        }
        List<LoadedPipeline> chain = new ArrayList<>();
        for (String id : ids) {
            Optional<HeldPipeline> member = members.stream()
                    .filter(candidate -> candidate.wanted().pipelineId().equals(id)
                            || candidate.nodeId().equals(id))
                    .findFirst();
            if (member.isEmpty()) {
                return new Unresolved(Problem.badRequest("pipeline '" + id + "' is not loaded; loaded are "
                        + members.stream()
                                .map(loaded -> loaded.wanted().pipelineId())
                                .collect(Collectors.joining(", "))
                        + "; load it with POST /api/v1/pipeline/load"));
            }
            chain.add(member.get().asLoadedPipeline());
        }
        if (chain.isEmpty()) {
            members.forEach(member -> chain.add(member.asLoadedPipeline()));
        }
        return new Resolved(List.copyOf(chain));
    }
}
