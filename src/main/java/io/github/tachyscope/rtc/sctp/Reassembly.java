package io.github.tachyscope.rtc.sctp;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Turns fragments into messages and ordered messages into their order (RFC 9260 sections 6.5 and 6.9). */
final class Reassembly {
    /** Streams with ordering state; a message on one more is dropped. More than any real set of channels. */
    static final int MAX_STREAMS = 2048;

    private final int maxMessageSize;
    private final Drops drops;
    private final TreeMap<Long, FragmentRun> runs = new TreeMap<>();
    private final Map<Integer, OrderedStream> streams = new HashMap<>();
    private int heldBytes;

    Reassembly(int maxMessageSize, Drops drops) {
        this.maxMessageSize = maxMessageSize;
        this.drops = drops;
    }

    /** Bytes of incomplete and out-of-order messages, overhead included. */
    int heldBytes() {
        return heldBytes;
    }

    /** Takes a fragment with a TSN not seen before; gives the messages that it sets free. */
    List<InboundMessage> add(long tsn, DataChunk data) {
        FragmentRun run = new FragmentRun(tsn, data);
        Map.Entry<Long, FragmentRun> before = runs.lowerEntry(tsn);
        if (before != null && before.getValue().continuesWith(run)) {
            remove(before.getValue());
            run = before.getValue().join(run);
        }
        FragmentRun after = runs.get(tsn + 1);
        if (after != null && run.continuesWith(after)) {
            remove(after);
            run = run.join(after);
        }
        if (run.payloadBytes() > maxMessageSize && !run.tooLarge()) {
            drops.count(DropReason.MESSAGE_TOO_LARGE);
            run.giveUp();
        }
        if (run.complete()) {
            return deliver(run);
        }
        runs.put(run.firstTsn(), run);
        heldBytes += run.heldBytes();
        return List.of();
    }

    /** The peer gave up everything up to a TSN; gives the messages that waited for what was given up. */
    List<InboundMessage> skip(long cumulativeTsn, List<ForwardTsnChunk.Skip> skips) {
        for (FragmentRun run : List.copyOf(runs.headMap(cumulativeTsn, true).values())) {
            remove(run);
        }
        List<InboundMessage> freed = new ArrayList<>();
        for (ForwardTsnChunk.Skip skip : skips) {
            OrderedStream stream = stream(skip.streamId());
            if (stream != null) {
                stream.skip(skip.ssn(), freed);
            }
        }
        return freed;
    }

    /** The peer starts these streams again; all of them if none is named. */
    void reset(Collection<Integer> streamIds, long lastTsn) {
        Collection<Integer> affected = streamIds.isEmpty() ? List.copyOf(streams.keySet()) : streamIds;
        for (FragmentRun run : List.copyOf(runs.headMap(lastTsn, true).values())) {
            if (streamIds.isEmpty() || streamIds.contains(run.streamId())) {
                remove(run);
            }
        }
        for (int streamId : affected) {
            OrderedStream stream = streams.remove(streamId);
            if (stream != null) {
                stream.clear();
            }
        }
    }

    private List<InboundMessage> deliver(FragmentRun run) {
        if (run.unordered()) {
            return List.of(run.toMessage());
        }
        OrderedStream stream = stream(run.streamId());
        if (stream == null) {
            drops.count(DropReason.TOO_MANY_STREAMS);
            return List.of();
        }
        List<InboundMessage> freed = new ArrayList<>(1);
        stream.add(run.ssn(), run.toMessage(), freed);
        return freed;
    }

    private @Nullable OrderedStream stream(int streamId) {
        OrderedStream stream = streams.get(streamId);
        if (stream == null && streams.size() < MAX_STREAMS) {
            stream = new OrderedStream();
            streams.put(streamId, stream);
        }
        return stream;
    }

    private void remove(FragmentRun run) {
        runs.remove(run.firstTsn());
        heldBytes -= run.heldBytes();
    }

    /** Messages of one stream that wait for an earlier one. */
    private final class OrderedStream {
        private final TreeMap<Long, InboundMessage> waiting = new TreeMap<>();
        private long nextSsn;

        void add(int wireSsn, InboundMessage message, List<InboundMessage> freed) {
            long ssn = Serial.unwrap16(wireSsn, nextSsn);
            if (ssn < nextSsn || waiting.containsKey(ssn)) {
                drops.count(DropReason.DUPLICATE_DATA);
                return;
            }
            waiting.put(ssn, message);
            heldBytes += held(message);
            release(freed);
        }

        void skip(int wireSsn, List<InboundMessage> freed) {
            long lastSkipped = Serial.unwrap16(wireSsn, nextSsn);
            while (!waiting.isEmpty() && waiting.firstKey() <= lastSkipped) {
                freed.add(take());
            }
            nextSsn = Math.max(nextSsn, lastSkipped + 1);
            release(freed);
        }

        void clear() {
            while (!waiting.isEmpty()) {
                take();
            }
        }

        private void release(List<InboundMessage> freed) {
            while (!waiting.isEmpty() && waiting.firstKey() == nextSsn) {
                freed.add(take());
                nextSsn++;
            }
        }

        private InboundMessage take() {
            InboundMessage message = waiting.pollFirstEntry().getValue();
            heldBytes -= held(message);
            return message;
        }

        private int held(InboundMessage message) {
            return message.payload().length + FragmentRun.OVERHEAD_BYTES;
        }
    }
}
