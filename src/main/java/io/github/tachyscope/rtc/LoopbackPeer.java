package io.github.tachyscope.rtc;

import io.github.tachyscope.config.RtcSettings;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.rtc.dtls.DtlsClient;
import io.github.tachyscope.rtc.dtls.DtlsEvent;
import io.github.tachyscope.rtc.dtls.DtlsHandshake;
import io.github.tachyscope.rtc.ice.LoopbackIce;
import io.github.tachyscope.rtc.rtp.MediaConfig;
import io.github.tachyscope.rtc.rtp.MediaSession;
import io.github.tachyscope.rtc.sctp.ChannelOptions;
import io.github.tachyscope.rtc.sctp.DataChannels;
import io.github.tachyscope.rtc.sctp.SctpSettings;
import io.github.tachyscope.rtc.sdp.Answer;
import io.github.tachyscope.rtc.sdp.AnswerTransport;
import io.github.tachyscope.rtc.sdp.MediaLine;
import io.github.tachyscope.rtc.sdp.Offer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;

/**
 * A browser's end of a connection, inside the process and over real UDP: exists for benchmarks and checks, which have
 * to reach the server the way its users do.
 *
 * <pre>
 * offered --answer--> checking (ICE) --> handshaking (DTLS) --> Connected, media and data flow
 * any --close--> goodbye, thread ended
 * </pre>
 *
 * It is made of the same engines as {@link Peer}, in the client's role; ICE is the little that one machine needs. One
 * thread owns everything; the listener is called on it.
 */
public final class LoopbackPeer implements AutoCloseable {
    /** The one video line. */
    public static final String MID = "0";

    /** All threads that work for a peer are named so; a benchmark tells their cost from the server's by it. */
    public static final String THREAD_PREFIX = "loopback-peer";

    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_DATAGRAM = 2048;
    private static final int SOCKET_BUFFER = 1 << 20;
    private static final int MAX_WAIT_MILLIS = 50;
    /** Frames and events between threads; a listener that is a second behind loses frames, as in a browser. */
    private static final int MAX_COMMANDS = 64;

