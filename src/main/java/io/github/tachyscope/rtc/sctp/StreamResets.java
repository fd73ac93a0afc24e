package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.rtc.sctp.ReconfigParameter.OutgoingReset;
import io.github.tachyscope.rtc.sctp.ReconfigParameter.Response;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Stream resets in both directions (RFC 6525), one request of ours at a time.
 *
 * <pre>
 *   wanted --stream drained--> asked --performed or refused--> done
 *   asked --in progress, or no answer--> asked again, same number
 * </pre>
 */
final class StreamResets {
    /** Streams in one request, so that it fits a packet. */
    private static final int MAX_PER_REQUEST = 200;

    /** Streams that wait for a reset; a peer that provokes more keeps a channel half open. */
    static final int MAX_WANTED = 4096;

    private final SendQueue queue;
    private final RetransmissionTimeout timeout;
    private final Set<Integer> wanted = new LinkedHashSet<>();
    private final Alarm repeat = new Alarm();
    private final Set<Integer> unconfirmed = new LinkedHashSet<>();
    private @Nullable OutgoingReset asked;
    private boolean sendNow;
    private int nextRequest;
    private int expectedRequest;
    private Response lastAnswer;

    StreamResets(SendQueue queue, RetransmissionTimeout timeout, int ourInitialTsn, int peerInitialTsn) {
        this.queue = queue;
        this.timeout = timeout;
        this.nextRequest = ourInitialTsn;
        this.expectedRequest = peerInitialTsn;
        this.lastAnswer = new Response(peerInitialTsn - 1, Response.NOTHING_TO_DO);
    }

    /** Resets our side of a stream once its queue has drained. At most one entry per stream. */
    void want(int streamId) {
        if (wanted.size() < MAX_WANTED) {
            wanted.add(streamId);
        }
    }

    /** The request to send now, if any. */
    Optional<ReconfigChunk> take(long lastAssignedTsn, long nowMicros) {
        if (asked == null) {
            List<Integer> ready = new ArrayList<>();
            for (int streamId : wanted) {
                if (!queue.holds(streamId) && ready.size() < MAX_PER_REQUEST) {
                    ready.add(streamId);
                }
            }
            if (ready.isEmpty()) {
                return Optional.empty();
            }
            ready.forEach(wanted::remove);
            unconfirmed.addAll(ready);
            asked = new OutgoingReset(nextRequest++, expectedRequest - 1, (int) lastAssignedTsn, List.copyOf(ready));
            sendNow = true;
        }
        if (!sendNow) {
            return Optional.empty();
        }
        sendNow = false;
        repeat.set(nowMicros + timeout.micros());
        return Optional.of(new ReconfigChunk(List.of(asked)));
    }

    /** The peer's answer; gives the streams that are reset by it. */
    List<Integer> answered(Response answer, long nowMicros) {
        OutgoingReset request = asked;
        if (request == null || request.request() != answer.request()) {
            return List.of();
        }
        if (answer.result() == Response.IN_PROGRESS) {
            repeat.set(nowMicros + timeout.micros());
            return List.of();
        }
        // A refusal cannot be cured by asking again; the stream counts as reset.
        asked = null;
        repeat.clear();
        List<Integer> done = List.copyOf(unconfirmed);
        unconfirmed.clear();
        done.forEach(queue::reset);
        return done;
    }

    /** The peer behaves as if it had performed the reset of this stream, so its answer must have been lost. */
    boolean confirm(int streamId) {
        boolean asking = unconfirmed.remove(streamId);
        if (asking) {
            queue.reset(streamId);
        }
        return asking;
    }

    /** Whether this request is the peer's next one and not a repetition. */
    boolean isNext(int request) {
        return request == expectedRequest;
    }

    /** The answer to a request that is not the next one. */
    Response answerToOther(int request) {
        return request == lastAnswer.request() ? lastAnswer : new Response(request, Response.BAD_REQUEST_NUMBER);
    }

    /** The answer to the next request; remembered for its repetition unless it only asks for patience. */
    Response answer(int request, long result) {
        Response answer = new Response(request, result);
        if (result != Response.IN_PROGRESS) {
            expectedRequest = request + 1;
            lastAnswer = answer;
        }
        return answer;
    }

    void tick(long nowMicros) {
        if (repeat.rings(nowMicros)) {
            sendNow = true;
        }
    }

    long deadlineMicros() {
        return repeat.atMicros();
    }
}
