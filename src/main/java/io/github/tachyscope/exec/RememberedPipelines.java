package io.github.tachyscope.exec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;

/** What should be loaded on a device, and how; outlives the failures of the device. */
final class RememberedPipelines {
    /**
     * @param answered whether the one who asked has the answer
     * @param proven whether it was loaded here before
     */
    private record Entry(Executor.Load load, boolean answered, boolean proven) {}

    private final ActorRef<Executor.LoadReply> nobody;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** @param nobody who is told of loads that were answered before */
    RememberedPipelines(ActorRef<Executor.LoadReply> nobody) {
        this.nobody = nobody;
    }

    boolean knows(String key) {
        return entries.containsKey(key);
    }

    void add(Executor.Load load, boolean answered) {
        entries.put(load.pipelineKey(), new Entry(load, answered, false));
    }

    void loaded(String key) {
        entries.computeIfPresent(key, (same, entry) -> new Entry(entry.load(), true, true));
    }

    /** A load did not work: what never did is not tried again. */
    void failed(String key) {
        entries.computeIfPresent(key, (same, entry) -> entry.proven() ? entry : null);
    }

    /** Nobody wants it any more; the load if somebody waits for an answer. */
    Optional<Executor.Load> forget(String key) {
        return Optional.ofNullable(entries.remove(key))
                .filter(entry -> !entry.answered())
                .map(Entry::load);
    }

    /** All, each with the one to answer. */
    List<Executor.Load> loads() {
        return entries.values().stream().map(this::again).toList();
    }

    private Executor.Load again(Entry entry) {
        Executor.Load load = entry.load();
        return entry.answered()
                ? new Executor.Load(load.pipelineKey(), load.provider(), load.parameters(), load.timeout(), nobody)
                : load;
    }

    /** Those that were loaded here before. */
    List<String> proven() {
        return entries.values().stream()
                .filter(Entry::proven)
                .map(entry -> entry.load().pipelineKey())
                .toList();
    }

    /** Forgets all; those loads for which somebody waits. */
    List<Executor.Load> forgetAll() {
        List<Executor.Load> waiting = entries.values().stream()
                .filter(entry -> !entry.answered())
                .map(Entry::load)
                .toList();
        entries.clear();
        return waiting;
    }
}
