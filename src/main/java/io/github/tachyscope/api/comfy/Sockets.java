package io.github.tachyscope.api.comfy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.http.javadsl.model.ws.Message;
import org.apache.pekko.stream.QueueOfferResult;
import org.apache.pekko.stream.javadsl.SourceQueueWithComplete;

/**
 * The open WebSockets of the {@link Hub}, whose thread alone calls it. One message at a time is offered to each; the others
 * wait in its {@link Outbox}, and a client that does not read them is closed.
 */
final class Sockets {
    /** Most sockets; protects memory. One more is closed at once. */
    private static final int MAX_CLIENTS = 1000;

    /** A client that takes nothing for so long is gone or too slow. */
    private static final Duration STALL = Duration.ofSeconds(60);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ActorContext<Hub.Command> context;
    private final TimerScheduler<Hub.Command> timers;
    private final Pictures pictures;
    private final Set<String> animated;
    private final long maxUploadBytes;
    private final Map<Long, Client> clients = new LinkedHashMap<>();

    /** @param animated kept here: ids of clients that take moving previews */
    Sockets(
            ActorContext<Hub.Command> context,
            TimerScheduler<Hub.Command> timers,
            Pictures pictures,
            Set<String> animated,
            long maxUploadBytes) {
        this.context = context;
        this.timers = timers;
        this.pictures = pictures;
        this.animated = animated;
        this.maxUploadBytes = maxUploadBytes;
    }

    /** A socket is open: it takes the place of an older one of that client. Whether there was room. */
    boolean join(long number, String sid, SourceQueueWithComplete<Message> out) {
        client(sid).ifPresent(replaced -> {
            replaced.out.complete();
            leave(replaced.number);
        });
        if (clients.size() >= MAX_CLIENTS) {
            out.complete();
            return false;
        }
        clients.put(number, new Client(number, sid, out));
        return true;
    }

    void leave(long number) {
        Client client = clients.remove(number);
        timers.cancel(number);
        if (client != null && client(client.sid).isEmpty()) {
            animated.remove(client.sid);
        }
    }

    private Optional<Client> client(String sid) {
        return clients.values().stream()
                .filter(client -> client.sid.equals(sid))
                .findFirst();
    }

    /** A client says something; what is not for us is left alone. */
    void say(long number, String text) {
        Client client = clients.get(number);
        if (client != null
                && read(text) instanceof ObjectNode message
                && message.path("type").asText().equals("feature_flags")
                && message.path("data") instanceof ObjectNode features
                && client.takesFeatures(features)) {
            if (client.wantsAnimation()) {
                animated.add(client.sid);
            }
            send(
                    client,
                    new Outbox.Text(Messages.of("feature_flags", ServerFeatures.json(maxUploadBytes))
                            .toString()));
        }
    }

    private static JsonNode read(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException notForUs) {
            return Messages.object();
        }
    }

    void send(String sid, Outbox.Item item) {
        client(sid).ifPresent(client -> send(client, item));
    }

    void sendAll(Outbox.Item item) {
        List.copyOf(clients.values()).forEach(client -> send(client, item));
    }

    private void send(Client client, Outbox.Item item) {
        if (client.outbox.add(item)) {
            proceed(client);
        } else {
            slow(client.number);
        }
    }

    private void proceed(Client client) {
        if (client.busy) {
            return;
        }
        client.outbox.poll().ifPresent(item -> {
            client.busy = true;
            timers.startSingleTimer(client.number, new Hub.TooSlow(client.number), STALL);
            CompletionStage<Boolean> written = pictures.message(item, client.wantsMetadata(), client.wantsAnimation())
                    .thenCompose(message -> message.isEmpty()
                            ? CompletableFuture.completedFuture(true)
                            : client.out
                                    .offer(message.get())
                                    .thenApply(result -> result.equals(QueueOfferResult.enqueued())));
            context.pipeToSelf(written, (taken, fault) -> new Hub.Written(client.number, fault == null && taken));
        });
    }

    /** @param taken whether the socket has the message, and is not closed */
    void written(long number, boolean taken) {
        Client client = clients.get(number);
        if (client == null) {
            return;
        }
        if (!taken) {
            leave(number);
            return;
        }
        timers.cancel(number);
        client.busy = false;
        proceed(client);
    }

    void slow(long number) {
        Client client = clients.get(number);
        if (client != null) {
            context.getLog().info("the client {} does not read its messages and is closed", client.sid);
            client.out.fail(new IOException("the client does not read"));
            leave(number);
        }
    }

    void closeAll() {
        clients.values().forEach(client -> client.out.complete());
        clients.clear();
    }
}
