package io.github.tachyscope.rtc;

import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;

/**
 * An offer that was accepted: the answer, and the connection to be.
 *
 * <p>It already holds a place on the port. Either the {@link #peer} is spawned, once, or it is {@link #abandon}ed.
 */
public final class Negotiation {
    private final String answerSdp;
    private final List<Peer.VideoLine> videoLines;
    private final PeerParts parts;

    Negotiation(String answerSdp, List<Peer.VideoLine> videoLines, PeerParts parts) {
        this.answerSdp = answerSdp;
        this.videoLines = List.copyOf(videoLines);
        this.parts = parts;
    }

    public String answerSdp() {
        return answerSdp;
    }

    /** Lines of pictures that were accepted, in the order of the offer. */
    public List<Peer.VideoLine> videoLines() {
        return videoLines;
    }

    /** The actor of the connection; it begins to connect when it is spawned. */
    public Behavior<Peer.Command> peer(ActorRef<Peer.Event> listener) {
        return Peer.create(parts, listener);
    }

    /** Frees the place of a connection that will not be. */
    public void abandon() {
        parts.ice().close();
    }
}
