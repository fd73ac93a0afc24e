package io.github.tachyscope.flow;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.AdaptiveEncoder;
import io.github.tachyscope.media.Fmp4Muxer;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.ActorAttributes;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.FlowShape;
import org.apache.pekko.stream.Inlet;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.stage.AbstractInHandler;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.GraphStage;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Frames in, fragmented MP4 of H.264 out: the header first, then one fragment per frame, a frame behind because a
 * fragment says how long its frame lasts. A change of size brings a new header, and time goes on.
 */
final class MuxFragments extends GraphStage<FlowShape<VideoFrame, ByteString>> {
    private static final int FPS = 30;

    private final Inlet<VideoFrame> in = Inlet.create("MuxFragments.in");
    private final Outlet<ByteString> out = Outlet.create("MuxFragments.out");
    private final FlowShape<VideoFrame, ByteString> shape = FlowShape.of(in, out);
    private final MediaSettings settings;
    private final int bitrate;
    private final MediaClock clock;

    private MuxFragments(MediaSettings settings, int bitrate, MediaClock clock) {
        this.settings = settings;
        this.bitrate = bitrate;
        this.clock = clock;
    }

    /** The stream of what {@code frames} shows; ends with it. */
    static Source<ByteString, NotUsed> of(
            Source<VideoFrame, NotUsed> frames,
            MediaSettings settings,
            int bitrate,
            MediaClock clock,
            String dispatcher) {
        return frames.via(new MuxFragments(settings, bitrate, clock))
                .withAttributes(ActorAttributes.dispatcher(dispatcher).and(Attributes.inputBuffer(1, 1)))
                // Apart from the reply that carries it: encoding must not run on the HTTP server's threads.
                .async();
    }

    @Override
    public FlowShape<VideoFrame, ByteString> shape() {
        return shape;
    }

    @Override
    public GraphStageLogic createLogic(Attributes attributes) {
        return new Logic();
    }

    private final class Logic extends GraphStageLogic {
        private final AdaptiveEncoder encoder = new AdaptiveEncoder(VideoCodec.H264, settings, bitrate, FPS);
        private @Nullable Fmp4Muxer muxer;
        private @Nullable EncodedFrame waiting;

        Logic() {
            super(shape);
            setHandler(in, new AbstractInHandler() {
                @Override
                public void onPush() {
                    VideoFrame frame = grab(in);
                    ByteString bytes = mux(frame);
                    frame.release();
                    if (bytes.isEmpty()) {
                        pull(in);
                    } else {
                        push(out, bytes);
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

        private ByteString mux(VideoFrame frame) {
            EncodedFrame encoded = encoder.encode(frame, clock.micros());
            ByteString bytes = ByteString.emptyByteString();
            if (waiting != null && muxer != null) {
                long lasts = Math.max(1, encoded.ptsMicros() - waiting.ptsMicros());
                bytes = ByteString.fromArrayUnsafe(muxer.fragment(waiting, lasts));
            }
            waiting = encoded;
            if (muxer == null || !muxer.continues(encoded)) {
                if (encoded.keyFrame()) {
                    Fmp4Muxer next = muxerFrom(encoded, even(frame.width()), even(frame.height()));
                    closeMuxer();
                    muxer = next;
                    bytes = bytes.concat(ByteString.fromArrayUnsafe(muxer.init()));
                } else {
                    encoder.requestKeyFrame();
                    waiting = null;
                }
            }
            return bytes;
        }

        private Fmp4Muxer muxerFrom(EncodedFrame keyFrame, int width, int height) {
            return muxer == null
                    ? Fmp4Muxer.startingAt(keyFrame, width, height)
                    : muxer.continuedBy(keyFrame, width, height);
        }

        private void closeMuxer() {
            if (muxer != null) {
                muxer.close();
                muxer = null;
            }
        }

        @Override
        public void postStop() {
            closeMuxer();
            encoder.close();
        }
    }

    /** The encoder pads odd sizes. */
    private static int even(int size) {
        return size + (size & 1);
    }
}
