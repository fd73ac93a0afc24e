package io.github.tachyscope.api.video.stream;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * What waits for the socket, in the order in which it leaves: the bytes that were just announced, then texts, then
 * chunks. So nothing comes between an announcement and its bytes.
 */
final class SendQueue {
    /** More texts than this wait only if the client does not read: then its own messages have to wait as well. */
    static final int MANY_TEXTS = 16;

    /** What leaves next. */
    sealed interface Frame {}

    /** @param announces the chunk whose bytes are next */
    record Text(String json, Optional<Media> announces) implements Frame {}

    record Binary(Media media, boolean announced) implements Frame {}

    private final String requestId;
    private final Deque<String> texts = new ArrayDeque<>();
    private final Deque<Media> chunks = new ArrayDeque<>();
    private Optional<Media> announced = Optional.empty();
    private boolean announcing;
    private long transportIndex;

    SendQueue(String requestId) {
        this.requestId = requestId;
    }

    /** Whether binary frames are announced. */
    void announcing(boolean wanted) {
        announcing = wanted;
    }

    void text(ObjectNode message) {
        texts.add(message.toString());
    }

    void chunk(Media media) {
        chunks.add(media);
    }

    /** The chunk that leaves when its time has come, unless a text is before it. */
    Optional<Media> nextChunk() {
        return announced.isPresent() ? Optional.empty() : Optional.ofNullable(chunks.peek());
    }

    /** @param chunkDue whether {@link #nextChunk} may leave */
    Optional<Frame> poll(boolean chunkDue) {
        if (announced.isPresent()) {
            Binary binary = new Binary(announced.get(), true);
            announced = Optional.empty();
            return Optional.of(binary);
        }
        if (!texts.isEmpty()) {
            return Optional.of(new Text(texts.remove(), Optional.empty()));
        }
        if (!chunkDue || chunks.isEmpty()) {
            return Optional.empty();
        }
        Media media = chunks.remove();
        if (!announcing) {
            return Optional.of(new Binary(media, false));
        }
        announced = Optional.of(media);
        return Optional.of(new Text(media.metadata(requestId, transportIndex++).toString(), announced));
    }

    /** Leaves out what was not announced. */
    void dropChunks() {
        chunks.clear();
    }

    boolean manyTexts() {
        return texts.size() >= MANY_TEXTS;
    }

    /** Chunks that wait. */
    int waiting() {
        return chunks.size() + (announced.isPresent() ? 1 : 0);
    }

    boolean isEmpty() {
        return texts.isEmpty() && waiting() == 0;
    }
}
