package io.github.tachyscope.diffusion.sd.model;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The scale of each adapter that may change at run time: an immutable value. */
public record Scales(SortedMap<String, Double> byAdapter) {
    static final Scales NONE = new Scales(new TreeMap<>());

    public Scales {
        byAdapter = Collections.unmodifiableSortedMap(new TreeMap<>(byAdapter));
    }

    static Scales of(Map<String, Double> byAdapter) {
        return new Scales(new TreeMap<>(byAdapter));
    }

    Scales with(Map<String, Double> changes) {
        SortedMap<String, Double> changed = new TreeMap<>(byAdapter);
        changed.putAll(changes);
        return new Scales(changed);
    }

    /** Part of a batch key: the adapters and their scales. */
    public String form() {
        return byAdapter.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(","));
    }
}
