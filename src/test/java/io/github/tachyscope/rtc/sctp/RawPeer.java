package io.github.tachyscope.rtc.sctp;

import java.util.List;

/** Makes packets as a client would whose association with the server is up, for chunks that no honest client sends. */
final class RawPeer {
    private final int serverTag;
    private final int clientTag;
    private final int serverTsn;
    private int nextTsn;
    private int nextRequest;

    private RawPeer(int serverTag, int clientTag, int serverTsn, int clientTsn) {
        this.serverTag = serverTag;
        this.clientTag = clientTag;
        this.serverTsn = serverTsn;
        this.nextTsn = clientTsn;
        this.nextRequest = clientTsn;
    }

    /** Shakes hands by hand with a fresh server. */
    static RawPeer connect(DataChannels server, long nowMicros) {
        return connect(server, nowMicros, false);
    }

    /** Shakes hands by hand; on request the COOKIE-ECHO packet opens stream 0 as well. */
    static RawPeer connect(DataChannels server, long nowMicros, boolean opensWithCookie) {
        int tag = 0x11223344;
        int tsn = 1000;
        InitFields fields = new InitFields(tag, 1 << 20, 65_535, 65_535, tsn);
        byte[] init = new SctpPacket(5000, 5000, 0, List.of(new InitChunk(fields, PeerInit.OUR_EXTENSIONS))).encode();
        server.receive(init, nowMicros);
        InitAckChunk initAck = (InitAckChunk)
                SctpPacket.read(server.drainPackets().get(0)).chunks().get(0);
        RawPeer peer = new RawPeer(initAck.fields().tag(), tag, initAck.fields().initialTsn(), tsn);
        CookieEchoChunk echo = new CookieEchoChunk(initAck.cookie().orElseThrow());
        byte[] packet =
                opensWithCookie ? peer.packet(echo, peer.open(0, ChannelOptions.reliable("early"))) : peer.packet(echo);
        server.receive(packet, nowMicros);
        if (!opensWithCookie) {
            server.drainPackets();
        }
        return peer;
    }

    /** Speaks for the client of a pair that has not sent data yet. */
    static RawPeer takingOver(SctpPair pair) {
        ChannelEndpoint copy = pair.client;
        copy.channels.open(ChannelOptions.reliable("probe"), pair.now());
        SctpPacket sent = SctpPacket.read(copy.drain().get(0));
        int clientTsn = ((DataChunk) sent.chunks().get(0)).tsn();
        pair.server.channels.open(ChannelOptions.reliable("probe"), pair.now());
        SctpPacket received = SctpPacket.read(pair.server.drain().get(0));
        int serverTsn = ((DataChunk) received.chunks().get(0)).tsn();
        return new RawPeer(sent.tag(), received.tag(), serverTsn + 1, clientTsn);
    }

    byte[] packet(Chunk... chunks) {
        return new SctpPacket(5000, 5000, serverTag, List.of(chunks)).encode();
    }

    byte[] packetWithTag(int tag, Chunk... chunks) {
        return new SctpPacket(5000, 5000, tag, List.of(chunks)).encode();
    }

    int clientTag() {
        return clientTag;
    }

    int serverTag() {
        return serverTag;
    }

    /** The TSN that the server uses next. */
    int serverTsn() {
        return serverTsn;
    }

    int takeTsn() {
        return nextTsn++;
    }

    int nextTsn() {
        return nextTsn;
    }

    int takeRequest() {
        return nextRequest++;
    }

    DataChunk data(int streamId, int ssn, long ppid, byte[] payload) {
        return new DataChunk(false, false, true, true, takeTsn(), streamId, ssn, ppid, payload);
    }

    DataChunk open(int streamId, ChannelOptions options) {
        return data(streamId, 0, 50, new DcepMessage.Open(options).encode());
    }
}
