package io.github.tachyscope.flow;

import io.github.tachyscope.frame.VideoFrame;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.BoundedSourceQueue;
import org.apache.pekko.stream.FlowShape;
import org.apache.pekko.stream.Inlet;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.QueueOfferResult;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.stage.AbstractInHandler;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.apache.pekko.stream.stage.GraphStageWithMaterializedValue;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * Passes frames on to the peer and shows each to those who watch. Watchers come and go while the stream runs; one that is
 * behind misses frames, counted, and never holds the peer up.
 */
final class FanOut extends GraphStageWithMaterializedValue<FlowShape<VideoFrame, VideoFrame>, FanOut.Handle> {
    /** Watchers of one session; each may cost an encoder. One more gets nothing. */
    static final int MAX_WATCHERS = 8;

    /** Frames that wait for one watcher. */
    private static final int WAITING_FRAMES = 2;

    /** Acts on a running stage from any thread. */
    interface Handle {
        /** The frames from now on, each owned by the receiver; empty if there are too many watchers. */
        Optional<Source<VideoFrame, NotUsed>> watch();

        /** The newest frame, owned by the caller; empty before the first. */
        Optional<VideoFrame> newest();
    }

    private final Inlet<VideoFrame> in = Inlet.create("FanOut.in");
    private final Outlet<VideoFrame> out = Outlet.create("FanOut.out");
    private final FlowShape<VideoFrame, VideoFrame> shape = FlowShape.of(in, out);
    private final FlowMeter meter;

    FanOut(FlowMeter meter) {
        this.meter = meter;
    }

    @Override
    public FlowShape<VideoFrame, VideoFrame> shape() {
        return shape;
    }

    @Override
    public Tuple2<GraphStageLogic, Handle> createLogicAndMaterializedValue(Attributes attributes) {
        Logic logic = new Logic();
        return new Tuple2<>(logic, logic);
    }

    private final class Logic extends GraphStageLogic implements Handle {
        private final List<BoundedSourceQueue<VideoFrame>> watchers = new CopyOnWriteArrayList<>();
        private final Object newestLock = new Object();
        private @Nullable VideoFrame newest;
        private volatile boolean ended;

        Logic() {
            super(shape);
            setHandler(in, new AbstractInHandler() {
                @Override
                public void onPush() {
                    VideoFrame frame = grab(in);
                    remember(frame.retain());
                    watchers.removeIf(watcher -> !show(frame, watcher));
                    push(out, frame);
                }
            });
            setHandler(out, new AbstractOutHandler() {
                @Override
                public void onPull() {
                    pull(in);
                }
            });
        }

        /** Whether the watcher is still there. */
        private boolean show(VideoFrame frame, BoundedSourceQueue<VideoFrame> watcher) {
            QueueOfferResult result = watcher.offer(frame.retain());
            if (result.isEnqueued()) {
                return true;
            }
            frame.release();
            meter.dropped(1);
            return result == QueueOfferResult.dropped();
        }

        private void remember(@Nullable VideoFrame frame) {
            synchronized (newestLock) {
                if (newest != null) {
                    newest.release();
                }
                newest = frame;
            }
        }

        @Override
        public Optional<VideoFrame> newest() {
            synchronized (newestLock) {
                return Optional.ofNullable(newest).map(VideoFrame::retain);
            }
        }

        @Override
        public Optional<Source<VideoFrame, NotUsed>> watch() {
            if (watchers.size() >= MAX_WATCHERS || ended) {
                return Optional.empty();
            }
            return Optional.of(Source.<VideoFrame>queue(WAITING_FRAMES).mapMaterializedValue(queue -> {
                watchers.add(queue);
                if (ended) {
                    complete(queue);
                }
                return NotUsed.getInstance();
            }));
        }

        private void complete(BoundedSourceQueue<VideoFrame> queue) {
            if (watchers.remove(queue) && !queue.isCompleted()) {
                queue.complete();
            }
        }

        @Override
        public void postStop() {
            ended = true;
            watchers.forEach(this::complete);
            remember(null);
        }
    }
}
