package io.github.tachyscope.rtc;

import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.rtc.dtls.DtlsChannel;
import io.github.tachyscope.rtc.dtls.DtlsHandshake;
import io.github.tachyscope.rtc.dtls.SrtpExport;
import io.github.tachyscope.rtc.rtp.MediaEvent;
import io.github.tachyscope.rtc.rtp.MediaSession;
import io.github.tachyscope.rtc.sctp.DataChannelEvent;
import io.github.tachyscope.rtc.sctp.DataChannels;
import io.github.tachyscope.rtc.sctp.SendRefused;
import io.github.tachyscope.rtc.srtp.SrtpKeys;
import io.github.tachyscope.rtc.srtp.SrtpProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * The protocols of one connection on one way, stacked: what comes in goes up, what they make goes down.
 *
 * <pre>
 *             media (RTP, SRTP)      data channels (SCTP)
 *                  |                      |
 *                  |                DTLS: handshake, then channel
 *                  +---- by first byte ---+
 *                             |
 *                            ICE
 * </pre>
 *
 * Mutable and owned by the {@link Peer} actor: this is the path of every datagram.
 */
final class Link {
    private final Optional<MediaSession> media;
    private final Optional<DataChannels> data;
    private final Wire wire;
    private final Supplier<DtlsHandshake> begin;
    private final Demultiplexer demultiplexer = new Demultiplexer();
    private Optional<DtlsHandshake> handshake = Optional.empty();
    private Optional<DtlsChannel> channel = Optional.empty();
    private Optional<String> associationDown = Optional.empty();

    /** @param begin starts the handshake; called once */
    Link(Optional<MediaSession> media, Optional<DataChannels> data, Wire wire, Supplier<DtlsHandshake> begin) {
        this.media = media;
        this.data = data;
        this.wire = wire;
        this.begin = begin;
    }

    /** From now on everything flows. */
    void established(DtlsChannel newChannel, SrtpExport keys, long nowMicros) {
        channel = Optional.of(newChannel);
        media.ifPresent(session -> session.keys(keys(keys), nowMicros));
        newChannel.receive().forEach(packet -> packet(packet, nowMicros));
    }

    private static SrtpKeys keys(SrtpExport exported) {
        SrtpProfile profile = exported.profile() == SrtpExport.AEAD_AES_128_GCM
                ? SrtpProfile.AEAD_AES_128_GCM
                : SrtpProfile.AES128_CM_HMAC_SHA1_80;
        return new SrtpKeys(
                profile, exported.localKey(), exported.localSalt(), exported.remoteKey(), exported.remoteSalt());
    }

    /** Begins the handshake if that has not happened: the server does when it is spoken to, a client at once. */
    DtlsHandshake begin() {
        DtlsHandshake running = handshake.orElseGet(begin);
        handshake = Optional.of(running);
        return running;
    }

    void receive(byte[] datagram, long nowMicros) {
        switch (demultiplexer.kind(datagram)) {
            case MEDIA -> media.ifPresent(session -> session.receive(datagram, nowMicros));
            case DTLS -> {
                if (channel.isPresent()) {
                    channel.get().receive(datagram).forEach(packet -> packet(packet, nowMicros));
                } else {
                    begin().receive(datagram);
                }
            }
            case DROPPED -> {
                // Counted there.
            }
        }
    }

    private void packet(byte[] packet, long nowMicros) {
        data.ifPresent(channels -> channels.receive(packet, nowMicros));
    }

    void sendVideo(String mid, EncodedFrame frame, long nowMicros) {
        media.ifPresent(session -> session.sendVideo(mid, frame, nowMicros));
    }

    void requestKeyFrame(String mid, long nowMicros) {
        media.ifPresent(session -> session.requestKeyFrame(mid, nowMicros));
    }

    /** Sends a text, or tells why that is impossible. */
    Optional<String> sendText(int channelId, String text, long nowMicros) {
        try {
            data.ifPresent(channels -> channels.sendText(channelId, text, nowMicros));
            return Optional.empty();
        } catch (SendRefused refused) {
            return Optional.of(String.valueOf(refused.getMessage()));
        }
    }

    void tick(long nowMicros) {
        wire.tick(nowMicros);
        if (channel.isPresent()) {
            media.ifPresent(session -> session.tick(nowMicros));
            data.ifPresent(channels -> channels.tick(nowMicros));
        }
    }

    /** When {@link #tick} has something to do; {@link Long#MAX_VALUE} if never. */
    long nextDeadlineMicros() {
        long next = wire.nextDeadlineMicros().orElse(Long.MAX_VALUE);
        if (channel.isPresent()) {
            OptionalLong ofMedia = media.map(MediaSession::nextDeadlineMicros).orElse(OptionalLong.empty());
            OptionalLong ofData = data.map(DataChannels::nextDeadlineMicros).orElse(OptionalLong.empty());
            next = Math.min(next, Math.min(ofMedia.orElse(Long.MAX_VALUE), ofData.orElse(Long.MAX_VALUE)));
        }
        return next;
    }

    /** Sends what has collected and returns what happened since the last call. */
    List<Peer.Event> flush() {
        List<Peer.Event> events = new ArrayList<>();
        data.ifPresent(channels -> channels.drainEvents().forEach(event -> data(event, events)));
        media.ifPresent(session -> session.drainEvents().forEach(event -> media(event, events)));
        channel.ifPresent(dtls -> {
            data.ifPresent(channels -> channels.drainPackets().forEach(dtls::send));
            dtls.drainDatagrams().forEach(wire::send);
            media.ifPresent(session -> session.drainDatagrams().forEach(wire::send));
        });
        return events;
    }

    private void data(DataChannelEvent event, List<Peer.Event> events) {
        if (event instanceof DataChannelEvent.Opened opened) {
            events.add(new Peer.ChannelOpened(opened.id(), opened.label()));
        } else if (event instanceof DataChannelEvent.Text text) {
            events.add(new Peer.TextReceived(text.id(), text.text()));
        } else if (event instanceof DataChannelEvent.ChannelClosed closed) {
            events.add(new Peer.ChannelClosed(closed.id()));
        } else if (event instanceof DataChannelEvent.AssociationDown down) {
            associationDown = Optional.of(down.reason());
        }
        // Binary messages have no meaning on any channel, and a channel's opening says that the association is up.
    }

    private static void media(MediaEvent event, List<Peer.Event> events) {
        if (event instanceof MediaEvent.FrameReceived received) {
            events.add(new Peer.VideoReceived(received.mid(), received.frame()));
        } else if (event instanceof MediaEvent.KeyFrameWanted wanted) {
            events.add(new Peer.KeyFrameWanted(wanted.mid()));
        } else if (event instanceof MediaEvent.TargetBitrate target) {
            events.add(new Peer.TargetBitrate(target.mid(), target.bitsPerSecond()));
        }
    }

    /** Why the other side has ended the connection, if it has. */
    Optional<String> remoteEnd() {
        return channel.isPresent() && channel.get().isClosed()
                ? Optional.of("the client has closed its connection")
                : associationDown;
    }

    /** Says goodbye in every protocol that has a word for it. */
    void goodbye(long nowMicros) {
        media.ifPresent(session -> session.goodbye(nowMicros));
        data.ifPresent(channels -> channels.shutdown(nowMicros));
        flush();
        channel.ifPresent(dtls -> {
            dtls.close();
            dtls.drainDatagrams().forEach(wire::send);
        });
    }

    /** Frees the handshake's thread, if one still runs. */
    void release() {
        handshake.ifPresent(DtlsHandshake::close);
    }

    long droppedDatagrams() {
        return demultiplexer.dropped();
    }
}
