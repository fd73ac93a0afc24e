package io.github.tachyscope.flow;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.CodecFailure;
import io.github.tachyscope.media.VideoDecoder;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.FlowShape;
import org.apache.pekko.stream.Inlet;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.stage.AbstractInHandler;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.GraphStage;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.jspecify.annotations.Nullable;

/**
 * Encoded frames in, pictures out. What cannot be decoded is skipped and a key frame asked for; the stream goes on. The
 * decoder lives and dies with the stage.
 */
final class DecodeFrames extends GraphStage<FlowShape<EncodedFrame, VideoFrame>> {
    /** Buffers kept for reuse: a window of one chunk in collection, one in the device, one on its way out. */
    private static final int POOLED_FRAMES = 40;

    private final Inlet<EncodedFrame> in = Inlet.create("DecodeFrames.in");
    private final Outlet<VideoFrame> out = Outlet.create("DecodeFrames.out");
    private final FlowShape<EncodedFrame, VideoFrame> shape = FlowShape.of(in, out);
    private final VideoCodec codec;
    private final MediaSettings settings;
    private final MediaClock clock;
    private final FlowMeter meter;
    private final Consumer<FlowEvent> listener;

    DecodeFrames(
            VideoCodec codec, MediaSettings settings, MediaClock clock, FlowMeter meter, Consumer<FlowEvent> listener) {
        this.codec = codec;
        this.settings = settings;
        this.clock = clock;
        this.meter = meter;
        this.listener = listener;
    }

    @Override
    public FlowShape<EncodedFrame, VideoFrame> shape() {
        return shape;
    }

    @Override
    public GraphStageLogic createLogic(Attributes attributes) {
        return new Logic();
    }

    private final class Logic extends GraphStageLogic {
        private @Nullable VideoDecoder decoder;

        Logic() {
            super(shape);
            setHandler(in, new AbstractInHandler() {
                @Override
                public void onPush() {
                    Optional<VideoFrame> picture = decode(grab(in));
                    if (picture.isPresent()) {
                        meter.received(clock.micros());
                        push(out, picture.get());
                    } else {
                        pull(in);
                    }
                }
            });
            setHandler(out, new AbstractOutHandler() {
                @Override
                public void onPull() {
                    pull(in);
                }
            });
        }

        private Optional<VideoFrame> decode(EncodedFrame frame) {
            try {
                if (decoder == null) {
                    decoder = VideoDecoder.open(codec, new FramePool(POOLED_FRAMES), settings);
                }
                return decoder.decode(frame);
            } catch (CodecFailure undecodable) {
                listener.accept(FlowEvent.NeedsKeyFrame.INSTANCE);
                return Optional.empty();
            }
        }

        @Override
        public void postStop() {
            if (decoder != null) {
                decoder.close();
            }
        }
    }
}
