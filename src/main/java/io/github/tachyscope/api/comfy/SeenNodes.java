package io.github.tachyscope.api.comfy;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which nodes earlier prompts of this process had, by their signatures: models that are loaded, texts that are encoded. */
final class SeenNodes {
    /** Signatures that are remembered, the newest; about what the caches behind them hold. */
    private static final int MAX_SEEN = 1000;

    private final Map<String, Boolean> seen = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MAX_SEEN;
        }
    };

    /**
     * Which of the nodes were there before.
     *
     * @param nodes ids
     * @param signatures by id
     */
    synchronized List<String> known(Collection<String> nodes, Map<String, String> signatures) {
        return nodes.stream()
                .filter(node -> signatures.containsKey(node) && seen.containsKey(signatures.get(node)))
                .toList();
    }

    synchronized void add(Collection<String> nodes, Map<String, String> signatures) {
        nodes.stream().filter(signatures::containsKey).forEach(node -> seen.put(signatures.get(node), true));
    }

    /** Everything was freed. */
    synchronized void clear() {
        seen.clear();
    }
}
