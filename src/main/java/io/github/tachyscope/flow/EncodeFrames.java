package io.github.tachyscope.flow;

import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.AdaptiveEncoder;
import java.time.Duration;
import java.util.function.Supplier;
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
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * Pictures in, encoded frames out, at the bit rate last asked for. A key frame that is wanted while no picture comes
 * (pause, slow model) is made from the last picture, so that a viewer who lost it sees it again.
 */
final class EncodeFrames
        extends GraphStageWithMaterializedValue<FlowShape<VideoFrame, EncodedFrame>, EncodeFrames.Handle> {
    /** How long a wanted key frame waits for the next picture before the last one is sent again. */
    private static final Duration KEY_FRAME_PATIENCE = Duration.ofMillis(120);

    /** Acts on a running stage from any thread. */
    interface Handle {
        void requestKeyFrame();

        void targetBitrate(int bitsPerSecond);
    }

    private final Inlet<VideoFrame> in = Inlet.create("EncodeFrames.in");
    private final Outlet<EncodedFrame> out = Outlet.create("EncodeFrames.out");
    private final FlowShape<VideoFrame, EncodedFrame> shape = FlowShape.of(in, out);
    private final Supplier<AdaptiveEncoder> encoders;
    private final boolean sourceTimed;
    private final MediaClock clock;
    private final FlowMeter meter;

    EncodeFrames(Supplier<AdaptiveEncoder> encoders, boolean sourceTimed, MediaClock clock, FlowMeter meter) {
        this.encoders = encoders;
        this.sourceTimed = sourceTimed;
        this.clock = clock;
        this.meter = meter;
    }

    @Override
    public FlowShape<VideoFrame, EncodedFrame> shape() {
        return shape;
    }

    @Override
    public Tuple2<GraphStageLogic, Handle> createLogicAndMaterializedValue(Attributes attributes) {
        Logic logic = new Logic();
        return new Tuple2<>(logic, logic);
    }

    private final class Logic extends TimerGraphStageLogic implements Handle {
        private static final String REPEAT_LAST = "repeat-last";

        private final AdaptiveEncoder encoder = encoders.get();
        private final AsyncCallback<Boolean> keyFrameWanted =
                createAsyncCallback(wanted -> scheduleOnce(REPEAT_LAST, KEY_FRAME_PATIENCE));
        private @Nullable VideoFrame last;
        private long lastAtMicros;

        Logic() {
            super(shape);
            setHandler(in, new AbstractInHandler() {
                @Override
                public void onPush() {
                    VideoFrame frame = grab(in);
                    forgetLast();
                    last = frame;
                    cancelTimer(REPEAT_LAST);
                    encode(frame);
                }
            });
            setHandler(out, new AbstractOutHandler() {
                @Override
                public void onPull() {
                    if (!hasBeenPulled(in)) {
                        pull(in);
                    }
                }
            });
        }

        private void encode(VideoFrame frame) {
            lastAtMicros = clock.micros();
            EncodedFrame encoded = encoder.encode(frame, lastAtMicros);
            long doneMicros = clock.micros();
            meter.sent(doneMicros, sourceTimed ? doneMicros - frame.ptsMicros() : -1);
            push(out, encoded);
        }

        @Override
        public void onTimer(Object key) {
            if (last != null && isAvailable(out)) {
                last = last.at(last.ptsMicros() + clock.micros() - lastAtMicros);
                lastAtMicros = clock.micros();
                push(out, encoder.encode(last, lastAtMicros));
            }
        }

        private void forgetLast() {
            if (last != null) {
                last.release();
                last = null;
            }
        }

        @Override
        public void postStop() {
            forgetLast();
            encoder.close();
        }

        @Override
        public void requestKeyFrame() {
            encoder.requestKeyFrame();
            keyFrameWanted.invoke(true);
        }

        @Override
        public void targetBitrate(int bitsPerSecond) {
            encoder.targetBitrate(bitsPerSecond);
            meter.bitrate(bitsPerSecond);
        }
    }
}
