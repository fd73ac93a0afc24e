package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.testkit.LinkProfile;
import io.github.tachyscope.testkit.NetworkEmulator;
import java.util.function.BooleanSupplier;

/** A browser-like client on the left, our server on the right, and the network between them. */
final class SctpPair {
    static final long SECOND = 1_000_000;

    final ChannelEndpoint client;
    final ChannelEndpoint server;
    final NetworkEmulator net;

    SctpPair(LinkProfile profile, long seed) {
        this(
                new ChannelEndpoint(SctpSettings.webRtc(true), seed + 1),
                ChannelEndpoint.echo(SctpSettings.webRtc(false), seed + 2),
                profile,
                seed);
    }

    SctpPair(ChannelEndpoint client, ChannelEndpoint server, LinkProfile profile, long seed) {
        this.client = client;
        this.server = server;
        this.net = new NetworkEmulator(profile, seed);
    }

    /** Handshake started by the client. */
    SctpPair connected() {
        client.channels.start(now());
        require(
                "handshake",
                60,
                () -> client.has(DataChannelEvent.AssociationUp.class)
                        && server.has(DataChannelEvent.AssociationUp.class));
        return this;
    }

    /** A channel of the client that the server has accepted. */
    int opened(ChannelOptions options) {
        int before = client.all(DataChannelEvent.Opened.class).size();
        int id = client.channels.open(options, now());
        require("open", 60, () -> client.all(DataChannelEvent.Opened.class).size() > before);
        return id;
    }

    void require(String what, long seconds, BooleanSupplier condition) {
        net.require(what, client, server, seconds * SECOND, condition);
    }

    void run(long millis) {
        net.run(client, server, millis * 1000);
    }

    long now() {
        return net.now();
    }
}
