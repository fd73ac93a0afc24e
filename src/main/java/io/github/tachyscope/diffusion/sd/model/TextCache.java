package io.github.tachyscope.diffusion.sd.model;

import io.github.tachyscope.diffusion.sd.blend.HeapEmbedding;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Encoded prompts, shared by all sessions of a model: the least recently used is forgotten. Thread-safe. */
public final class TextCache {
    /** Encoded prompts kept, up to 640 kB each; protects memory from clients that never use a prompt twice. */
    static final int MAX_TEXTS = 128;

    private final Map<TextKey, HeapEmbedding> encoded = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<TextKey, HeapEmbedding> eldest) {
            return size() > MAX_TEXTS;
        }
    };

    synchronized Optional<HeapEmbedding> find(TextKey key) {
        return Optional.ofNullable(encoded.get(key));
    }

    public synchronized void put(TextKey key, HeapEmbedding embedding) {
        encoded.put(key, embedding);
    }
}
