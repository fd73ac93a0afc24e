package io.github.tachyscope.api.comfy;

import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Refused;
import io.github.tachyscope.api.WebSockets;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.ws.Message;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;

/** The socket over which clients hear of their prompts. */
final class SocketRoutes {
    private static final int NORMAL = 1000;

    /** Longest id of a client. */
    private static final int MAX_ID = 200;

    /** Longest message of a client, who has nothing long to say; a longer one is not read. */
    private static final int MAX_TEXT = 64 << 10;

    private final ActorRef<Hub.Command> hub;
    private final AtomicLong numbers = new AtomicLong();

    SocketRoutes(ActorRef<Hub.Command> hub) {
        this.hub = hub;
    }

    List<Endpoint> endpoints() {
        return Routes.allTwice(Endpoint.get("/ws", Endpoint.now(this::accept)));
    }

    private HttpResponse accept(Call call) {
        String sid = call.query("clientId")
                .filter(id -> !id.isEmpty())
                .orElseGet(() -> UUID.randomUUID().toString().replace("-", ""));
        if (sid.length() > MAX_ID) {
            throw Refused.with(400, "clientId has at most " + MAX_ID + " characters.");
        }
        return WebSockets.accept(call, talk(call.system(), sid), () -> NORMAL);
    }

    private Flow<Message, Message, NotUsed> talk(ActorSystem<?> system, String sid) {
        long number = numbers.incrementAndGet();
        Sink<Message, NotUsed> in = Flow.<Message>create()
                .mapAsync(1, message -> text(message, system))
                .to(Sink.foreach(text -> hub.tell(new Hub.Say(number, text))));
        // Without a buffer: a message counts as sent when the socket has taken it.
        return Flow.fromSinkAndSourceMat(in, Source.<Message>queue(0, OverflowStrategy.backpressure()), Keep.right())
                .mapMaterializedValue(queue -> {
                    hub.tell(new Hub.Join(number, sid, queue));
                    queue.watchCompletion().whenComplete((done, fault) -> hub.tell(new Hub.Leave(number)));
                    return NotUsed.getInstance();
                });
    }

    private static CompletionStage<String> text(Message message, ActorSystem<?> system) {
        if (!message.isText()) {
            message.asBinaryMessage().getStreamedData().runWith(Sink.ignore(), system);
            return CompletableFuture.completedFuture("");
        }
        return message.asTextMessage()
                .getStreamedText()
                .runFold("", (all, part) -> all.length() > MAX_TEXT ? all : all + part, system)
                .thenApply(all -> all.length() > MAX_TEXT ? "" : all);
    }
}
