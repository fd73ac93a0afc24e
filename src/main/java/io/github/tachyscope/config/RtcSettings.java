package io.github.tachyscope.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * WebRTC; see {@code tachyscope.rtc} in {@code reference.conf}.
 *
 * @param bindAddresses addresses whose UDP port takes media; empty means the HTTP host, or all if that is a wildcard
 * @param port UDP port shared by all peers; 0 lets the system choose
 * @param publicAddress announced instead of the bound one when behind NAT
 * @param iceServers what browsers are told to use
 */
public record RtcSettings(
        List<String> bindAddresses,
        int port,
        Optional<String> publicAddress,
        List<IceServer> iceServers,
        Optional<TurnSecret> turnSecret,
        Duration iceTimeout,
        Duration handshakeTimeout,
        Duration consentTimeout,
        int startBitrate,
        int minBitrate,
        int maxBitrate,
        int maxMessageSize) {

    /** One entry of the browser's {@code iceServers}. */
    public record IceServer(List<String> urls, Optional<String> username, Optional<String> credential) {}

    /**
     * Mints time-limited TURN credentials from a shared secret (the TURN REST convention).
     *
     * @param urls of the TURN server
     * @param secret shared with it
     * @param lifetime of a credential
     */
    public record TurnSecret(List<String> urls, String secret, Duration lifetime) {
        @Override
        public String toString() {
            return "TurnSecret[urls=" + urls + ", secret=***, lifetime=" + lifetime + "]";
        }
    }

    private static final int MOST_PORT = 65_535;

    /** Below it not even a small picture at one frame a second passes. */
    private static final int LEAST_BITRATE = 10_000;

    /** Above it a sender would fill a gigabit link alone. */
    private static final int MOST_BITRATE = 1_000_000_000;

    /** RFC 8841 takes 64 KiB when nothing is announced; less than 1 KiB could not carry a parameter update. */
    private static final int LEAST_MESSAGE = 1024;

    /** A message is reassembled in memory, one per channel. */
    private static final int MOST_MESSAGE = 64 << 20;

    static RtcSettings from(Section section) {
        int least = section.whole("min-bitrate", LEAST_BITRATE, MOST_BITRATE);
        int most = section.whole("max-bitrate", LEAST_BITRATE, MOST_BITRATE);
        int first = section.whole("start-bitrate", LEAST_BITRATE, MOST_BITRATE);
        if (first < least || first > most) {
            section.reject("start-bitrate", "must lie between min-bitrate " + least + " and max-bitrate " + most);
        }
        return new RtcSettings(
                section.texts("bind-addresses"),
                section.whole("port", 0, MOST_PORT),
                section.optionalText("public-address"),
                section.sections("ice-servers", Set.of("urls", "username", "credential"), RtcSettings::iceServer),
                turnSecret(section.section("turn")),
                section.duration("ice-timeout"),
                section.duration("handshake-timeout"),
                section.duration("consent-timeout"),
                first,
                least,
                most,
                (int) section.bytes("max-message-size", LEAST_MESSAGE, MOST_MESSAGE));
    }

    private static IceServer iceServer(Section server) {
        return new IceServer(
                server.addresses("urls", Set.of("stun", "stuns", "turn", "turns")),
                server.has("username") ? server.optionalText("username") : Optional.empty(),
                server.has("credential") ? server.optionalText("credential") : Optional.empty());
    }

    private static Optional<TurnSecret> turnSecret(Section turn) {
        List<String> urls = turn.addresses("urls", Set.of("turn", "turns"));
        Duration lifetime = turn.duration("credential-lifetime");
        Optional<String> secret = turn.optionalText("secret");
        if (secret.isPresent() && urls.isEmpty()) {
            turn.reject("urls", "must name the TURN server that the secret belongs to");
        }
        return secret.map(text -> new TurnSecret(urls, text, lifetime));
    }
}
