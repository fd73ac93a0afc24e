package io.github.tachyscope.api.video.stream;

import io.github.tachyscope.api.video.stream.StreamProtocol.Abort;
import io.github.tachyscope.api.video.stream.StreamProtocol.Action;
import io.github.tachyscope.api.video.stream.StreamProtocol.Begin;
import io.github.tachyscope.api.video.stream.StreamProtocol.Change;
import io.github.tachyscope.api.video.stream.StreamProtocol.Close;
import io.github.tachyscope.api.video.stream.StreamProtocol.Conclude;
import io.github.tachyscope.api.video.stream.StreamProtocol.Send;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.flow.JobFlow;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.ChunkMp4;
import io.github.tachyscope.session.Problem;
import io.github.tachyscope.session.job.JobRun;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntConsumer;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.http.javadsl.model.ws.BinaryMessage;
import org.apache.pekko.http.javadsl.model.ws.Message;
import org.apache.pekko.http.javadsl.model.ws.TextMessage;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.QueueOfferResult;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.SinkQueueWithCancel;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.SourceQueueWithComplete;
import org.apache.pekko.util.ByteString;

/**
 * One socket: carries out what {@link StreamProtocol} says.
 *
 * <pre>
 *   serving --all is sent, stop, fault--> closing --socket closed, or too slow--> stopped
 *      +-------- socket gone -------------------------------------------------> stopped
 * </pre>
 *
 * <p>One frame at a time is offered to the socket, and the next chunk is asked for when the last one was taken: a client
 * that does not read stops the generation.
 */
final class StreamSession {

    sealed interface Command {}

    /** @param taken completed when the next frame may come */
    record Arrived(Incoming frame, CompletableFuture<Done> taken) implements Command {}

    /** The client is gone. */
    enum Gone implements Command {
        INSTANCE
    }

    /** The server ends. */
    enum Shutdown implements Command {
        INSTANCE
    }

    private record Checked(Optional<String> unavailable) implements Command {}

    private record Prepared(Preparation.Outcome outcome) implements Command {}

    private record Run(JobRun.Event event) implements Command {}

    private record Pulled(Optional<Media> media, Optional<Throwable> fault) implements Command {}

    private record Written(boolean taken) implements Command {}

    private enum Tick implements Command {
        INSTANCE
    }

    private enum Due implements Command {
        INSTANCE
    }

    private enum TooSlow implements Command {
        INSTANCE
    }

    /** Between the last message and the end of a connection whose client does not take it. */
    private static final Duration LINGER = Duration.ofSeconds(5);

    private static final Duration LONGEST_POLL = Duration.ofSeconds(1);

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final StreamParts parts;
    private final Setup setup;
    private final String requestId;
    private final Preparation preparation;
    private final StreamProtocol protocol;
    private final SendQueue queue;

    private CompletionStage<Preparation.Outcome> preparing =
            CompletableFuture.completedFuture(new Preparation.Refused(""));

    private final WaitingMedia waiting;

    private Optional<Preparation.Ready> ready = Optional.empty();
    private Optional<StreamFigures> figures = Optional.empty();
    private Optional<Pacer> pacer = Optional.empty();
    private Optional<ActorRef<JobRun.Command>> run = Optional.empty();
    private Optional<SinkQueueWithCancel<Media>> chunks = Optional.empty();
    private Optional<CompletableFuture<Done>> held = Optional.empty();
    private Optional<JobRun.Ended> runEnded = Optional.empty();
    private Optional<SendQueue.Frame> offered = Optional.empty();
    private boolean pulling;
    private boolean allMade;
    private Optional<Integer> closeCode = Optional.empty();

    /**
     * What one socket needs.
     *
     * @param out takes one frame at a time
     * @param announce whether binary frames are announced if the client does not say
     * @param room whether there is a place for this stream
     * @param closing told the code before the socket closes
     */
    record Setup(
            StreamParts parts,
            String requestId,
            SourceQueueWithComplete<Message> out,
            boolean announce,
            boolean room,
            IntConsumer closing) {}

