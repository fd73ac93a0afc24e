package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.pekko.http.javadsl.model.ws.Message;
import org.apache.pekko.stream.javadsl.SourceQueueWithComplete;

/** An open WebSocket. Owned by the {@link Hub}. */
final class Client {
    final long number;
    final String sid;
    final SourceQueueWithComplete<Message> out;
    final Outbox outbox = new Outbox();
    /** Whether the socket has yet to take the last message. */
    boolean busy;

    private boolean said;
    private boolean metadata;
    private boolean animated;

    Client(long number, String sid, SourceQueueWithComplete<Message> out) {
        this.number = number;
        this.sid = sid;
        this.out = out;
    }

    /** Takes what the client can do; whether it is the first time that it says so, which asks for an answer. */
    boolean takesFeatures(ObjectNode features) {
        metadata = features.path("supports_preview_metadata").asBoolean();
        animated = features.path("supports_animated_preview").asBoolean();
        boolean first = !said;
        said = true;
        return first;
    }

    boolean wantsMetadata() {
        return metadata || animated;
    }

    boolean wantsAnimation() {
        return animated;
    }
}
