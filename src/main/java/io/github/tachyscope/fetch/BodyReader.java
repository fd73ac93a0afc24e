package io.github.tachyscope.fetch;

import io.github.tachyscope.fetch.FetchFailed.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The body of a reply, piece by piece: the next is asked for when one was taken, so a slow disk slows the sender down, and a
 * sender that falls silent is given up.
 */
final class BodyReader implements AutoCloseable {
    private sealed interface Signal {}

    private record Piece(List<ByteBuffer> buffers) implements Signal {}

    private record Broken(Throwable cause) implements Signal {}

    private enum End implements Signal {
        INSTANCE
    }

    /** Holds one piece and one end at most. */
    private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();

    private final BlockingQueue<Flow.Subscription> subscribed = new LinkedBlockingQueue<>(1);
    private final Flow.Subscription subscription;
    private final Duration stall;
    private final String from;

    /** @param from who sends, for messages */
    BodyReader(Flow.Publisher<List<ByteBuffer>> body, Duration stall, String from) {
        this.stall = stall;
        this.from = from;
        body.subscribe(new Subscriber());
        this.subscription = await(subscribed);
    }

    /** The next piece; empty at the end. */
    Optional<List<ByteBuffer>> next() {
        subscription.request(1);
        Signal signal = await(signals);
        if (signal instanceof Piece piece) {
            return Optional.of(piece.buffers());
        }
        if (signal instanceof Broken broken) {
            throw new FetchFailed(
                    Kind.UNREACHABLE, "The connection to " + from + " broke off: " + reason(broken.cause()));
        }
        return Optional.empty();
    }

    private <T> T await(BlockingQueue<T> queue) {
        try {
            T taken = queue.poll(stall.toNanos(), TimeUnit.NANOSECONDS);
            if (taken == null) {
                throw new FetchFailed(Kind.UNREACHABLE, from + " sent nothing for " + stall.toSeconds() + " s.");
            }
            return taken;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw FetchFailed.cancelled();
        }
    }

    static String reason(Throwable cause) {
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    /** Lets the connection go. */
    @Override
    public void close() {
        subscription.cancel();
    }

    private final class Subscriber implements Flow.Subscriber<List<ByteBuffer>> {
        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscribed.add(given);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            signals.add(new Piece(buffers));
        }

        @Override
        public void onError(Throwable cause) {
            signals.add(new Broken(cause));
        }

        @Override
        public void onComplete() {
            signals.add(End.INSTANCE);
        }
    }
}
