package io.github.tachyscope.api.video.stream;

import org.apache.pekko.NotUsed;
import org.apache.pekko.http.javadsl.model.ws.Message;
import org.apache.pekko.http.javadsl.model.ws.TextMessage;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Source;

/** What came from a client, whole. */
sealed interface Incoming {

    /** @param text cut behind the longest that is allowed anywhere */
    record Text(String text) implements Incoming {}

    enum Binary implements Incoming {
        INSTANCE
    }

    /**
     * Puts messages together that arrive in parts.
     *
     * @param most characters that are kept of one
     */
    static Flow<Message, Incoming, NotUsed> frames(int most) {
        return Flow.<Message>create().flatMapConcat(message -> frame(message, most));
    }

    private static Source<Incoming, ?> frame(Message message, int most) {
        if (!(message instanceof TextMessage text)) {
            return Source.single(Binary.INSTANCE);
        }
        if (text.isStrict()) {
            return Source.single(new Text(text.getStrictText()));
        }
        return text.getStreamedText().fold(new Part(most), Part::plus).map(part -> new Text(part.text.toString()));
    }

    /** The beginning of a message, one character more than allowed at most. */
    final class Part {
        private final StringBuilder text = new StringBuilder();
        private final int most;

        private Part(int most) {
            this.most = most;
        }

        private Part plus(String more) {
            int room = most + 1 - text.length();
            text.append(more, 0, Math.min(room, more.length()));
            return this;
        }
    }
}