    private StreamSession(ActorContext<Command> context, TimerScheduler<Command> timers, Setup setup) {
        this.context = context;
        this.timers = timers;
        this.setup = setup;
        this.parts = setup.parts();
        this.requestId = setup.requestId();
        this.preparation =
                new Preparation(parts, context.getSystem().dispatchers().lookup(DispatcherSelector.blocking()));
        var settings = parts.video().settings().stream();
        this.protocol = new StreamProtocol(
                new StreamProtocol.Limits(
                        micros(settings.startTimeout()),
                        micros(settings.stallTimeout()),
                        settings.maxStartChars(),
                        settings.maxControlChars()),
                requestId,
                () -> UUID.randomUUID().toString().replace("-", ""),
                now());
        this.queue = new SendQueue(requestId);
        this.waiting = new WaitingMedia(parts.meters());
        Duration stall = settings.stallTimeout();
        timers.startTimerWithFixedDelay(Tick.INSTANCE, stall.compareTo(LONGEST_POLL) < 0 ? stall : LONGEST_POLL);
        timers.startSingleTimer("start", Tick.INSTANCE, settings.startTimeout());
        parts.meters().opened();
    }

    static Behavior<Command> create(Setup setup) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new StreamSession(context, timers, setup).serving()));
    }

    private Behavior<Command> serving() {
        if (setup.room()) {
            context.pipeToSelf(
                    preparation.unavailable(),
                    (why, fault) -> new Checked(fault == null ? why : Optional.of(Preparation.NOT_AVAILABLE)));
        } else {
            perform(protocol.refused("Too many videos are streamed now (tachyscope.video.stream.max-streams is "
                    + parts.video().settings().stream().maxStreams() + "); try again later"));
            proceed();
        }
        return Behaviors.receive(Command.class)
                .onMessage(Arrived.class, this::arrived)
                .onMessage(Gone.class, gone -> Behaviors.stopped())
                .onMessage(Shutdown.class, shutdown -> after(protocol.shutdown()))
                .onMessage(
                        Checked.class,
                        checked -> after(
                                checked.unavailable().map(protocol::refused).orElse(List.of())))
                .onMessage(Prepared.class, prepared -> prepared(prepared.outcome()))
                .onMessage(Run.class, this::run)
                .onMessage(Pulled.class, this::pulled)
                .onMessage(Written.class, this::written)
                .onMessage(Tick.class, tick -> after(protocol.tick(now())))
                .onMessage(Due.class, due -> proceed())
                .onMessage(TooSlow.class, slow -> {
                    setup.out().fail(new IOException("the client does not take its last message"));
                    return Behaviors.stopped();
                })
                .onSignal(PostStop.class, stop -> stopped())
                .build();
    }

    private Behavior<Command> arrived(Arrived arrived) {
        List<Action> actions =
                arrived.frame() instanceof Incoming.Text text ? protocol.text(text.text(), now()) : protocol.binary();
        perform(actions);
        if (queue.manyTexts()) {
            held = Optional.of(arrived.taken());
        } else {
            arrived.taken().complete(Done.getInstance());
        }
        return proceed();
    }

    private Behavior<Command> after(List<Action> actions) {
        perform(actions);
        return proceed();
    }

    private void perform(List<Action> actions) {
        for (Action action : actions) {
            if (action instanceof Send send) {
                queue.text(send.message());
            } else if (action instanceof Begin begin) {
                queue.announcing(begin.metadata().orElse(setup.announce()));
                preparing = preparation.prepare(begin.request(), requestId);
                context.pipeToSelf(
                        preparing,
                        (outcome, fault) -> new Prepared(
                                fault == null ? outcome : new Preparation.Refused("The stream cannot be prepared")));
            } else if (action instanceof Change change) {
                perform(protocol.updated(
                        change,
                        ready.map(each -> each.interactions().queue(change.update(), now()))
                                .orElse(Optional.of("the video has not started"))));
            } else if (action instanceof Abort) {
                abort();
            } else if (action instanceof Conclude conclude) {
                queue.text(protocol.done(
                        conclude.reason(), figures.map(each -> each.sent(now())).orElse(StreamProtocol.Sent.NOTHING)));
            } else if (action instanceof Close close) {
                closeCode = Optional.of(close.code());
                timers.startSingleTimer(TooSlow.INSTANCE, LINGER);
            }
        }
    }

    // --- the run -----------------------------------------------------------------------------------------------------

    private Behavior<Command> prepared(Preparation.Outcome outcome) {
        if (outcome instanceof Preparation.Refused refused) {
            return after(protocol.refused(refused.message()));
        }
        Preparation.Ready made = (Preparation.Ready) outcome;
        if (protocol.ended()) {
            made.mp4().ifPresent(ChunkMp4::close);
            return proceed();
        }
        ready = Optional.of(made);
        figures = Optional.of(new StreamFigures(made.plan().fps(), now()));
        pacer = Optional.of(new Pacer(made.request().pace(), made.plan().fps()));
        perform(protocol.prepared(made.config(), made.stream(), now()));
        run = Optional.of(parts.video()
                .desk()
                .run(
                        requestId,
                        made.plan(),
                        made.interactions(),
                        context.messageAdapter(JobRun.Event.class, Run::new)));
        return proceed();
    }

    private Behavior<Command> run(Run event) {
        if (event.event() instanceof JobRun.Opened opened && !protocol.ended()) {
            protocol.progress(now());
            chunks = Optional.of(media(opened));
        } else if (event.event() instanceof JobRun.Stepped stepped) {
            protocol.progress(now());
            if (stepped.step().plan().key().kind() != StepKind.IMAGE_ENCODE) {
                ready.ifPresent(each -> each.interactions().promptEncoded());
            }
        } else if (event.event() instanceof JobRun.Ended ended) {
            runEnded = Optional.of(ended);
            allMade |= chunks.isEmpty();
        }
        return proceed();
    }

    /** Encoded chunks on demand; the run says why there are no more. */
    private SinkQueueWithCancel<Media> media(JobRun.Opened opened) {
        Preparation.Ready made = ready.orElseThrow();
        return opened.chunks()
                .recoverWithRetries(1, Throwable.class, Source::empty)
                .via(JobFlow.encode(
                        made.mp4(), size -> preparation.open(size, made.plan().fps(), made.request())))
                .map(each -> {
                    each.chunk().frames().forEach(VideoFrame::release);
                    long index = each.chunk().index();
                    Media media = new Media(
                            index,
                            each.media(),
                            each.chunk().runMicros(),
                            made.interactions().take(index));
                    waiting.encoded(media);
                    return media;
                })
                .toMat(Sink.<Media>queue().withAttributes(Attributes.inputBuffer(1, 1)), (none, sink) -> sink)
                .run(context.getSystem());
    }

    private Behavior<Command> pulled(Pulled pulled) {
        pulling = false;
        if (protocol.ended()) {
            return proceed();
        }
        if (pulled.fault().isPresent()) {
            context.getLog()
                    .warn(
                            "the video of {} cannot be encoded",
                            requestId,
                            pulled.fault().get());
            return after(protocol.failed("The video cannot be encoded"));
        }
        protocol.progress(now());
        if (pulled.media().isPresent()) {
            queue.chunk(pulled.media().get());
            parts.meters().chunk(figures.orElseThrow().made(waiting.chunks(), now()));
        } else {
            allMade = true;
        }
        return proceed();
    }

    private void abort() {
        run.ifPresent(each -> each.tell(JobRun.Cancel.INSTANCE));
        chunks.ifPresentOrElse(
                SinkQueueWithCancel::cancel,
                () -> ready.flatMap(Preparation.Ready::mp4).ifPresent(ChunkMp4::close));
        queue.dropChunks();
    }

    // --- the socket --------------------------------------------------------------------------------------------------

    /** Does whatever can be done now. */
    private Behavior<Command> proceed() {
        finish();
        send();
        pull();
        if (!queue.manyTexts()) {
            held.ifPresent(taken -> taken.complete(Done.getInstance()));
            held = Optional.empty();
        }
        if (closeCode.isPresent() && offered.isEmpty() && queue.isEmpty()) {
            setup.closing().accept(closeCode.get());
            setup.out().complete();
        }
        return Behaviors.same();
    }

    private void finish() {
        if (allMade && runEnded.isPresent() && offered.isEmpty() && queue.waiting() == 0) {
            Optional<Problem> problem = runEnded.get().problem();
            perform(problem.map(each -> protocol.failed(each.message())).orElseGet(protocol::finished));
        }
    }

    private void pull() {
        boolean wanted = !pulling && !allMade && !protocol.ended() && chunks.isPresent();
        if (wanted && queue.waiting() == 0 && !(offered.orElse(null) instanceof SendQueue.Binary)) {
            pulling = true;
            context.pipeToSelf(
                    chunks.get().pull(),
                    (media, fault) -> fault == null
                            ? new Pulled(media, Optional.empty())
                            : new Pulled(Optional.empty(), Optional.of(fault)));
        }
    }

    private void send() {
        if (offered.isPresent()) {
            return;
        }
        long now = now();
        boolean due = true;
        if (queue.nextChunk().isPresent()) {
            long dueMicros = pacer.orElseThrow().due(now);
            due = dueMicros <= now;
            if (!due) {
                timers.startSingleTimer(Due.INSTANCE, Duration.ofNanos((dueMicros - now) * 1_000));
            }
        }
        offered = queue.poll(due);
        offered.ifPresent(frame -> {
            leaving(frame, now);
            CompletionStage<QueueOfferResult> taken = setup.out().offer(message(frame));
            context.pipeToSelf(
                    taken, (result, fault) -> new Written(fault == null && result == QueueOfferResult.enqueued()));
        });
    }

    private void leaving(SendQueue.Frame frame, long now) {
        Optional<Media> begun = frame instanceof SendQueue.Text text
                ? text.announces()
                : Optional.of((SendQueue.Binary) frame)
                        .filter(binary -> !binary.announced())
                        .map(SendQueue.Binary::media);
        begun.ifPresent(media -> {
            pacer.orElseThrow().released(media.mp4().frames(), now);
            figures.orElseThrow().leaves(media);
        });
    }

    private static Message message(SendQueue.Frame frame) {
        return frame instanceof SendQueue.Binary binary
                ? BinaryMessage.create(
                        ByteString.fromArrayUnsafe(binary.media().mp4().bytes()))
                : TextMessage.create(((SendQueue.Text) frame).json());
    }

    private Behavior<Command> written(Written written) {
        if (!written.taken()) {
            return Behaviors.stopped();
        }
        long now = now();
        if (offered.orElse(null) instanceof SendQueue.Binary binary) {
            protocol.progress(now);
            waiting.taken(binary.media());
            count(binary.media(), now);
        }
        offered = Optional.empty();
        return proceed();
    }

    private void count(Media media, long now) {
        StreamFigures all = figures.orElseThrow();
        boolean first = all.ttfcMillis().isEmpty();
        if (all.written(media, now)) {
            parts.meters().lateChunk();
        }
        if (first) {
            parts.meters().firstMedia(Math.round(all.ttfcMillis().orElseThrow() * 1e3));
        }
        parts.meters().sent(media.mp4().frames(), media.mp4().bytes().length);
        media.events().queuedMicros().ifPresent(queued -> {
            parts.meters().controlToPixel(now - queued);
            context.getLog().info("{} control_to_pixel_ms={}", requestId, (now - queued) / 1_000);
        });
    }

    private Behavior<Command> stopped() {
        abort();
        held.ifPresent(taken -> taken.complete(Done.getInstance()));
        setup.out().complete();
        preparing.whenComplete((outcome, fault) -> {
            if (ready.isEmpty() && outcome instanceof Preparation.Ready unused) {
                unused.mp4().ifPresent(ChunkMp4::close);
            }
            parts.video().desk().dropInputs(requestId);
        });
        figures.ifPresent(all -> {
            all.realTimeFactor(now()).ifPresent(factor -> parts.meters().ended(factor, all.queuePeak()));
            context.getLog().info("{} {}", requestId, all.line(now()));
        });
        waiting.end();
        parts.meters().closed();
        return Behaviors.same();
    }

    private long now() {
        return parts.clock().micros();
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }
}
