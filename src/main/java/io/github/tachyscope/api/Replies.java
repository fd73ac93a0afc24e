package io.github.tachyscope.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import org.apache.pekko.NotUsed;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/** The forms of successful replies. */
public final class Replies {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Below the idle time-outs of proxies and of our own server, so that a quiet stream stays open. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);

    private Replies() {}

    public static HttpResponse json(JsonNode body) {
        return json(200, body);
    }

    public static HttpResponse json(int status, JsonNode body) {
        try {
            return HttpResponse.create()
                    .withStatus(status)
                    .withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, MAPPER.writeValueAsBytes(body)));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public static HttpResponse noContent() {
        return HttpResponse.create().withStatus(204);
    }

    public static HttpResponse text(String body) {
        return HttpResponse.create().withEntity(HttpEntities.create(ContentTypes.TEXT_PLAIN_UTF8, body));
    }

    static HttpResponse bytes(ContentType type, byte[] body) {
        return HttpResponse.create().withEntity(HttpEntities.create(type, body));
    }

    /** A stream of server-sent events, kept open by comments while there is nothing to say. */
    public static HttpResponse events(Source<ByteString, NotUsed> events) {
        ContentType type = MediaTypes.TEXT_EVENT_STREAM.toContentType();
        Source<ByteString, NotUsed> kept = Source.single(ByteString.fromString(": open\n\n"))
                .concat(events)
                .keepAlive(KEEP_ALIVE, () -> ByteString.fromString(": keep-alive\n\n"));
        return HttpResponse.create()
                .addHeader(RawHeader.create("Cache-Control", "no-cache"))
                .addHeader(RawHeader.create("X-Accel-Buffering", "no"))
                .withEntity(HttpEntities.createChunked(type, kept));
    }

    /** One server-sent event. */
    public static ByteString event(String name, JsonNode data) {
        return ByteString.fromString("event: " + name + "\ndata: " + data + "\n\n");
    }
}
