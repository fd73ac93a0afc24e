package io.github.tachyscope.flow;

import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoFrame;
import java.time.Duration;
import java.util.OptionalLong;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.FlowShape;
import org.apache.pekko.stream.Inlet;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.stage.AbstractInHandler;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.AsyncCallback;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.apache.pekko.stream.stage.GraphStageWithMaterializedValue;
import org.apache.pekko.stream.stage.TimerGraphStageLogic;
import scala.Tuple2;

/**
 * Finished chunks in, frames out, each at the time that {@link Pacing} gives it. Asks for the next chunk when the
 * current one begins to play, so that at most two chunks exist behind the device.
 *
 * <pre>
 * playing --pause--> paused --resume--> playing      flush: drops what is queued, in either state
 * </pre>
 */
final class PaceFrames
        extends GraphStageWithMaterializedValue<FlowShape<GenerateChunks.Timed, VideoFrame>, PaceFrames.Handle> {
    /** Acts on a running stage from any thread. */
    interface Handle {
        void pause(boolean paused);

        /** Drops the frames not yet shown, so that what comes next is seen at once. */
        void flush();
    }

    private final Inlet<GenerateChunks.Timed> in = Inlet.create("PaceFrames.in");
    private final Outlet<VideoFrame> out = Outlet.create("PaceFrames.out");
    private final FlowShape<GenerateChunks.Timed, VideoFrame> shape = FlowShape.of(in, out);
    private final Pacing pacing;
    private final MediaClock clock;
    private final FlowMeter meter;

    PaceFrames(Pacing pacing, MediaClock clock, FlowMeter meter) {
        this.pacing = pacing;
        this.clock = clock;
        this.meter = meter;
    }

    @Override
    public FlowShape<GenerateChunks.Timed, VideoFrame> shape() {
        return shape;
    }

    @Override
    public Tuple2<GraphStageLogic, Handle> createLogicAndMaterializedValue(Attributes attributes) {
        Logic logic = new Logic();
        return new Tuple2<>(logic, logic);
    }

    private final class Logic extends TimerGraphStageLogic implements Handle {
        private static final String DUE = "due";

        private final AsyncCallback<Boolean> pause = createAsyncCallback(this::paused);
        private final AsyncCallback<Boolean> flush = createAsyncCallback(all -> flushed());
        private boolean paused;
        private long pausedSince;
        private long stallsSeen;

        Logic() {
            super(shape);
            setHandler(in, new AbstractInHandler() {
                @Override
                public void onPush() {
                    GenerateChunks.Timed timed = grab(in);
                    meter.controls().queued(timed.controlMicros(), pacing.queued());
                    pacing.add(timed.chunk().frames(), timed.demandedMicros(), clock.micros());
                    for (; stallsSeen < pacing.stalls(); stallsSeen++) {
                        meter.stalled();
                    }
                    advance();
                }

                @Override
                public void onUpstreamFinish() {
                    if (pacing.queued() == 0) {
                        completeStage();
                    }
                }
            });
            setHandler(out, new AbstractOutHandler() {
                @Override
                public void onPull() {
                    advance();
                }
            });
        }

        @Override
        public void preStart() {
            pull(in);
        }

        @Override
        public void onTimer(Object key) {
            advance();
        }

        private void advance() {
            OptionalLong due = pacing.nextDueMicros();
            if (paused) {
                return;
            }
            if (due.isPresent() && isAvailable(out)) {
                long wait = due.getAsLong() - clock.micros();
                if (wait <= 0) {
                    push(out, pacing.take());
                    meter.controls().shown(clock.micros());
                } else {
                    scheduleOnce(DUE, Duration.ofNanos(wait * 1000));
                }
            }
            if (isClosed(in)) {
                if (pacing.queued() == 0) {
                    completeStage();
                }
            } else if (!hasBeenPulled(in) && pacing.playsLastChunk()) {
                pull(in);
            }
        }

        private void paused(boolean now) {
            if (now == paused) {
                return;
            }
            paused = now;
            if (now) {
                pausedSince = clock.micros();
                cancelTimer(DUE);
            } else {
                pacing.resumeAfter(clock.micros() - pausedSince);
                advance();
            }
        }

        private void flushed() {
            meter.dropped(pacing.flush());
            meter.controls().flushed();
            advance();
        }

        @Override
        public void postStop() {
            pacing.flush();
        }

        @Override
        public void pause(boolean now) {
            pause.invoke(now);
        }

        @Override
        public void flush() {
            flush.invoke(true);
        }
    }
}
