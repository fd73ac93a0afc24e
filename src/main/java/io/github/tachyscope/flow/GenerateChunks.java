package io.github.tachyscope.flow;

import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.schedule.Quality;
import io.github.tachyscope.schedule.Scheduler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.Terminated;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.FlowShape;
import org.apache.pekko.stream.Inlet;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.stage.AbstractInHandler;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.GraphStage;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.apache.pekko.stream.stage.GraphStageLogic.StageActor;
import org.apache.pekko.stream.stage.TimerGraphStageLogic;
import org.jspecify.annotations.Nullable;
import scala.runtime.BoxedUnit;

/**
 * Inputs of chunks in, finished chunks out, in order and only on demand: nobody downstream asks, no step begins. While
 * somebody asks, as many chunks are under way as the generation works on at a time; what is finished before it is asked
 * for waits here and counts among them.
 *
 * <p>Parameters that change with a chunk act on that chunk and no earlier one: it is asked for when those before it are
 * there. {@code mapAsync} would ask for a chunk ahead of demand. What a lost chunk means is said by {@link Loss}. While the
 * device is short of time, chunks are asked for at the rate that the last one came with.
 */
final class GenerateChunks extends GraphStage<FlowShape<List<VideoFrame>, GenerateChunks.Timed>> {
    /**
     * A chunk, with the time at which downstream had asked for it.
     *
     * @param controlMicros arrival of the parameter message that it is the first with, see {@link ControlDelay}
     */
    record Timed(Chunk chunk, long demandedMicros, long controlMicros) {}

    /** What becomes of the stream when a chunk is lost. */
    enum Loss {
        /** It is reported and the next input tried: a viewer sees one picture less. */
        SKIP,
        /** The stream fails with {@link JobFlow.ChunkLost}: a file must not have holes. */
        FAIL
    }

    private record Asked(long atMicros, long controlMicros) {}

    /** Key of the timer for the next chunk. */
    private static final String NEXT = "next";

    private final Inlet<List<VideoFrame>> in = Inlet.create("GenerateChunks.in");
    private final Outlet<Timed> out = Outlet.create("GenerateChunks.out");
    private final FlowShape<List<VideoFrame>, Timed> shape = FlowShape.of(in, out);

    private final RunHandle run;
    private final LongFunction<Parameters> changes;
    private final Loss loss;
    private final LongSupplier deadlineMicros;
    private final MediaClock clock;
    private final FlowMeter meter;
    private final Consumer<FlowEvent> listener;

    /**
     * For live video: parameters come by other ways, and lost chunks are passed over.
     *
     * @param deadlineMicros when the viewer's buffer runs dry, asked at each request on the stream's own thread
     */
    GenerateChunks(
            RunHandle run,
            LongSupplier deadlineMicros,
            MediaClock clock,
            FlowMeter meter,
            Consumer<FlowEvent> listener) {
        this(run, chunk -> Parameters.none(), Loss.SKIP, deadlineMicros, clock, meter, listener);
    }

    /** @param changes what changes with a chunk, counted from 0; asked once for each, when its turn has come */
    GenerateChunks(
            RunHandle run,
            LongFunction<Parameters> changes,
            Loss loss,
            LongSupplier deadlineMicros,
            MediaClock clock,
            FlowMeter meter,
            Consumer<FlowEvent> listener) {
        this.run = run;
        this.changes = changes;
        this.loss = loss;
        this.deadlineMicros = deadlineMicros;
        this.clock = clock;
        this.meter = meter;
        this.listener = listener;
    }

    @Override
    public FlowShape<List<VideoFrame>, Timed> shape() {
        return shape;
    }

    @Override
    public GraphStageLogic createLogic(Attributes attributes) {
        return new Logic();
    }

    private final class Logic extends TimerGraphStageLogic {
        private @Nullable ActorRef<Scheduler.ChunkReply> self;
        private final Deque<Asked> underWay = new ArrayDeque<>();

        private final Deque<Timed> finished = new ArrayDeque<>();
        private int lostInARow;
        private Quality quality = Quality.FULL;
        private long askedMicros;
        private long nextChunk;
        /** What changes with the next chunk; empty until its turn has come. */
        private Optional<Parameters> change = Optional.empty();
        /** Since when the next chunk is wanted; a wait for the permitted rate counts into what it takes. */
        private OptionalLong wantedMicros = OptionalLong.empty();

