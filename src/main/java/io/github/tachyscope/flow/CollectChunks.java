package io.github.tachyscope.flow;

import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.frame.VideoFrame;
import java.util.List;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.FlowShape;
import org.apache.pekko.stream.Inlet;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.stage.AbstractInHandler;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.AsyncCallback;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.apache.pekko.stream.stage.GraphStageLogicWithLogging;
import org.apache.pekko.stream.stage.GraphStageWithMaterializedValue;
import scala.Tuple2;

/**
 * Live frames in, inputs of chunks out: takes every frame at once, keeps the newest, and lets a chunk go when somebody
 * asks for one and enough frames are there.
 *
 * <p>No standard operator does this: {@code conflate} cannot hold back until N elements are there, {@code groupedWithin}
 * keeps the oldest. Its handle forgets what was collected, for the end of a pause.
 */
final class CollectChunks
        extends GraphStageWithMaterializedValue<FlowShape<VideoFrame, List<VideoFrame>>, CollectChunks.Handle> {
    /** Acts on a running stage from any thread. */
    interface Handle {
        /** Drops all frames collected so far. */
        void forget();
    }

    private final Inlet<VideoFrame> in = Inlet.create("CollectChunks.in");
    private final Outlet<List<VideoFrame>> out = Outlet.create("CollectChunks.out");
    private final FlowShape<VideoFrame, List<VideoFrame>> shape = FlowShape.of(in, out);
    private final ChunkGeometry geometry;
    private final FlowMeter meter;

    CollectChunks(ChunkGeometry geometry, FlowMeter meter) {
        this.geometry = geometry;
        this.meter = meter;
    }

    @Override
    public FlowShape<VideoFrame, List<VideoFrame>> shape() {
        return shape;
    }

    @Override
    public Tuple2<GraphStageLogic, Handle> createLogicAndMaterializedValue(Attributes attributes) {
        Logic logic = new Logic();
        return new Tuple2<>(logic, logic);
    }

    private final class Logic extends GraphStageLogicWithLogging implements Handle {
        private final FrameWindow window = new FrameWindow();
        private final AsyncCallback<Boolean> forget = createAsyncCallback(all -> window.clear());
        private long chunkIndex;

        Logic() {
            super(shape);
            setHandler(in, new AbstractInHandler() {
                @Override
                public void onPush() {
                    meter.dropped(window.add(grab(in), geometry.framesIn(chunkIndex)));
                    pull(in);
                    serve();
                }
            });
            setHandler(out, new AbstractOutHandler() {
                @Override
                public void onPull() {
                    serve();
                }
            });
        }

        @Override
        public void preStart() {
            pull(in);
        }

        private void serve() {
            int size = geometry.framesIn(chunkIndex);
            if (isAvailable(out) && window.has(size)) {
                meter.dropped(window.size() - size);
                List<VideoFrame> chunk = window.take(size);
                chunkIndex++;
                push(out, chunk);
            }
        }

        @Override
        public void postStop() {
            window.clear();
        }

        @Override
        public void forget() {
            forget.invoke(true);
        }
    }
}
