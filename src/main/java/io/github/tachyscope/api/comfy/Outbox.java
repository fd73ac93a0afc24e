package io.github.tachyscope.api.comfy;

import io.github.tachyscope.store.Job;
import io.github.tachyscope.store.ResultFile;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;

/**
 * What waits for one client to read. A preview gives way to a newer one; everything else waits, up to a limit beyond which
 * the client is too slow to be served.
 */
final class Outbox {
    /** Longest texts that wait altogether, in characters; protects memory. */
    static final int MAX_CHARS = 8 << 20;

    /** Most pictures that wait; only their names are held, and a prompt may make a few thousands. */
    static final int MAX_PICTURES = 20_000;

    /** One message. */
    sealed interface Item {}

    record Text(String json) implements Item {}

    record Preview(Told.Preview preview) implements Item {}

    /** A file of a job, sent as it is. */
    record Picture(Job job, ResultFile file) implements Item {}

    private final Deque<Item> waiting = new ArrayDeque<>();
    private int chars;
    private int pictures;

    /** Whether the client is quick enough. */
    boolean add(Item item) {
        if (item instanceof Preview) {
            for (Iterator<Item> older = waiting.iterator(); older.hasNext(); ) {
                if (older.next() instanceof Preview) {
                    older.remove();
                }
            }
        } else if (item instanceof Text text) {
            chars += text.json().length();
        } else {
            pictures++;
        }
        waiting.add(item);
        return chars <= MAX_CHARS && pictures <= MAX_PICTURES;
    }

    Optional<Item> poll() {
        Optional<Item> first = Optional.ofNullable(waiting.poll());
        first.ifPresent(item -> {
            if (item instanceof Text text) {
                chars -= text.json().length();
            } else if (item instanceof Picture) {
                pictures--;
            }
        });
        return first;
    }
}
