package io.github.tachyscope.diffusion.tiny;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Encoded prompts by text, shared by all sessions: the least recently used is forgotten. Thread-safe. */
final class TextCache {
    /** Encoded prompts kept, 10 kB each; protects memory from clients that never use a prompt twice. */
    static final int MAX_TEXTS = 256;

    private final Map<String, float[]> encoded = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, float[]> eldest) {
            return size() > MAX_TEXTS;
        }
    };

    synchronized Optional<float[]> find(String text) {
        return Optional.ofNullable(encoded.get(text));
    }

    /** @param prompt not changed from now on */
    synchronized void put(String text, float[] prompt) {
        encoded.put(text, prompt);
    }
}
