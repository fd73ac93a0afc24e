package io.github.tachyscope.session;

import io.github.tachyscope.exec.Executor;
import io.github.tachyscope.schedule.WarmUp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.pekko.actor.typed.ActorRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pipelines that jobs had loaded for themselves, beside the chain, and the wishes for more.
 *
 * <pre>
 * wish --the chain or one beside it fits--> granted
 *   +--- its turn, and a place ---> coming --loaded, warm--> held --unused, its place is needed--> freed
 *                                     +-- fails: all who wish for it are told
 * </pre>
 *
 * <p>One is coming at a time, and only while the chain does not load. One that was given to somebody keeps its place as
 * long as that one lives. Who wishes for a place waits in turn: while somebody does, what is held is given to nobody who
 * came later, so that a steady stream of users of one pipeline does not keep all others out.
 */
final class BesideChain {
    private static final Logger log = LoggerFactory.getLogger(BesideChain.class);

    /** Wishes that wait; protects memory. One more is refused as busy. */
    static final int MAX_WISHES = 256;

    private record Wish(DeviceLoads.Wanted wanted, ActorRef<PipelineRegistry.ResolveReply> replyTo) {}

    private final DeviceLoads loads;
    private final WarmUps warmUps;
    private final Leases leases;
    private final int most;
    private final Duration retryAfter;

    private final List<Wish> wishes = new ArrayList<>();
    /** Loaded and warm, the longest unused first. */
    private final List<HeldPipeline> held = new ArrayList<>();
    /** Keys of those that go as soon as they are unused. */
    private final Set<String> leaving = new HashSet<>();
    /** Loading or warming up. */
    private Optional<HeldPipeline> coming = Optional.empty();
    /** The devices have no room for another until one that is in use is gone. */
    private boolean full;

    /**
     * @param most how many keep their place, whether used or not
     * @param retryAfter what one is told who finds too many waiting
     */
    BesideChain(DeviceLoads loads, WarmUps warmUps, Leases leases, int most, Duration retryAfter) {
        this.loads = loads;
        this.warmUps = warmUps;
        this.leases = leases;
        this.most = most;
        this.retryAfter = retryAfter;
    }

    /** Somebody asks; whether he is answered later. */
    boolean wish(PipelineRegistry.Require require) {
        DeviceLoads.Checked checked = loads.check(require.pipelineId(), require.load());
        if (checked instanceof DeviceLoads.Faulty faulty) {
            require.replyTo().tell(new PipelineRegistry.Unresolved(Problem.badRequest(faulty.message())));
            return false;
        }
        if (wishes.size() >= MAX_WISHES) {
            require.replyTo()
                    .tell(new PipelineRegistry.Unresolved(
                            Problem.busy("too many wait for pipelines to be loaded", retryAfter)));
            return false;
        }
        wishes.add(new Wish((DeviceLoads.Wanted) checked, require.replyTo()));
        return true;
    }

    /** Does for those who wait what can be done now. */
    void serve(LoadedChain chain) {
        boolean placeMissing = false;
        for (Wish wish : List.copyOf(wishes)) {
            Optional<HeldPipeline> fitting = chain.ready(wish.wanted());
            if (fitting.isEmpty() && !placeMissing) {
                fitting = find(pipeline -> pipeline.serves(wish.wanted()));
            }
            if (fitting.isPresent()) {
                grant(wish, fitting.get());
            } else if (!chain.awaits(wish.wanted()) && !chain.loading() && coming.isEmpty() && !placeMissing) {
                placeMissing = !makePlace();
                if (!placeMissing) {
                    log.info("loading {} beside the chain", wish.wanted().pipelineId());
                    coming = Optional.of(loads.load(loads.newly(wish.wanted().pipelineId(), wish.wanted())));
                }
            }
        }
        shrinkTo(most);
    }

    private void grant(Wish wish, HeldPipeline pipeline) {
        wishes.remove(wish);
        leases.grant(wish.replyTo(), pipeline.key());
        leaving.remove(pipeline.key());
        wish.replyTo().tell(new PipelineRegistry.Resolved(List.of(pipeline.asLoadedPipeline())));
    }

    private Optional<HeldPipeline> find(Predicate<HeldPipeline> wanted) {
        return held.stream().filter(wanted).findFirst();
    }

    // --- places ------------------------------------------------------------------------------------------------------

    /** Frees those unused for the longest time until there is a place for one more; false if too many are in use. */
    private boolean makePlace() {
        return !full && shrinkTo(most - 1);
    }

    private boolean shrinkTo(int count) {
        while (held.size() > count) {
            Optional<HeldPipeline> unused = find(pipeline -> !leases.has(pipeline));
            if (unused.isEmpty()) {
                return false;
            }
            free(unused.get());
        }
        return true;
    }

