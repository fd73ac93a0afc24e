package io.github.tachyscope.flow;

import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.schedule.Scheduler;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.FlowShape;
import org.apache.pekko.stream.Inlet;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.stage.AbstractInHandler;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.AsyncCallback;
import org.apache.pekko.stream.stage.GraphStage;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.jspecify.annotations.Nullable;

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
    private final ActorSystem<?> system;

    /** @param deadlineMicros when the viewer's buffer runs dry, asked at each request on the stream's own thread */
    GenerateChunks(
            RunHandle run,
            LongSupplier deadlineMicros,
            MediaClock clock,
            FlowMeter meter,
            Consumer<FlowEvent> listener,
            ActorSystem<?> system) {
        this.run = run;
        this.deadlineMicros = deadlineMicros;
        this.clock = clock;
        this.meter = meter;
        this.listener = listener;
        this.system = system;
    }

    @Override
    public FlowShape<List<VideoFrame>, Timed> shape() {
        return shape;
    }

    @Override
    public GraphStageLogic createLogic(Attributes attributes) {
        return new Logic();
    }

    private record Outcome(
            Scheduler.@Nullable ChunkReply reply, @Nullable Throwable fault) {}

    private final class Logic extends GraphStageLogic {
        private final AsyncCallback<Outcome> arrived = createAsyncCallback(this::arrived);
        private boolean waiting;
        private long demandedMicros;
        private int lostInARow;

        Logic() {
            super(shape);
            setHandler(in, new AbstractInHandler() {
                @Override
                public void onPush() {
                    request(grab(in));
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

        private void request(List<VideoFrame> input) {
            waiting = true;
            AskPattern.<Scheduler.Command, Scheduler.ChunkReply>ask(
                            run.scheduler(),
                            replyTo -> new Scheduler.Produce(run.runId(), input, deadlineMicros.getAsLong(), replyTo),
                            run.timeout(),
                            system.scheduler())
                    .whenComplete((reply, fault) -> arrived.invoke(new Outcome(reply, fault)));
        }

        private void arrived(Outcome outcome) {
            waiting = false;
            if (outcome.reply() instanceof Scheduler.ChunkReady ready) {
                lostInARow = 0;
                meter.chunk(ready.chunk());
                ready.notes().forEach(note -> listener.accept(new FlowEvent.ParameterDropped(note)));
                push(out, new Timed(ready.chunk(), demandedMicros));
                if (isClosed(in)) {
                    completeStage();
                }
                return;
            }
            lostInARow++;
            meter.chunkFailed();
            FlowEvent.ChunkLost lost = outcome.reply() instanceof Scheduler.ChunkFailed failed
                    ? new FlowEvent.ChunkLost(failed.message(), lostInARow, failed.runLost())
                    : new FlowEvent.ChunkLost("the device did not finish a chunk in time", lostInARow, true);
            listener.accept(lost);
            if (lost.runLost() || isClosed(in)) {
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
