package io.github.tachyscope.rtc;

import io.github.tachyscope.config.RtcSettings;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.rtc.sdp.Offer;
import io.github.tachyscope.testkit.LibWebRtcPeer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.SpawnProtocol;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** An endpoint on the loopback address whose sessions send back every picture and every text. */
final class EchoServer implements AutoCloseable {
    private final RtcEndpoint endpoint;
    private final ActorSystem<SpawnProtocol.Command> system;
    private final AtomicInteger sessions = new AtomicInteger();

    /** One session as the test sees it. */
    static final class Session {
        final String answer;
        final List<Peer.VideoLine> lines;
        final List<Peer.Event> events = new CopyOnWriteArrayList<>();
        final Map<String, AtomicInteger> frames = new ConcurrentHashMap<>();
        private final Negotiation negotiation;
        private volatile ActorRef<Peer.Command> peer;
        private volatile Session sink = this;
        private volatile Session source = this;

        private Session(Negotiation negotiation, ActorSystem<SpawnProtocol.Command> system, int number) {
            this.negotiation = negotiation;
            this.answer = negotiation.answerSdp();
            this.lines = negotiation.videoLines();
            ActorRef<ActorRef<Peer.Event>> ignored = system.ignoreRef();
            system.tell(new SpawnProtocol.Spawn<>(owner(), "session-" + number, Props.empty(), ignored));
        }

        /** Sends the pictures of this session to the client of the other one. */
        void forwardTo(Session other) {
            sink = other;
            other.source = this;
        }

        private void show(EncodedFrame frame) {
            lines.stream().filter(Peer.VideoLine::sends).forEach(line -> tell(new Peer.SendVideo(line.mid(), frame)));
        }

        /** Spawns the peer as its child and echoes on the first line that sends. */
        private Behavior<Peer.Event> owner() {
            return Behaviors.setup(context -> {
                ActorRef<Peer.Command> child = context.spawn(negotiation.peer(context.getSelf()), "peer");
                peer = child;
                return Behaviors.receive(Peer.Event.class)
                        .onMessage(Peer.VideoReceived.class, received -> {
                            frames.computeIfAbsent(received.mid(), mid -> new AtomicInteger())
                                    .incrementAndGet();
                            sink.show(received.frame());
                            return Behaviors.same();
                        })
                        .onMessage(Peer.KeyFrameWanted.class, wanted -> {
                            events.add(wanted);
                            source.lines.stream()
                                    .filter(Peer.VideoLine::receives)
                                    .forEach(line -> source.tell(new Peer.RequestKeyFrame(line.mid())));
                            return Behaviors.same();
                        })
                        .onMessage(Peer.TextReceived.class, text -> {
                            child.tell(new Peer.SendText(text.channelId(), text.text()));
                            return Behaviors.same();
                        })
                        .onMessage(Peer.Closed.class, closed -> {
                            events.add(closed);
                            return Behaviors.stopped();
                        })
                        .onAnyMessage(event -> {
                            events.add(event);
                            return Behaviors.same();
                        })
                        .build();
            });
        }

        void tell(Peer.Command command) {
            LibWebRtcPeer.await("a spawned peer", () -> peer != null);
            peer.tell(command);
        }

        boolean has(Class<? extends Peer.Event> kind) {
            return events.stream().anyMatch(kind::isInstance);
        }

        int frames(String mid) {
            AtomicInteger count = frames.get(mid);
            return count == null ? 0 : count.get();
        }

        Peer.Closed awaitClosed(int seconds) {
            LibWebRtcPeer.await("the end, so far " + events, seconds, () -> has(Peer.Closed.class));
            return events.stream()
                    .filter(Peer.Closed.class::isInstance)
                    .map(Peer.Closed.class::cast)
                    .findFirst()
                    .orElseThrow();
        }
    }

    EchoServer() {
        this(settings(Duration.ofSeconds(30)));
    }

    EchoServer(RtcSettings settings) {
        endpoint = RtcEndpoint.start(settings, "127.0.0.1", MediaClock.system());
        system = ActorSystem.create(SpawnProtocol.create(), "echo");
    }

    static RtcSettings settings(Duration consentTimeout) {
        return settings(Duration.ofSeconds(15), consentTimeout);
    }

    /** Gives up on clients that do not come at once. */
    static RtcSettings hasty() {
        return settings(Duration.ofMillis(300), Duration.ofSeconds(30));
    }

    private static RtcSettings settings(Duration iceTimeout, Duration consentTimeout) {
        return new RtcSettings(
                List.of(),
                0,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                iceTimeout,
                Duration.ofSeconds(10),
                consentTimeout,
                2_000_000,
                150_000,
                8_000_000,
                262_144);
    }

    RtcEndpoint endpoint() {
        return endpoint;
    }

    Session accept(String offer) {
        int number = sessions.incrementAndGet();
        return new Session(endpoint.negotiate("session-" + number, Offer.parse(offer)), system, number);
    }

    @Override
    public void close() {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
        endpoint.close();
    }
}
