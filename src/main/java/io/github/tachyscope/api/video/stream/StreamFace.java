package io.github.tachyscope.api.video.stream;

import io.github.tachyscope.api.Call;
import io.github.tachyscope.api.Endpoint;
import io.github.tachyscope.api.Face;
import io.github.tachyscope.api.WebSockets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.ws.Message;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.SourceQueueWithComplete;

/** The sockets that videos are sent over while they are made: two paths to one handler. */
public final class StreamFace implements Face {
    private static final int NORMAL = 1000;

    private final StreamParts parts;
    private final Map<String, Open> open = new ConcurrentHashMap<>();

    private record Open(ActorRef<StreamSession.Command> session, CompletionStage<Done> ended) {}

    public StreamFace(StreamParts parts) {
        this.parts = parts;
    }

    @Override
    public List<Endpoint> endpoints() {
        return List.of(
                Endpoint.get("/v1/videos/stream", Endpoint.now(call -> accept(call, false))),
                Endpoint.get("/v1/realtime/video", Endpoint.now(call -> accept(call, true))));
    }

    /** Tells every client that the server ends; completed when their sockets are closed, or the time is over. */
    public CompletionStage<Done> drain(Duration limit) {
        List<CompletableFuture<Done>> ended = open.values().stream()
                .map(each -> {
                    each.session().tell(StreamSession.Shutdown.INSTANCE);
                    return each.ended().toCompletableFuture();
                })
                .toList();
        return CompletableFuture.allOf(ended.toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, limit.toMillis(), TimeUnit.MILLISECONDS)
                .thenApply(done -> Done.getInstance());
    }

    private HttpResponse accept(Call call, boolean announce) {
        AtomicInteger closeCode = new AtomicInteger(NORMAL);
        return WebSockets.accept(
                call,
                Flow.lazyFlow(() -> talk(call, announce, closeCode))
                        .mapMaterializedValue(none -> NotUsed.getInstance()),
                closeCode::get);
    }

    /** Made once the socket is there. */
    private Flow<Message, Message, NotUsed> talk(Call call, boolean announce, AtomicInteger closeCode) {
        String id = "video_stream-" + UUID.randomUUID().toString().replace("-", "");
        // Without a buffer: a frame counts as sent when the socket has taken it.
        Pair<SourceQueueWithComplete<Message>, Source<Message, NotUsed>> out =
                Source.<Message>queue(0, OverflowStrategy.backpressure()).preMaterialize(call.system());
        boolean room = open.size() < parts.video().settings().stream().maxStreams();
        ActorRef<StreamSession.Command> session = call.system()
                .systemActorOf(
                        StreamSession.create(
                                new StreamSession.Setup(parts, id, out.first(), announce, room, closeCode::set)),
                        id + "-socket",
                        Props.empty());
        CompletionStage<Done> ended = out.first().watchCompletion();
        open.put(id, new Open(session, ended));
        ended.whenComplete((done, fault) -> {
            open.remove(id);
            session.tell(StreamSession.Gone.INSTANCE);
        });
        Sink<Message, NotUsed> in = Incoming.frames(
                        parts.video().settings().stream().maxStartChars())
                .mapAsync(1, frame -> {
                    CompletableFuture<Done> taken = new CompletableFuture<>();
                    session.tell(new StreamSession.Arrived(frame, taken));
                    return taken;
                })
                .to(Sink.onComplete(done -> session.tell(StreamSession.Gone.INSTANCE)));
        return Flow.fromSinkAndSource(in, out.second());
    }
}
