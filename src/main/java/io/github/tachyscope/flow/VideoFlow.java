package io.github.tachyscope.flow;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.AdaptiveEncoder;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.stream.ActorAttributes;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.BoundedSourceQueue;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.SharedKillSwitch;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.RunnableGraph;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The path of a frame through one live session, top to bottom:
 *
 * <pre>
 * encoded frames of the peer   bounded queue; full: dropped, key frame asked for
 *   decode
 *   collect                    newest frames, dropped oldest first, until somebody asks for a chunk
 *   generate                   on demand, by the scheduler, as many chunks at a time as the generation works on
 *   (regroup, generate)        further pipelines of a chain
 *   pace                       each frame at its time
 *   fan out                    to those who watch; they never hold the peer up
 *   encode                     at the bit rate of the network
 * sent to the peer
 * </pre>
 *
 * <p>All stages of a session run as one island on the media dispatcher: a frame is decoded, handed over and encoded
 * without a queue between.
 */
public final class VideoFlow {
    /** Encoded frames that may wait for the decoder; two seconds of camera. More means the machine cannot keep up. */
    private static final int ENCODED_FRAMES = 64;

    /** Frame rate that the encoder plans its bits for; the true rate is that of the camera or the model. */
    private static final int ENCODER_FPS = 30;

    private static final String DISPATCHER = "tachyscope-media-dispatcher";

    /**
     * What a flow is made of.
     *
     * @param chain open runs in order; the first may be in text mode, the others take video
     * @param codecIn codec of the frames from the peer; unused in text mode
     * @param codecOut codec of the frames to the peer
     * @param startBitrate bits per second
     * @param maxFps most frames per second of a text-made stream
     * @param send takes each encoded picture
     * @param listener is told what happens; called on the stream's thread, must not block
     */
    public record Parts(
            List<RunHandle> chain,
            VideoCodec codecIn,
            VideoCodec codecOut,
            int startBitrate,
            double maxFps,
            MediaSettings media,
            MediaClock clock,
            FlowMeter meter,
            Consumer<EncodedFrame> send,
            Consumer<FlowEvent> listener) {
        public Parts {
            chain = List.copyOf(chain);
        }

        boolean fromCamera() {
            return chain.get(0).mode() == InputMode.VIDEO;
        }
    }

    private record Handles(
            Optional<BoundedSourceQueue<EncodedFrame>> input,
            Optional<CollectChunks.Handle> collect,
            Optional<PaceFrames.Handle> pace,
            Optional<FanOut.Handle> fanOut,
            Optional<EncodeFrames.Handle> encode,
            Optional<CompletionStage<Done>> end) {
        static final Handles NONE = new Handles(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());

        Handles with(BoundedSourceQueue<EncodedFrame> queue) {
            return new Handles(Optional.of(queue), collect, pace, fanOut, encode, end);
        }

        Handles with(CollectChunks.Handle handle) {
            return new Handles(input, Optional.of(handle), pace, fanOut, encode, end);
        }

        Handles with(PaceFrames.Handle handle) {
            return new Handles(input, collect, Optional.of(handle), fanOut, encode, end);
        }

        Handles with(FanOut.Handle handle) {
            return new Handles(input, collect, pace, Optional.of(handle), encode, end);
        }

        Handles with(EncodeFrames.Handle handle) {
            return new Handles(input, collect, pace, fanOut, Optional.of(handle), end);
        }

        Handles with(CompletionStage<Done> done) {
            return new Handles(input, collect, pace, fanOut, encode, Optional.of(done));
        }
    }

    private final Handles handles;
    private final SharedKillSwitch killSwitch;
    private final Parts parts;

    private VideoFlow(Handles handles, SharedKillSwitch killSwitch, Parts parts) {
        this.handles = handles;
        this.killSwitch = killSwitch;
        this.parts = parts;
    }

    /** Builds the graph and runs it until {@link #stop}, a fault, or the loss of a run. */
    public static VideoFlow start(Parts parts, ActorSystem<?> system) {
        SharedKillSwitch killSwitch = KillSwitches.shared("video-flow");
        Pacing pacing = new Pacing(parts.fromCamera(), parts.maxFps());
        parts.meter().bitrate(parts.startBitrate());
        parts.meter().controls().begin(parts.chain().size() == 1);

        RunnableGraph<Handles> graph = (parts.fromCamera() ? camera(parts) : nothing())
                .via(generate(parts, pacing))
                .viaMat(new PaceFrames(pacing, parts.clock(), parts.meter()), Handles::with)
                .via(killSwitch.flow())
                .viaMat(new FanOut(parts.meter()), Handles::with)
                .viaMat(encode(parts), Handles::with)
                .toMat(Sink.foreach(parts.send()::accept), Handles::with)
                .withAttributes(ActorAttributes.dispatcher(DISPATCHER).and(Attributes.inputBuffer(1, 1)));

        Handles handles = graph.run(system);
        handles.end()
                .orElseThrow()
                .whenComplete((done, fault) -> parts.listener().accept(ended(fault, system)));
        return new VideoFlow(handles, killSwitch, parts);
    }

