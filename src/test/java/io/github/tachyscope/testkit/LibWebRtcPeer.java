package io.github.tachyscope.testkit;

import dev.onvoid.webrtc.CreateSessionDescriptionObserver;
import dev.onvoid.webrtc.PeerConnectionFactory;
import dev.onvoid.webrtc.PeerConnectionObserver;
import dev.onvoid.webrtc.RTCConfiguration;
import dev.onvoid.webrtc.RTCDataChannel;
import dev.onvoid.webrtc.RTCDataChannelInit;
import dev.onvoid.webrtc.RTCIceCandidate;
import dev.onvoid.webrtc.RTCOfferOptions;
import dev.onvoid.webrtc.RTCPeerConnection;
import dev.onvoid.webrtc.RTCPeerConnectionState;
import dev.onvoid.webrtc.RTCRtpCodecCapability;
import dev.onvoid.webrtc.RTCRtpReceiver;
import dev.onvoid.webrtc.RTCRtpTransceiver;
import dev.onvoid.webrtc.RTCRtpTransceiverDirection;
import dev.onvoid.webrtc.RTCRtpTransceiverInit;
import dev.onvoid.webrtc.RTCSdpType;
import dev.onvoid.webrtc.RTCSessionDescription;
import dev.onvoid.webrtc.SetSessionDescriptionObserver;
import dev.onvoid.webrtc.media.MediaStream;
import dev.onvoid.webrtc.media.MediaType;
import dev.onvoid.webrtc.media.audio.AudioOptions;
import dev.onvoid.webrtc.media.audio.HeadlessAudioDeviceModule;
import dev.onvoid.webrtc.media.video.CustomVideoSource;
import dev.onvoid.webrtc.media.video.VideoTrack;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A browser's WebRTC inside the JVM: libwebrtc with its own encoders, decoders, jitter buffer and data channels.
 *
 * <p>Lines are added first, then {@link #offer}, then {@link #answer}. All waiting has a deadline.
 */
public final class LibWebRtcPeer implements AutoCloseable {
    private static final long STEP_SECONDS = 10;

    /** One for the process: making and disposing them costs threads and time. */
    private static final class Shared {
        static final PeerConnectionFactory FACTORY = new PeerConnectionFactory(new HeadlessAudioDeviceModule());
    }

    private final RTCPeerConnection connection;
    private final List<RTCIceCandidate> candidates = new CopyOnWriteArrayList<>();
    private final AtomicInteger announced = new AtomicInteger();
    private final List<VideoFeed> feeds = new ArrayList<>();
    private final List<TestChannel> channels = new ArrayList<>();
    private volatile RTCPeerConnectionState state = RTCPeerConnectionState.NEW;

    public LibWebRtcPeer() {
        connection = Shared.FACTORY.createPeerConnection(new RTCConfiguration(), new PeerConnectionObserver() {
            @Override
            public void onIceCandidate(RTCIceCandidate candidate) {
                candidates.add(candidate);
            }

            @Override
            public void onConnectionChange(RTCPeerConnectionState newState) {
                state = newState;
            }

            @Override
            public void onAddTrack(RTCRtpReceiver receiver, MediaStream[] streams) {
                announced.addAndGet(streams.length);
            }
        });
    }

    /** Adds a line of pictures: its feed sends what is pushed and keeps what comes. */
    public VideoFeed video(RTCRtpTransceiverDirection direction) {
        CustomVideoSource source = new CustomVideoSource();
        VideoTrack track = Shared.FACTORY.createVideoTrack("camera-" + feeds.size(), source);
        RTCRtpTransceiver transceiver = connection.addTransceiver(track, init(direction));
        VideoFeed feed = new VideoFeed(transceiver, source, track);
        feeds.add(feed);
        return feed;
    }

    /** Adds an audio line that only receives, as the Scope front end has it. */
    public void receiveAudio() {
        connection.addTransceiver(
                Shared.FACTORY.createAudioTrack("sound", Shared.FACTORY.createAudioSource(new AudioOptions())),
                init(RTCRtpTransceiverDirection.RECV_ONLY));
    }

    private static RTCRtpTransceiverInit init(RTCRtpTransceiverDirection direction) {
        RTCRtpTransceiverInit init = new RTCRtpTransceiverInit();
        init.direction = direction;
        init.streamIds = List.of("client");
        return init;
    }

    public TestChannel openChannel(String label) {
        return openChannel(label, new RTCDataChannelInit());
    }

    public TestChannel openChannel(String label, RTCDataChannelInit init) {
        RTCDataChannel channel = connection.createDataChannel(label, init);
        TestChannel test = new TestChannel(channel);
        channels.add(test);
        return test;
    }

    /** Offers only codecs of this name (plus rtx) on all video lines. */
    public void preferOnly(String codec) {
        List<RTCRtpCodecCapability> chosen =
                Shared.FACTORY.getRtpReceiverCapabilities(MediaType.VIDEO).getCodecs().stream()
                        .filter(each -> each.getName().equalsIgnoreCase(codec)
                                || each.getName().equalsIgnoreCase("rtx"))
                        .toList();
        feeds.forEach(feed -> feed.transceiver().setCodecPreferences(chosen));
    }

    /** The offer with all candidates that are found at once. */
    public String offer() throws Exception {
        CompletableFuture<RTCSessionDescription> created = new CompletableFuture<>();
        connection.createOffer(new RTCOfferOptions(), new CreateSessionDescriptionObserver() {
            @Override
            public void onSuccess(RTCSessionDescription description) {
                created.complete(description);
            }

            @Override
            public void onFailure(String error) {
                created.completeExceptionally(new IllegalStateException(error));
            }
        });
        RTCSessionDescription offer = created.get(STEP_SECONDS, TimeUnit.SECONDS);
        Applied applied = new Applied();
        connection.setLocalDescription(offer, applied);
        applied.await();
        return offer.sdp;
    }

    public void answer(String sdp) throws Exception {
        Applied applied = new Applied();
        connection.setRemoteDescription(new RTCSessionDescription(RTCSdpType.ANSWER, sdp), applied);
        applied.await();
    }

    /** Candidates found so far, as the browser would trickle them. */
    public List<String> candidates() {
        return candidates.stream().map(candidate -> candidate.sdp).toList();
    }

    /** Streams that the answer announced with its tracks. */
    public int streams() {
        return announced.get();
    }

    /** What libwebrtc counts, as text; for the message of a failing test. */
    public String stats(String type) throws Exception {
        CompletableFuture<String> delivered = new CompletableFuture<>();
        connection.getStats(report -> delivered.complete(report.getStats().values().stream()
                .filter(each -> each.getType().name().equalsIgnoreCase(type))
                .map(each -> each.getAttributes().toString())
                .collect(Collectors.joining("\n"))));
        return delivered.get(STEP_SECONDS, TimeUnit.SECONDS);
    }

    public RTCPeerConnectionState state() {
        return state;
    }

    public void awaitState(RTCPeerConnectionState wanted) {
        await("state " + wanted + ", is " + state, () -> state == wanted);
    }

    /** Waits without sleeping on a guess: looks again every few milliseconds until the deadline. */
    public static void await(String what, BooleanSupplier condition) {
        await(what, 20, condition);
    }

    public static void await(String what, int seconds, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain for " + what);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    /** Pushes moving pictures into the feed until the condition holds. */
    public static void pushUntil(VideoFeed feed, String what, BooleanSupplier condition) {
        pushUntil(List.of(feed), what, condition);
    }

    public static void pushUntil(List<VideoFeed> feeds, String what, BooleanSupplier condition) {
        long next = System.nanoTime();
        long deadline = next + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("pushed pictures in vain for " + what);
            }
            feeds.forEach(VideoFeed::push);
            next += TimeUnit.SECONDS.toNanos(1) / 30;
            LockSupport.parkNanos(next - System.nanoTime());
        }
    }

    /** All lines of a description but those that the condition names. */
    public static String without(String sdp, Predicate<String> line) {
        return String.join("\r\n", sdp.lines().filter(line.negate()).toList()) + "\r\n";
    }

    @Override
    public void close() {
        channels.forEach(TestChannel::dispose);
        connection.close();
        feeds.forEach(VideoFeed::dispose);
    }

    private static final class Applied implements SetSessionDescriptionObserver {
        private final CompletableFuture<Boolean> done = new CompletableFuture<>();

        @Override
        public void onSuccess() {
            done.complete(true);
        }

        @Override
        public void onFailure(String error) {
            done.completeExceptionally(new IllegalStateException(error));
        }

        void await() throws Exception {
            done.get(STEP_SECONDS, TimeUnit.SECONDS);
        }
    }
}
