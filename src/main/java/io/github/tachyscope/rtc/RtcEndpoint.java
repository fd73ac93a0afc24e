package io.github.tachyscope.rtc;

import io.github.tachyscope.config.RtcSettings;
import io.github.tachyscope.frame.MediaClock;
import io.github.tachyscope.rtc.dtls.DtlsServer;
import io.github.tachyscope.rtc.ice.IcePort;
import io.github.tachyscope.rtc.ice.IceSession;
import io.github.tachyscope.rtc.rtp.MediaConfig;
import io.github.tachyscope.rtc.rtp.MediaSession;
import io.github.tachyscope.rtc.sctp.DataChannels;
import io.github.tachyscope.rtc.sctp.SctpSettings;
import io.github.tachyscope.rtc.sdp.Answer;
import io.github.tachyscope.rtc.sdp.MediaLine;
import io.github.tachyscope.rtc.sdp.Offer;
import io.github.tachyscope.rtc.srtp.SrtpSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What all peers share: the UDP port and the certificate. Made once at start; thread-safe. */
public final class RtcEndpoint implements AutoCloseable {
    private static final long SESSION_NUMBER_MASK = Long.MAX_VALUE;

    private final RtcSettings settings;
    private final MediaClock clock;
    private final IcePort port;
    private final DtlsServer dtls;
    private final List<InetSocketAddress> announced;
    private final SecureRandom random = new SecureRandom();

    private RtcEndpoint(
            RtcSettings settings, MediaClock clock, IcePort port, DtlsServer dtls, List<InetSocketAddress> announced) {
        this.settings = settings;
        this.clock = clock;
        this.port = port;
        this.dtls = dtls;
        this.announced = announced;
    }

    /**
     * Binds the port, makes the certificate and warms up what would make the first session wait.
     *
     * @param httpHost where HTTP listens; used when the settings name no address
     * @throws UncheckedIOException if an address is unknown or the port is taken
     */
    public static RtcEndpoint start(RtcSettings settings, String httpHost, MediaClock clock) {
        try {
            List<InetAddress> addresses = BindAddresses.choose(settings.bindAddresses(), httpHost);
            Optional<InetAddress> outside = BindAddresses.resolve(settings.publicAddress());
            IcePort port = IcePort.bind(addresses, settings.port());
            // The first session would pay seconds for class loading, and for a benchmark that jitsi-srtp runs on the
            // first packet; ICE would give up meanwhile.
            port.open().close();
            SrtpSession.warmUp();
            List<InetSocketAddress> announced =
                    outside.isPresent() ? List.of(new InetSocketAddress(outside.get(), port.port())) : port.addresses();
            return new RtcEndpoint(settings, clock, port, DtlsServer.create(), announced);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The UDP port that takes all media. */
    public int port() {
        return port.port();
    }

    /** Connections that were negotiated and are not closed. */
    public int openSessions() {
        return port.openSessions();
    }

    /**
     * Answers an offer, and keeps a place for its connection.
     *
     * @param sessionId names the session towards the client, in the description of sources
     */
    public Negotiation negotiate(String sessionId, Offer offer) {
        Map<String, Answer.Sources> sources = sources(offer);
        Optional<MediaSession> media = offer.videoLines().isEmpty()
                ? Optional.empty()
                : Optional.of(new MediaSession(mediaConfig(sessionId, offer, sources)));
        Optional<DataChannels> data = offer.lines().stream()
                .filter(MediaLine.Data.class::isInstance)
                .map(MediaLine.Data.class::cast)
                .findFirst()
                .map(line -> new DataChannels(sctp(line), random.nextLong()));
        IceSession ice = open();
        String answer = Answer.write(
                offer,
                new Answer.Transport(
                        random.nextLong() & SESSION_NUMBER_MASK,
                        ice.ufrag(),
                        ice.password(),
                        dtls.fingerprint(),
                        announced,
                        sessionId,
                        sources),
                new Answer.Limits(settings.startBitrate(), settings.maxBitrate(), settings.maxMessageSize()));
        List<Peer.VideoLine> lines = offer.videoLines().stream()
                .map(line -> new Peer.VideoLine(
                        line.mid(),
                        line.format().codec(),
                        line.direction().sends(),
                        line.direction().receives()))
                .toList();
        return new Negotiation(answer, lines, new PeerParts(offer, ice, dtls, media, data, settings, clock));
    }

    private IceSession open() {
        try {
            return port.open();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private Map<String, Answer.Sources> sources(Offer offer) {
        Map<String, Answer.Sources> sources = new HashMap<>();
        for (MediaLine.Video line : offer.videoLines()) {
            sources.put(line.mid(), new Answer.Sources(ssrc(), ssrc()));
        }
        return sources;
    }

    /** Never zero, which some stacks take for "none". Two equal ones among a few are as likely as RFC 3550 allows. */
    private long ssrc() {
        return 1 + (random.nextInt() & 0xFFFF_FFFFL) % 0xFFFF_FFFEL;
    }

    private MediaConfig mediaConfig(String sessionId, Offer offer, Map<String, Answer.Sources> sources) {
        boolean reducedSize = offer.videoLines().stream().allMatch(MediaLine.Video::reducedSizeRtcp);
        return new MediaConfig(
                offer.videoLines().stream()
                        .map(line -> VideoLines.config(line, sources.get(line.mid())))
                        .toList(),
                sessionId,
                settings.startBitrate(),
                settings.minBitrate(),
                settings.maxBitrate(),
                reducedSize,
                random.nextLong());
    }

    private SctpSettings sctp(MediaLine.Data line) {
        return SctpSettings.webRtc(false)
                .withPeer(line.remotePort(), line.maxMessageSize())
                .withMaxMessageSize(settings.maxMessageSize());
    }

    @Override
    public void close() {
        port.close();
        dtls.close();
    }
}