    /** Pictures of the peer's camera, as inputs of chunks. */
    private static Source<List<VideoFrame>, Handles> camera(Parts parts) {
        return Source.<EncodedFrame>queue(ENCODED_FRAMES)
                .mapMaterializedValue(Handles.NONE::with)
                .via(new DecodeFrames(parts.codecIn(), parts.media(), parts.clock(), parts.meter(), parts.listener()))
                .viaMat(new CollectChunks(parts.chain().get(0).geometry(), parts.meter()), Handles::with);
    }

    /** Text mode: chunks need no input. */
    private static Source<List<VideoFrame>, Handles> nothing() {
        return Source.repeat(List.<VideoFrame>of()).mapMaterializedValue(none -> Handles.NONE);
    }

    private static Flow<List<VideoFrame>, GenerateChunks.Timed, NotUsed> generate(Parts parts, Pacing pacing) {
        Flow<List<VideoFrame>, GenerateChunks.Timed, NotUsed> chain =
                Flow.<List<VideoFrame>>create().via(stage(parts, 0, pacing));
        for (int i = 1; i < parts.chain().size(); i++) {
            Regroup regroup = new Regroup(parts.chain().get(i).geometry());
            chain = chain.mapConcat(timed -> regroup.add(timed.chunk().frames()))
                    .via(stage(parts, i, pacing));
        }
        return chain;
    }

    private static GenerateChunks stage(Parts parts, int index, Pacing pacing) {
        return new GenerateChunks(
                parts.chain().get(index),
                () -> pacing.runsDryMicros(parts.clock().micros()),
                parts.clock(),
                parts.meter(),
                parts.listener());
    }

    private static EncodeFrames encode(Parts parts) {
        return new EncodeFrames(
                () -> new AdaptiveEncoder(parts.codecOut(), parts.media(), parts.startBitrate(), ENCODER_FPS),
                parts.fromCamera(),
                parts.clock(),
                parts.meter());
    }

    private static FlowEvent ended(@Nullable Throwable fault, ActorSystem<?> system) {
        if (fault != null) {
            system.log().warn("a video flow failed", fault);
        }
        return new FlowEvent.Ended(fault == null ? Optional.empty() : Optional.of("the video path failed"));
    }

    /** One encoded frame from the peer; dropped if the machine cannot keep up, or in text mode. */
    public void receive(EncodedFrame frame) {
        handles.input().ifPresent(queue -> {
            if (!queue.offer(frame).isEnqueued()) {
                parts.meter().dropped(1);
                parts.listener().accept(FlowEvent.NeedsKeyFrame.INSTANCE);
            }
        });
    }

    /** Shows nothing new and asks for no chunk while paused; on resuming, what was filmed meanwhile is forgotten. */
    public void pause(boolean paused) {
        if (!paused) {
            handles.collect().ifPresent(CollectChunks.Handle::forget);
        }
        handles.pace().ifPresent(pace -> pace.pause(paused));
    }

    /** Drops finished frames that were not shown yet. */
    public void flush() {
        handles.pace().ifPresent(PaceFrames.Handle::flush);
    }

    public void requestKeyFrame() {
        handles.encode().ifPresent(EncodeFrames.Handle::requestKeyFrame);
    }

    public void targetBitrate(int bitsPerSecond) {
        handles.encode().ifPresent(encode -> encode.targetBitrate(bitsPerSecond));
    }

    /** What the peer sees, as fragmented MP4 of H.264 from now on; empty if there are too many watchers. */
    public Optional<Source<ByteString, NotUsed>> watch() {
        return handles.fanOut()
                .flatMap(FanOut.Handle::watch)
                .map(frames -> MuxFragments.of(frames, parts.media(), parts.startBitrate(), parts.clock(), DISPATCHER));
    }

    /** The newest frame shown, owned by the caller; empty before the first. */
    public Optional<VideoFrame> newest() {
        return handles.fanOut().flatMap(FanOut.Handle::newest);
    }

    /** Ends the graph; {@link FlowEvent.Ended} follows. */
    public void stop() {
        killSwitch.shutdown();
    }
}