    private final MediaClock clock;
    private final Consumer<Peer.Event> listener;
    private final SplittableRandom random;
    private final LoopbackIce ice;
    private final DtlsClient dtls = new DtlsClient();
    private final MediaSession media;
    private final DataChannels data;
    private final String offer;
    private final DatagramChannel socket;
    private final Selector selector;
    private final BlockingQueue<Consumer<Link>> commands = new ArrayBlockingQueue<>(MAX_COMMANDS);
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_DATAGRAM);
    private final Wire wire = new Wire(this::write);
    private Optional<Thread> thread = Optional.empty();
    private InetSocketAddress server = new InetSocketAddress(0);
    private boolean handshaking;
    private volatile boolean closing;

    /**
     * @param settings the client keeps to the same rates as the server, as the answer asks of browsers
     * @param listener called on the peer's thread, which waits for it
     */
    public LoopbackPeer(
            VideoCodec codec, RtcSettings settings, long seed, MediaClock clock, Consumer<Peer.Event> listener) {
        this.clock = clock;
        this.listener = listener;
        random = new SplittableRandom(seed);
        ice = new LoopbackIce(random.nextLong());
        offer = LoopbackOffer.write(codec, ice.ufrag(), ice.password(), dtls.fingerprint());
        MediaLine.Video line = Offer.parse(offer).videoLines().get(0);
        media = new MediaSession(new MediaConfig(
                List.of(VideoLines.config(line, new Answer.Sources(ssrc(), ssrc()))),
                THREAD_PREFIX,
                settings.startBitrate(),
                settings.minBitrate(),
                settings.maxBitrate(),
                true,
                random.nextLong()));
        data = new DataChannels(SctpSettings.webRtc(true), random.nextLong());
        try {
            selector = Selector.open();
            socket = DatagramChannel.open();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private long ssrc() {
        return 1 + random.nextLong(0xFFFF_FFFEL);
    }

    /** What to post to the server. */
    public String offer() {
        return offer;
    }

    /** Connects to the server that gave this answer; {@link Peer.Connected} is told when media flows. */
    public void answer(String answerSdp) throws IOException {
        AnswerTransport transport = AnswerTransport.parse(answerSdp);
        ice.remote(transport.iceUfrag(), transport.icePassword());
        server = transport.candidates().get(0).address();
        socket.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER);
        socket.connect(server);
        socket.configureBlocking(false);
        socket.register(selector, SelectionKey.OP_READ);
        Link link = new Link(Optional.of(media), Optional.of(data), wire, () -> handshake(transport));
        thread = Optional.of(daemon(() -> run(link), ""));
    }

    private static Thread daemon(Runnable work, String suffix) {
        Thread thread = new Thread(work, THREAD_PREFIX + suffix);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private DtlsHandshake handshake(AnswerTransport transport) {
        return dtls.begin(
                transport.fingerprints(),
                HANDSHAKE_TIMEOUT,
                work -> daemon(work, "-handshake"),
                this::write,
                event -> submit(link -> handshaken(link, event)));
    }

    private void handshaken(Link link, DtlsEvent event) {
        if (event instanceof DtlsEvent.Established established) {
            long now = clock.micros();
            link.established(established.channel(), established.keys(), now);
            data.start(now);
            data.open(ChannelOptions.reliable("parameters"), now);
            listener.accept(Peer.Connected.INSTANCE);
        } else if (event instanceof DtlsEvent.Failed failed) {
            listener.accept(new Peer.Closed(Peer.CloseReason.HANDSHAKE_FAILED, failed.reason()));
        }
    }

    /** Sends a picture, from any thread; lost if the peer is far behind or not connected. */
    public void sendVideo(EncodedFrame frame) {
        submit(link -> link.sendVideo(MID, frame, clock.micros()));
    }

    /** Asks the server for a key frame, from any thread. */
    public void requestKeyFrame() {
        submit(link -> link.requestKeyFrame(MID, clock.micros()));
    }

    private void submit(Consumer<Link> command) {
        commands.offer(command);
        selector.wakeup();
    }

    private void run(Link link) {
        try {
            while (!closing) {
                await(link);
                receive(link);
                for (Consumer<Link> command = commands.poll(); command != null; command = commands.poll()) {
                    command.accept(link);
                }
                work(link);
            }
            link.goodbye(clock.micros());
        } catch (IOException broken) {
            listener.accept(new Peer.Closed(Peer.CloseReason.INTERNAL, String.valueOf(broken.getMessage())));
        } finally {
            link.release();
        }
    }

    private void await(Link link) throws IOException {
        long next = Math.min(link.nextDeadlineMicros(), ice.nextDeadlineMicros());
        long millis = Math.min(MAX_WAIT_MILLIS, (next - clock.micros() + 999) / 1000);
        if (millis > 0 && commands.isEmpty()) {
            selector.select(millis);
        } else {
            selector.selectNow();
        }
        selector.selectedKeys().clear();
    }

    private void receive(Link link) throws IOException {
        while (true) {
            buffer.clear();
            SocketAddress sender = socket.receive(buffer);
            if (sender == null) {
                return;
            }
            byte[] datagram = new byte[buffer.flip().remaining()];
            buffer.get(datagram);
            if (LoopbackIce.isStun(datagram)) {
                ice.receive(datagram, server).ifPresent(this::write);
            } else {
                link.receive(datagram, clock.micros());
            }
        }
    }

    private void work(Link link) {
        long now = clock.micros();
        ice.tick(now).ifPresent(this::write);
        if (ice.isConnected() && !handshaking) {
            handshaking = true;
            link.begin();
        }
        link.tick(now);
        link.flush().forEach(listener);
    }

    /** Also called by the handshake's thread. */
    private boolean write(byte[] datagram) {
        try {
            return socket.write(ByteBuffer.wrap(datagram)) > 0;
        } catch (IOException unreachable) {
            // Like loss in a network: the protocols above repeat what matters.
            return false;
        }
    }

    @Override
    public void close() {
        closing = true;
        selector.wakeup();
        try {
            if (thread.isPresent()) {
                thread.get().join(HANDSHAKE_TIMEOUT.toMillis());
            }
            selector.close();
            socket.close();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