    private void free(HeldPipeline pipeline) {
        log.info("freeing {} beside the chain", pipeline.wanted().pipelineId());
        held.remove(pipeline);
        leaving.remove(pipeline.key());
        loads.unload(pipeline);
        full = false;
    }

    /** Frees all that nobody uses; whether there were any. */
    boolean freeUnused() {
        List<HeldPipeline> unused =
                held.stream().filter(pipeline -> !leases.has(pipeline)).toList();
        unused.forEach(this::free);
        return !unused.isEmpty();
    }

    /** Frees all, those in use as soon as they are not. */
    void releaseUnused() {
        freeUnused();
        held.forEach(pipeline -> leaving.add(pipeline.key()));
    }

    /** One who asked or uses lives no more. */
    void gone(ActorRef<PipelineRegistry.ResolveReply> user) {
        wishes.removeIf(wish -> wish.replyTo().equals(user));
        for (String key : leases.end(user)) {
            full = false;
            find(pipeline -> pipeline.key().equals(key) && !leases.has(pipeline))
                    .ifPresent(this::unused);
        }
    }

    private void unused(HeldPipeline pipeline) {
        if (leaving.contains(pipeline.key())) {
            free(pipeline);
        } else {
            held.remove(pipeline);
            held.add(pipeline);
        }
    }

    // --- what goes between here and the chain ------------------------------------------------------------------------

    /**
     * Gives one away that serves, wherever it stands.
     *
     * @param warm whether it needs no warm-up any more
     */
    record Adopted(HeldPipeline pipeline, boolean warm) {}

    Optional<Adopted> adopt(DeviceLoads.Wanted wanted) {
        Optional<HeldPipeline> ready = find(pipeline -> pipeline.serves(wanted));
        if (ready.isPresent()) {
            held.remove(ready.get());
            leaving.remove(ready.get().key());
            full = false;
            return ready.map(pipeline -> new Adopted(pipeline, true));
        }
        Optional<HeldPipeline> begun = coming.filter(pipeline -> pipeline.serves(wanted));
        if (begun.isPresent()) {
            warmUps.cancel();
            coming = Optional.empty();
        }
        return begun.map(pipeline -> new Adopted(pipeline, false));
    }

    /** Takes what the chain needs no more: in use it keeps a place here, else it is freed. */
    void leftOver(HeldPipeline pipeline) {
        if (pipeline.loaded() && leases.has(pipeline)) {
            held.add(pipeline.named(pipeline.wanted().pipelineId()));
        } else {
            loads.unload(pipeline);
            full = false;
        }
    }

    /** Those who wish for what cannot be loaded are told why. */
    void failed(HeldPipeline pipeline) {
        for (Wish wish : List.copyOf(wishes)) {
            if (pipeline.serves(wish.wanted())) {
                wishes.remove(wish);
                wish.replyTo().tell(new PipelineRegistry.Unresolved(Problem.badRequest(pipeline.trouble())));
            }
        }
    }

    // --- what the devices say ----------------------------------------------------------------------------------------

    /** A device has answered, maybe about the one that is coming. */
    void onNews(String key, Executor.LoadReply reply) {
        Optional<HeldPipeline> told = coming.filter(pipeline -> pipeline.key().equals(key) && !pipeline.loaded())
                .map(pipeline -> pipeline.with(reply, loads.devices()));
        if (told.isEmpty()) {
            return;
        }
        coming = told;
        HeldPipeline pipeline = told.get();
        if (pipeline.loaded()) {
            loads.warnOfGaps(pipeline);
            warmUps.add(pipeline.key(), pipeline.spec(), pipeline.wanted().parameters());
            if (!warmUps.next()) {
                arrived(pipeline);
            }
        } else if (pipeline.failedOn(loads.devices())) {
            onFailure(pipeline);
        }
    }

    private void onFailure(HeldPipeline pipeline) {
        if (pipeline.lacksRoom() && freeUnused()) {
            coming = Optional.of(loads.load(pipeline));
            return;
        }
        coming = Optional.empty();
        if (pipeline.lacksRoom() && !held.isEmpty()) {
            full = true;
            return;
        }
        log.warn("{} cannot be loaded beside the chain: {}", pipeline.wanted().pipelineId(), pipeline.trouble());
        failed(pipeline);
    }

    /** A warm-up has ended, maybe here. */
    void onWarm(WarmUp.Ended ended) {
        if (warmUps.ended(ended)) {
            coming.ifPresent(this::arrived);
        }
    }

    private void arrived(HeldPipeline pipeline) {
        coming = Optional.empty();
        held.add(pipeline);
    }
}