        Logic() {
            super(shape);
            setHandler(in, new AbstractInHandler() {
                @Override
                public void onPush() {
                    askedMicros = clock.micros();
                    applyChange();
                    underWay.addLast(new Asked(
                            wantedMicros.orElse(askedMicros), meter.controls().asked()));
                    wantedMicros = OptionalLong.empty();
                    run.scheduler()
                            .tell(new Scheduler.Produce(
                                    run.runId(), grab(in), deadlineMicros.getAsLong(), Objects.requireNonNull(self)));
                    pullNext();
                }

                @Override
                public void onUpstreamFinish() {
                    completeIfDone();
                }
            });
            setHandler(out, new AbstractOutHandler() {
                @Override
                public void onPull() {
                    Timed next = finished.pollFirst();
                    if (next != null) {
                        push(out, next);
                        completeIfDone();
                    } else {
                        pullNext();
                    }
                }
            });
        }

        /**
         * The scheduler answers every request, in the worst case when its own time limit for chunks is over (which does
         * not run while a session is paused); so there is none here, but its end is watched.
         */
        @Override
        public void preStart() {
            StageActor stageActor = getStageActor(received -> {
                receive(received._2());
                return BoxedUnit.UNIT;
            });
            stageActor.watch(Adapter.toClassic(run.scheduler()));
            self = Adapter.toTyped(stageActor.ref());
        }

        private void receive(Object message) {
            if (message instanceof Scheduler.ChunkReady ready) {
                arrived(ready);
            } else if (message instanceof Scheduler.ChunkFailed failed) {
                Asked asked = underWay.pollFirst();
                if (asked != null) {
                    meter.controls().lost(asked.controlMicros());
                }
                lost(failed.message(), failed.runLost());
            } else if (message instanceof Terminated) {
                lost("the engine has stopped", true);
            }
        }

        private void applyChange() {
            change.filter(parameters -> !parameters.isEmpty())
                    .ifPresent(parameters -> run.scheduler().tell(new Scheduler.Patch(run.runId(), parameters)));
            change = Optional.empty();
            nextChunk++;
        }

        private void arrived(Scheduler.ChunkReady ready) {
            lostInARow = 0;
            meter.chunk(ready.chunk());
            take(ready.quality());
            ready.notes().forEach(note -> listener.accept(new FlowEvent.ParameterDropped(note)));
            Asked asked = Objects.requireNonNullElseGet(
                    underWay.pollFirst(), () -> new Asked(clock.micros(), ControlDelay.NONE));
            finished.addLast(new Timed(ready.chunk(), asked.atMicros(), asked.controlMicros()));
            if (isAvailable(out)) {
                push(out, finished.removeFirst());
            }
            completeIfDone();
        }

        private void lost(String message, boolean runLost) {
            lostInARow++;
            meter.chunkFailed();
            listener.accept(new FlowEvent.ChunkLost(message, lostInARow, runLost));
            if (loss == Loss.FAIL) {
                failStage(new JobFlow.ChunkLost(message, runLost));
            } else if (runLost) {
                completeStage();
            } else {
                pullNext();
                completeIfDone();
            }
        }

        private void take(Quality granted) {
            if (!granted.equals(quality)) {
                quality = granted;
                listener.accept(new FlowEvent.QualityChanged(granted));
            }
        }

        private void pullNext() {
            boolean room = underWay.size() + finished.size() < run.geometry().inFlight();
            if (isAvailable(out) && room && !isClosed(in) && !hasBeenPulled(in) && mayBegin()) {
                long now = clock.micros();
                long due = askedMicros + Math.round(1e6 * run.geometry().framesOut() / quality.mostFps());
                if (now >= due) {
                    pull(in);
                } else {
                    wantedMicros = wantedMicros.isPresent() ? wantedMicros : OptionalLong.of(now);
                    scheduleOnce(NEXT, Duration.ofNanos(1_000 * (due - now)));
                }
            }
        }

        /** A change must not reach the chunks before; while there are any, it waits. */
        private boolean mayBegin() {
            if (change.isEmpty()) {
                change = Optional.of(changes.apply(nextChunk));
            }
            return underWay.isEmpty() || change.get().isEmpty();
        }

        @Override
        public void onTimer(Object next) {
            pullNext();
        }

        private void completeIfDone() {
            if (isClosed(in) && underWay.isEmpty() && finished.isEmpty()) {
                completeStage();
            }
        }

        @Override
        public void postStop() {
            finished.forEach(timed -> timed.chunk().frames().forEach(VideoFrame::release));
            finished.clear();
        }
    }
}
