package io.github.tachyscope.session;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;

/** Who was given which pipeline, and lives still: those pipelines are in use. */
final class Leases {
    private final Map<ActorRef<?>, Set<String>> keys = new HashMap<>();

    void grant(ActorRef<?> user, String key) {
        keys.computeIfAbsent(user, first -> new HashSet<>()).add(key);
    }

    /** The user is gone; what it had. */
    Set<String> end(ActorRef<?> user) {
        Set<String> had = keys.remove(user);
        return had == null ? Set.of() : had;
    }

    boolean has(HeldPipeline pipeline) {
        return keys.values().stream().anyMatch(each -> each.contains(pipeline.key()));
    }
}
