package io.github.tachyscope.app;

import io.github.tachyscope.config.Settings;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.media.AdaptiveEncoder;
import io.github.tachyscope.media.CodecFailure;
import io.github.tachyscope.media.VideoDecoder;
import io.github.tachyscope.rtc.LoopbackPeer;
import io.github.tachyscope.rtc.Peer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * A viewer with a camera: encodes and sends thirty numbered pictures a second, decodes what comes back, and notes when
 * each number returns.
 *
 * <p>Two threads: one films and encodes, the other (the peer's) does the network, decodes and reads.
 */
final class BenchClient implements AutoCloseable {
    /** Threads of the client are told from those of the server by this. */
    static final String THREAD_PREFIX = "bench-";

    private static final int FPS = 30;
    private static final int POOLED_FRAMES = 4;

    private final BenchCamera camera;
    private final MediaClock clock;
    private final AdaptiveEncoder encoder;
    private final VideoDecoder decoder;
    private final LoopbackPeer peer;
    private final Thread filming = new Thread(this::film, THREAD_PREFIX + "camera");
    private final CountDownLatch connected = new CountDownLatch(1);
    private final CountDownLatch firstFrame = new CountDownLatch(1);

    /** When each number was handed to the encoder. */
    private final AtomicLongArray filmedMicros = new AtomicLongArray(FrameNumber.VALUES);

    private final List<Long> latenciesMicros = new ArrayList<>();
    private long delivered;
    private long sentBytes;
    private long receivedBytes;
    private boolean measuring;
    private volatile long offeredMicros;
    private volatile long firstFrameMicros;
    private volatile Optional<String> ended = Optional.empty();
    private volatile boolean stopped;

    /**
     * What came back while it was measured.
     *
     * @param delivered pictures decoded
     * @param sentBytes of encoded pictures to the server
     * @param receivedBytes of encoded pictures from the server
     * @param latenciesMicros of those whose number could be read
     */
    record Received(long delivered, long sentBytes, long receivedBytes, List<Long> latenciesMicros) {}

    BenchClient(BenchCamera camera, VideoCodec codec, Settings settings, MediaClock clock) {
        this.camera = camera;
        this.clock = clock;
        encoder = new AdaptiveEncoder(codec, settings.media(), settings.rtc().startBitrate(), FPS);
        decoder = VideoDecoder.open(codec, new FramePool(POOLED_FRAMES), settings.media());
        peer = new LoopbackPeer(codec, settings.rtc(), clock.micros(), clock, this::event);
    }

    /** The offer; the time to the first picture runs from here. */
    String offer() {
        offeredMicros = clock.micros();
        return peer.offer();
    }

    void answer(String sdp) throws IOException {
        peer.answer(sdp);
        filming.setDaemon(true);
        filming.start();
    }

    /** From the offer to the first decoded picture; empty if none came in time. */
    OptionalLong awaitFirstFrame(long seconds) throws InterruptedException {
        return firstFrame.await(seconds, TimeUnit.SECONDS)
                ? OptionalLong.of(firstFrameMicros - offeredMicros)
                : OptionalLong.empty();
    }

    /** Why the connection ended, if it has. */
    Optional<String> ended() {
        return ended;
    }

    synchronized void beginMeasuring() {
        latenciesMicros.clear();
        delivered = 0;
        sentBytes = 0;
        receivedBytes = 0;
        measuring = true;
    }

    synchronized Received endMeasuring() {
        measuring = false;
        return new Received(delivered, sentBytes, receivedBytes, List.copyOf(latenciesMicros));
    }

    private void film() {
        try {
            connected.await();
            long start = clock.micros();
            for (int number = 0; !stopped; number++) {
                long due = start + number * 1_000_000L / FPS;
                for (long now = clock.micros(); now < due && !stopped; now = clock.micros()) {
                    LockSupport.parkNanos((due - now) * 1000);
                }
                // A camera that nobody asks in time loses pictures; it does not make up for them.
                number += (int) ((clock.micros() - due) * FPS / 1_000_000);
                VideoFrame picture = camera.picture(number, clock.micros());
                long handed = clock.micros();
                filmedMicros.set(number % FrameNumber.VALUES, handed);
                EncodedFrame encoded = encoder.encode(picture, handed);
                peer.sendVideo(encoded);
                sent(encoded.data().length);
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        } catch (CodecFailure failed) {
            ended = Optional.of("the client cannot encode: " + failed.getMessage());
        } finally {
            encoder.close();
        }
    }

    private void event(Peer.Event event) {
        if (event == Peer.Connected.INSTANCE) {
            connected.countDown();
        } else if (event instanceof Peer.VideoReceived received) {
            decode(received.frame());
        } else if (event instanceof Peer.KeyFrameWanted) {
            encoder.requestKeyFrame();
        } else if (event instanceof Peer.TargetBitrate target) {
            encoder.targetBitrate(target.bitsPerSecond());
        } else if (event instanceof Peer.Closed closed) {
            ended = Optional.of(closed.message());
        }
    }

    private synchronized void sent(int bytes) {
        sentBytes += bytes;
    }

    private void decode(EncodedFrame frame) {
        try {
            decoder.decode(frame).ifPresent(picture -> {
                shown(picture, frame.data().length);
                picture.release();
            });
        } catch (CodecFailure damaged) {
            peer.requestKeyFrame();
        }
    }

    private synchronized void shown(VideoFrame picture, int bytes) {
        OptionalInt number = FrameNumber.read(picture);
        long now = clock.micros();
        if (firstFrame.getCount() > 0) {
            firstFrameMicros = now;
            firstFrame.countDown();
        }
        if (measuring) {
            delivered++;
            receivedBytes += bytes;
            number.ifPresent(read -> latenciesMicros.add(now - filmedMicros.get(read)));
        }
    }

    @Override
    public void close() {
        stopped = true;
        filming.interrupt();
        peer.close();
        decoder.close();
    }
}
