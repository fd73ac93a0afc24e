package io.github.tachyscope.flow;

import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.schedule.Scheduler;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
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
import org.jspecify.annotations.Nullable;
import scala.runtime.BoxedUnit;

/**
 * Inputs of chunks in, finished chunks out, one at a time and only on demand: nobody downstream asks, no step runs.
 *
 * <p>{@code mapAsync} would ask for a chunk ahead of demand and end the stream at the first failed one; here a failed
 * chunk is reported and the next input tried.
 */
final class GenerateChunks extends GraphStage<FlowShape<List<VideoFrame>, GenerateChunks.Timed>> {
    /** A chunk, with the time at which downstream had asked for it. */
    record Timed(Chunk chunk, long demandedMicros) {}

    private final Inlet<List<VideoFrame>> in = Inlet.create("GenerateChunks.in");
    private final Outlet<Timed> out = Outlet.create("GenerateChunks.out");
    private final FlowShape<List<VideoFrame>, Timed> shape = FlowShape.of(in, out);

    private final RunHandle run;
    private final LongSupplier deadlineMicros;
    private final MediaClock clock;
    private final FlowMeter meter;
    private final Consumer<FlowEvent> listener;

    /** @param deadlineMicros when the viewer's buffer runs dry, asked at each request on the stream's own thread */
    GenerateChunks(
            RunHandle run,
            LongSupplier deadlineMicros,
            MediaClock clock,
            FlowMeter meter,
            Consumer<FlowEvent> listener) {
        this.run = run;
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

    private final class Logic extends GraphStageLogic {
        private @Nullable ActorRef<Scheduler.ChunkReply> self;
        private boolean waiting;
        private long demandedMicros;
        private int lostInARow;

        Logic() {
            super(shape);
            setHandler(in, new AbstractInHandler() {
                @Override
                public void onPush() {
                    waiting = true;
                    run.scheduler()
                            .tell(new Scheduler.Produce(
                                    run.runId(), grab(in), deadlineMicros.getAsLong(), Objects.requireNonNull(self)));
                }

                @Override
                public void onUpstreamFinish() {
                    if (!waiting) {
                        completeStage();
                    }
                }
            });
            setHandler(out, new AbstractOutHandler() {
                @Override
                public void onPull() {
                    demandedMicros = clock.micros();
                    pullNext();
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
                waiting = false;
                arrived(ready);
            } else if (message instanceof Scheduler.ChunkFailed failed) {
                waiting = false;
                lost(failed.message(), failed.runLost());
            } else if (message instanceof Terminated) {
                lost("the engine has stopped", true);
            }
        }

        private void arrived(Scheduler.ChunkReady ready) {
            lostInARow = 0;
            meter.chunk(ready.chunk());
            ready.notes().forEach(note -> listener.accept(new FlowEvent.ParameterDropped(note)));
            push(out, new Timed(ready.chunk(), demandedMicros));
            if (isClosed(in)) {
                completeStage();
            }
        }

        private void lost(String message, boolean runLost) {
            lostInARow++;
            meter.chunkFailed();
            listener.accept(new FlowEvent.ChunkLost(message, lostInARow, runLost));
            if (runLost || isClosed(in)) {
                completeStage();
            } else {
                pullNext();
            }
        }

        private void pullNext() {
            if (!isClosed(in)) {
                pull(in);
            }
        }
    }
}
