package io.github.tachyscope.config;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

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
    public record TurnSecret(List<String> urls, String secret, Duration lifetime) {}

    static RtcSettings from(Config c) {
        List<IceServer> iceServers = c.getConfigList("ice-servers").stream()
                .map(server -> new IceServer(
                        server.getStringList("urls"),
                        server.hasPath("username") ? Optional.of(server.getString("username")) : Optional.empty(),
                        server.hasPath("credential") ? Optional.of(server.getString("credential")) : Optional.empty()))
                .toList();
        Optional<TurnSecret> turn = ServerSettings.text(c, "turn.secret")
                .map(secret -> new TurnSecret(
                        c.getStringList("turn.urls"), secret, c.getDuration("turn.credential-lifetime")));
        return new RtcSettings(
                List.copyOf(c.getStringList("bind-addresses")),
                c.getInt("port"),
                ServerSettings.text(c, "public-address"),
                iceServers,
                turn,
                c.getDuration("ice-timeout"),
                c.getDuration("handshake-timeout"),
                c.getDuration("consent-timeout"),
                c.getInt("start-bitrate"),
                c.getInt("min-bitrate"),
                c.getInt("max-bitrate"),
                Math.toIntExact(c.getBytes("max-message-size")));
    }
}
