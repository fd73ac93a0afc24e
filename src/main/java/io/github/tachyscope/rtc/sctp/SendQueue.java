package io.github.tachyscope.rtc.sctp;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Messages that wait for their first transmission. Streams take turns message by message; without interleaving
 * (RFC 8260) the fragments of one message must not be parted. Bounded by the caller through {@link #bytes()}.
 */
final class SendQueue {
    private final LinkedHashMap<Integer, Deque<OutgoingMessage>> waiting = new LinkedHashMap<>();
    private final Map<Integer, Integer> nextSsn = new HashMap<>();
    private @Nullable OutgoingMessage current;
    private int bytes;

    /** Bytes that wait, overhead included. */
    int bytes() {
        return bytes;
    }

    void add(OutgoingMessage message) {
        waiting.computeIfAbsent(message.streamId(), id -> new ArrayDeque<>()).add(message);
        bytes += message.unsentBytes() + OutgoingMessage.OVERHEAD_BYTES;
    }

    boolean isEmpty() {
        return current == null && waiting.isEmpty();
    }

    /** Whether the current message is the last one. */
    boolean holdsOneMessage() {
        return waiting.isEmpty();
    }

    boolean holds(int streamId) {
        return waiting.containsKey(streamId) || current != null && current.streamId() == streamId;
    }

    /** The message to take the next fragment from. */
    Optional<OutgoingMessage> next(long nowMicros) {
        OutgoingMessage begun = current;
        if (begun != null && (begun.abandoned() || begun.unsentBytes() == 0)) {
            finishCurrent(begun);
        }
        while (current == null && !waiting.isEmpty()) {
            OutgoingMessage message = takeTurn();
            if (message.expired(nowMicros)) {
                forget(message);
            } else {
                message.assign(message.ordered() ? takeSsn(message.streamId()) : 0);
                current = message;
            }
        }
        return Optional.ofNullable(current);
    }

    /** A fragment of the current message was sent. */
    void sent(int payloadBytes) {
        bytes -= payloadBytes;
        OutgoingMessage begun = current;
        if (begun != null && begun.unsentBytes() == 0) {
            finishCurrent(begun);
        }
    }

    /** Drops what waits on a stream; a message that has begun is finished. */
    void discard(int streamId) {
        Deque<OutgoingMessage> dropped = waiting.remove(streamId);
        if (dropped != null) {
            dropped.forEach(this::forget);
        }
        OutgoingMessage begun = current;
        if (begun != null && begun.streamId() == streamId && !begun.started()) {
            finishCurrent(begun);
        }
    }

    /** The stream was reset: its sequence numbers start again. */
    void reset(int streamId) {
        nextSsn.remove(streamId);
    }

    private OutgoingMessage takeTurn() {
        Map.Entry<Integer, Deque<OutgoingMessage>> turn =
                waiting.entrySet().iterator().next();
        Deque<OutgoingMessage> messages = turn.getValue();
        OutgoingMessage message = messages.remove();
        waiting.remove(turn.getKey());
        if (!messages.isEmpty()) {
            waiting.put(turn.getKey(), messages);
        }
        return message;
    }

    private int takeSsn(int streamId) {
        int ssn = nextSsn.getOrDefault(streamId, 0);
        nextSsn.put(streamId, ssn + 1 & 0xFFFF);
        return ssn;
    }

    private void finishCurrent(OutgoingMessage message) {
        forget(message);
        current = null;
    }

    private void forget(OutgoingMessage message) {
        bytes -= message.unsentBytes() + OutgoingMessage.OVERHEAD_BYTES;
    }
}
