package io.github.tachyscope.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.exec.Chunk;
import io.github.tachyscope.exec.RunId;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.VideoDecoder;
import io.github.tachyscope.media.VideoEncoder;
import io.github.tachyscope.schedule.Quality;
import io.github.tachyscope.schedule.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.SinkQueueWithCancel;
import org.apache.pekko.util.ByteString;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The whole path with real codecs and a scheduler that answers at once. */
class VideoFlowTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final MediaSettings MEDIA = new MediaSettings(List.of("libopenh264"), 1, 512, 512);
    private static final int SIZE = 64;

    private final LinkedBlockingQueue<EncodedFrame> sent = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<FlowEvent> events = new LinkedBlockingQueue<>();
    private final FlowMeter meter = new FlowMeter();
    private final AtomicInteger produced = new AtomicInteger();
    /** Of the pictures of a run without input. */
    private volatile int side = SIZE;

    private VideoFlow flow;

    @AfterAll
    static void shutDown() {
        KIT.shutdownTestKit();
    }

    @AfterEach
    void stop() {
        flow.stop();
    }

    @Test
    void aCameraFrameComesBackWithItsPictureAndItsTime() throws Exception {
        start(List.of(run(InputMode.VIDEO, ChunkGeometry.FRAME_WISE)));
        try (VideoEncoder camera = camera();
                VideoDecoder viewer = VideoDecoder.open(VideoCodec.VP8, new FramePool(4), MEDIA)) {
            for (int i = 0; i < 5; i++) {
                flow.receive(camera.encode(grey(40 + 40 * i, 1000L * i), false));
                EncodedFrame back = next();
                assertEquals(1000L * i, back.ptsMicros());
                assertEquals(40 + 40 * i, luma(viewer.decode(back).orElseThrow()), 4);
            }
        }
        assertEquals(5, meter.framesIn());
        assertEquals(5, meter.framesOut());
    }

    @Test
    void framesOfOnePipelineBecomeTheChunksOfTheNext() throws Exception {
        AtomicInteger first = new AtomicInteger();
        start(List.of(
                run(InputMode.VIDEO, ChunkGeometry.FRAME_WISE, first),
                run(InputMode.VIDEO, new ChunkGeometry(3, 2, 3, 2), produced),
                run(InputMode.VIDEO, ChunkGeometry.FRAME_WISE, produced)));
        try (VideoEncoder camera = camera()) {
            List<Long> times = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                flow.receive(camera.encode(grey(100, 1000L * i), false));
                waitFor(first::get, i + 1);
            }
            for (int i = 0; i < 5; i++) {
                times.add(next().ptsMicros());
            }
            assertEquals(List.of(0L, 1000L, 2000L, 3000L, 4000L), times);
        }
    }

    @Test
    void whatCannotBeDecodedAsksForAKeyFrameAndTheStreamGoesOn() throws Exception {
        start(List.of(run(InputMode.VIDEO, ChunkGeometry.FRAME_WISE)));
        flow.receive(new EncodedFrame(VideoCodec.VP8, new byte[] {1, 2, 3}, true, 0));
        assertEquals(FlowEvent.NeedsKeyFrame.INSTANCE, events.poll(5, TimeUnit.SECONDS));
        try (VideoEncoder camera = camera()) {
            flow.receive(camera.encode(grey(100, 7000), true));
            assertEquals(7000, next().ptsMicros());
        }
    }

    @Test
    void textNeedsNoInputAndPauseStopsEverything() throws Exception {
        start(List.of(run(InputMode.TEXT, new ChunkGeometry(0, 0, 3, 4))));
        for (int i = 0; i < 12; i++) {
            next();
        }
        flow.pause(true);
        // What was on its way when the pause came may still arrive; then nothing does.
        while (sent.poll(300, TimeUnit.MILLISECONDS) != null) {
            assertTrue(sent.size() < 8);
        }
        int chunks = produced.get();
        assertNull(sent.poll(300, TimeUnit.MILLISECONDS));
        assertEquals(chunks, produced.get());

        flow.requestKeyFrame();
        assertTrue(next().keyFrame(), "a key frame wanted in a pause is made of the last picture");

        flow.pause(false);
        for (int i = 0; i < 12; i++) {
            next();
        }
        assertTrue(produced.get() > chunks);
    }

    @Test
    void watchersGetFragmentedMp4AndLeaveWithoutATrace() throws Exception {
        start(List.of(run(InputMode.TEXT, new ChunkGeometry(0, 0, 3, 4))));
        assertTrue(next().keyFrame());
        SinkQueueWithCancel<ByteString> watcher = flow.watch().orElseThrow().runWith(Sink.queue(), KIT.system());
        assertEquals("ftyp", type(watcher, 0));
        for (int i = 0; i < 5; i++) {
            assertEquals("moof", type(watcher, 0));
        }
        watcher.cancel();
        for (int i = 0; i < 12; i++) {
            next();
        }
        VideoFrame newest = flow.newest().orElseThrow();
        assertEquals(100, luma(newest), 1);
        newest.release();

        for (int i = 0; i < FanOut.MAX_WATCHERS; i++) {
            flow.watch().orElseThrow().runWith(Sink.never(), KIT.system());
        }
        waitFor(() -> flow.watch().isEmpty() ? 1 : 0, 1);
        for (int i = 0; i < 12; i++) {
            next();
        }
    }

    @Test
    void aChangeOfSizeInMidStreamReachesThePeerAndWatchers() throws Exception {
        start(List.of(run(InputMode.TEXT, new ChunkGeometry(0, 0, 3, 4))));
        SinkQueueWithCancel<ByteString> watcher = flow.watch().orElseThrow().runWith(Sink.queue(), KIT.system());
        try (VideoDecoder viewer = VideoDecoder.open(VideoCodec.VP8, new FramePool(4), MEDIA)) {
            for (int wanted : new int[] {SIZE, 48, SIZE}) {
                side = wanted;
                EncodedFrame encoded = next();
                VideoFrame viewed = viewer.decode(encoded).orElseThrow();
                for (int i = 0; viewed.width() != wanted; i++) {
                    assertTrue(i < 100, "still " + viewed + " after " + i + " pictures");
                    encoded = next();
                    viewed = viewer.decode(encoded).orElseThrow();
                }
                assertTrue(encoded.keyFrame(), "a new size begins with a key frame");
                assertEquals(100, viewed.data()[viewed.width() * viewed.height() / 2] & 0xFF, 4);
                awaitHeader(watcher);
                waitFor(() -> flow.newest().orElseThrow().width() == wanted ? 1 : 0, 1);
            }
        }
    }

    /** Reads until a header and some fragments after it have come. */
    private static void awaitHeader(SinkQueueWithCancel<ByteString> watcher) throws Exception {
        boolean header = false;
        int fragments = 0;
        while (!header || fragments < 3) {
            ByteString bytes = watcher.pull()
                    .toCompletableFuture()
                    .get(5, TimeUnit.SECONDS)
                    .orElseThrow();
            if (bytes.utf8String().contains("moov")) {
                header = true;
                fragments = 0;
            } else {
                fragments++;
            }
        }
    }

    /** The type of the first box of the next element. */
    private static String type(SinkQueueWithCancel<ByteString> queue, int offset) throws Exception {
        ByteString bytes =
                queue.pull().toCompletableFuture().get(5, TimeUnit.SECONDS).orElseThrow();
        return bytes.slice(offset + 4, offset + 8).utf8String();
    }

    @Test
    void aLostRunEndsTheFlow() throws Exception {
        ActorRef<Scheduler.Command> broken = KIT.spawn(Behaviors.receiveMessage(message -> {
            if (message instanceof Scheduler.Produce produce) {
                produce.replyTo().tell(new Scheduler.ChunkFailed(produce.runId(), "the device is gone", true));
            }
            return Behaviors.same();
        }));
        start(List.of(new RunHandle(new RunId(1), InputMode.TEXT, ChunkGeometry.FRAME_WISE, broken)));
        assertEquals(new FlowEvent.ChunkLost("the device is gone", 1, true), events.poll(5, TimeUnit.SECONDS));
        assertTrue(events.poll(5, TimeUnit.SECONDS) instanceof FlowEvent.Ended);
    }

    @Test
    void stoppingEndsTheFlow() throws Exception {
        start(List.of(run(InputMode.VIDEO, ChunkGeometry.FRAME_WISE)));
        flow.stop();
        assertTrue(events.poll(5, TimeUnit.SECONDS) instanceof FlowEvent.Ended ended
                && ended.fault().isEmpty());
    }

    private void start(List<RunHandle> chain) {
        flow = VideoFlow.start(
                new VideoFlow.Parts(
                        chain,
                        VideoCodec.VP8,
                        VideoCodec.VP8,
                        500_000,
                        30,
                        MEDIA,
                        MediaClock.system(),
                        meter,
                        sent::add,
                        events::add),
                KIT.system());
    }

    /** A run that gives back its input, or grey pictures where it has none. */
    private RunHandle run(InputMode mode, ChunkGeometry geometry) {
        return run(mode, geometry, produced);
    }

    private RunHandle run(InputMode mode, ChunkGeometry geometry, AtomicInteger counter) {
        AtomicLong index = new AtomicLong();
        Behavior<Scheduler.Command> echo = Behaviors.receiveMessage(message -> {
            if (message instanceof Scheduler.Produce produce) {
                long chunk = index.getAndIncrement();
                counter.incrementAndGet();
                assertEquals(geometry.framesIn(chunk), produce.input().size());
                List<VideoFrame> frames = new ArrayList<>(produce.input());
                while (frames.size() < geometry.framesOut(chunk)) {
                    frames.add(grey(side, 100, 0));
                }
                produce.replyTo()
                        .tell(new Scheduler.ChunkReady(
                                produce.runId(), new Chunk(chunk, frames, 1, 100), List.of(), Quality.FULL));
            }
            return Behaviors.same();
        });
        return new RunHandle(new RunId(1), mode, geometry, KIT.spawn(echo));
    }

    private EncodedFrame next() throws InterruptedException {
        EncodedFrame frame = sent.poll(5, TimeUnit.SECONDS);
        assertTrue(frame != null, "no frame within 5 s; events: " + events);
        return frame;
    }

    private static void waitFor(java.util.function.LongSupplier value, long wanted) {
        long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (value.getAsLong() < wanted) {
            assertTrue(System.nanoTime() < deadline, "still " + value.getAsLong() + " of " + wanted);
            Thread.onSpinWait();
        }
    }

    private static VideoEncoder camera() {
        return VideoEncoder.open(new VideoEncoder.Settings(VideoCodec.VP8, SIZE, SIZE, 30, 500_000), MEDIA);
    }

    private static VideoFrame grey(int luma, long pts) {
        return grey(SIZE, luma, pts);
    }

    private static VideoFrame grey(int side, int luma, long pts) {
        byte[] data = new byte[PixelFormat.I420.bytes(side, side)];
        Arrays.fill(data, (byte) 128);
        Arrays.fill(data, 0, side * side, (byte) luma);
        return VideoFrame.of(PixelFormat.I420, side, side, data, pts);
    }

    private static double luma(VideoFrame frame) {
        long sum = 0;
        for (int i = 0; i < SIZE * SIZE; i++) {
            sum += frame.data()[i] & 0xFF;
        }
        return (double) sum / (SIZE * SIZE);
    }
}
