package io.github.tachyscope.session;

import io.github.tachyscope.rtc.Peer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;

/** What a session tells its client on the data channel opened last; kept until one is open. */
final class ClientChannel {
    /** Messages kept for a channel that is not open yet; the oldest go. */
    static final int MAX_WAITING = 32;

    /** Error messages between two {@link #breathe} calls; more tell the client nothing new. */
    static final int MAX_ERRORS = 20;

    /** Channels of one client that are remembered; a message on any is read, notices go to the newest. */
    static final int MAX_CHANNELS = 16;

    private final Deque<Integer> open = new ArrayDeque<>();
    private final Deque<String> waiting = new ArrayDeque<>();
    private Optional<ActorRef<Peer.Command>> peer = Optional.empty();
    private int errors;

    void connect(ActorRef<Peer.Command> to) {
        peer = Optional.of(to);
    }

    void opened(int channelId) {
        if (open.size() == MAX_CHANNELS) {
            open.removeFirst();
        }
        open.addLast(channelId);
        while (!waiting.isEmpty()) {
            send(waiting.removeFirst());
        }
    }

    void closed(int channelId) {
        open.remove(channelId);
    }

    boolean isOpen() {
        return !open.isEmpty();
    }

    void send(String message) {
        if (isOpen() && peer.isPresent()) {
            peer.get().tell(new Peer.SendText(open.getLast(), message));
            return;
        }
        waiting.addLast(message);
        if (waiting.size() > MAX_WAITING) {
            waiting.removeFirst();
        }
    }

    /** A fault that the stream survives, unless there were too many lately. */
    void complain(String code, String text) {
        if (errors++ < MAX_ERRORS) {
            send(Notification.error(code, text));
        }
    }

    /** Allows errors again; called once a second. */
    void breathe() {
        errors = 0;
    }
}
