package io.github.tachyscope.rtc.sctp;

import java.util.ArrayList;
import java.util.List;

/** Bundles chunks into as few packets as their size allows. */
final class PacketPacker {
    private final SctpSettings settings;
    private final List<byte[]> chunks = new ArrayList<>();
    private final List<byte[]> packets = new ArrayList<>();
    private int size = SctpPacket.HEADER_BYTES;
    private int tag;
    private long packed;

    PacketPacker(SctpSettings settings) {
        this.settings = settings;
    }

    /** The verification tag of the packets from now on. */
    void address(int peerTag) {
        finish();
        tag = peerTag;
    }

    void add(Chunk chunk) {
        byte[] encoded = chunk.encode();
        if (size + encoded.length > settings.maxPacket()) {
            finish();
        }
        chunks.add(encoded);
        size += encoded.length;
    }

    /** A packet with this chunk only, for INIT, INIT-ACK and answers to strangers. */
    void addAlone(int toTag, Chunk chunk) {
        finish();
        pack(toTag, List.of(chunk.encode()));
    }

    void finish() {
        if (!chunks.isEmpty()) {
            pack(tag, chunks);
            chunks.clear();
            size = SctpPacket.HEADER_BYTES;
        }
    }

    List<byte[]> drain() {
        finish();
        List<byte[]> drained = List.copyOf(packets);
        packets.clear();
        return drained;
    }

    /** Packets made so far. */
    long packed() {
        return packed;
    }

    private void pack(int toTag, List<byte[]> encoded) {
        packets.add(SctpPacket.encode(settings.localPort(), settings.remotePort(), toTag, encoded));
        packed++;
    }
}
