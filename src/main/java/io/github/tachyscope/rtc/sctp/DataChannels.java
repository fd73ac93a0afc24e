package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.rtc.sctp.DataChannelEvent.AssociationDown;
import io.github.tachyscope.rtc.sctp.DataChannelEvent.AssociationUp;
import io.github.tachyscope.rtc.sctp.DataChannelEvent.Binary;
import io.github.tachyscope.rtc.sctp.DataChannelEvent.ChannelClosed;
import io.github.tachyscope.rtc.sctp.DataChannelEvent.Opened;
import io.github.tachyscope.rtc.sctp.DataChannelEvent.Text;
import io.github.tachyscope.rtc.sctp.SendRefused.Reason;
import io.github.tachyscope.wire.MalformedPacket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The data channels of one WebRTC connection: an SCTP association and the channels on it, as a state machine.
 *
 * <p>After every call fetch {@link #drainPackets()} and {@link #drainEvents()}, and call {@link #tick} when
 * {@link #nextDeadlineMicros()} has come. Not thread-safe; the peer actor owns it. Nothing that arrives makes it throw.
 *
 * <pre>
 *   receive, tick, open, send...  ->  [ DCEP | association ]  ->  packets, events, next deadline
 * </pre>
 */
public final class DataChannels {
    private static final long PPID_DCEP = 50;
    private static final long PPID_TEXT = 51;
    private static final long PPID_BINARY = 53;
    private static final long PPID_EMPTY_TEXT = 56;
    private static final long PPID_EMPTY_BINARY = 57;

    /** SCTP has no empty messages; the payload protocol says that this byte means none (RFC 8831 section 6.6). */
    private static final byte[] EMPTY = {0};

    /** Stream 65535 cannot be used by a channel (RFC 8832 section 8.2.1). */
    private static final int STREAM_LIMIT = 65_535;

    private final SctpSettings settings;
    private final Drops drops = new Drops();
    private final Association association;
    private final Map<Integer, Channel> channels = new LinkedHashMap<>();
    private final List<DataChannelEvent> events = new ArrayList<>();
    private int undeliveredBytes;
    private boolean up;
    private int nextId;

    /**
     * @param seed makes tags and the cookie key; take it from a {@link java.security.SecureRandom}
     */
    public DataChannels(SctpSettings settings, long seed) {
        this.settings = settings;
        this.association = new Association(settings, seed, new FromAssociation(), drops);
    }

    /** Sends INIT. A server need not: it waits for the browser's. Both may, the INITs may cross. */
    public void start(long nowMicros) {
        association.start(nowMicros);
    }

    /** Takes one application datagram of the DTLS connection; what is not right is dropped and counted. */
    public void receive(byte[] packet, long nowMicros) {
        association.receive(packet, nowMicros);
    }

    public void tick(long nowMicros) {
        association.tick(nowMicros);
    }

    public OptionalLong nextDeadlineMicros() {
        return association.nextDeadlineMicros();
    }

    /** The datagrams to send since the last call. */
    public List<byte[]> drainPackets() {
        return association.drain();
    }

    /** What happened since the last call. */
    public List<DataChannelEvent> drainEvents() {
        List<DataChannelEvent> drained = List.copyOf(events);
        events.clear();
        undeliveredBytes = 0;
        return drained;
    }

    /**
     * Opens a channel; also before the association is up.
     *
     * @return its number; {@link Opened} follows when the peer has accepted it
     * @throws SendRefused if the association is gone or the table is full
     */
    public int open(ChannelOptions options, long nowMicros) {
        if (!association.takesMessages()) {
            throw new SendRefused(Reason.CLOSED, "the association is gone");
        }
        Channel channel = new Channel(freeId(), options);
        channels.put(channel.id(), channel);
        enqueueDcep(channel.id(), new DcepMessage.Open(options));
        association.flush(nowMicros);
        return channel.id();
    }

    /**
     * @throws SendRefused if the channel, the size or the buffer does not allow it
     */
    public void sendText(int channelId, String text, long nowMicros) {
        send(channelId, text.getBytes(StandardCharsets.UTF_8), PPID_TEXT, PPID_EMPTY_TEXT, nowMicros);
    }

    /**
     * @param data not to be changed afterwards
     * @throws SendRefused if the channel, the size or the buffer does not allow it
     */
    public void sendBinary(int channelId, byte[] data, long nowMicros) {
        send(channelId, data, PPID_BINARY, PPID_EMPTY_BINARY, nowMicros);
    }

    /** Closes a channel after what waits on it; {@link ChannelClosed} follows. A second call does nothing. */
    public void close(int channelId, long nowMicros) {
        Channel channel = channels.get(channelId);
        if (channel != null) {
            close(channel);
            association.flush(nowMicros);
        }
    }

    /** Ends the association at once with an ABORT; {@link AssociationDown} follows. */
    public void shutdown(long nowMicros) {
        association.flush(nowMicros);
        association.abort();
    }

    public SctpStats stats() {
        return association.stats(channels.size());
    }

    private void send(int channelId, byte[] data, long ppid, long emptyPpid, long nowMicros) {
        Channel channel = channels.get(channelId);
        if (channel == null) {
            throw new SendRefused(Reason.UNKNOWN_CHANNEL, "no channel " + channelId);
        }
        if (channel.isClosing() || !association.takesMessages()) {
            throw new SendRefused(Reason.CLOSED, "channel " + channelId + " is closing");
        }
        int limit = settings.peerMaxMessageSize();
        if (limit > 0 && data.length > limit) {
            throw new SendRefused(
                    Reason.TOO_LARGE, "message of " + data.length + " bytes; the peer takes at most " + limit);
        }
        if ((long) association.bufferedBytes() + data.length > settings.sendBuffer()) {
            throw new SendRefused(
                    Reason.BUFFER_FULL, association.bufferedBytes() + " of " + settings.sendBuffer() + " bytes wait");
        }
        boolean empty = data.length == 0;
        association.enqueue(channel.message(empty ? emptyPpid : ppid, empty ? EMPTY : data, nowMicros));
        association.flush(nowMicros);
    }

    private int freeId() {
        if (channels.size() >= settings.maxChannels()) {
            throw new SendRefused(Reason.TOO_MANY_CHANNELS, channels.size() + " channels are open");
        }
        int limit = Math.min(STREAM_LIMIT, association.peerStreams());
        int parity = settings.dtlsClient() ? 0 : 1;
        // Numbers are not reused at once: an answer to the last reset may still be under way.
        for (int tried = 0; tried <= settings.maxChannels(); tried++) {
            if (nextId < parity || nextId >= limit) {
                nextId = parity;
            }
            int id = nextId;
            nextId += 2;
            if (id < limit && !channels.containsKey(id)) {
                return id;
            }
        }
        throw new SendRefused(Reason.TOO_MANY_CHANNELS, "the peer takes " + limit + " streams");
    }

    private void enqueueDcep(int channelId, DcepMessage message) {
        association.enqueue(new OutgoingMessage(
                channelId, PPID_DCEP, message.encode(), true, OutgoingMessage.UNLIMITED, Alarm.NEVER));
    }

    private void close(Channel channel) {
        if (!channel.startsClosing()) {
            return;
        }
        if (up) {
            association.reset(channel.id());
        } else {
            association.discard(channel.id());
            forget(channel);
        }
    }

    private void forget(Channel channel) {
        channels.remove(channel.id());
        if (channel.tellsClose()) {
            events.add(new ChannelClosed(channel.id()));
        }
    }

    /** What comes up from the association; runs inside {@link #receive} and {@link #tick} only. */
    private final class FromAssociation implements AssociationUser {
        @Override
        public void up() {
            up = true;
            events.add(new AssociationUp());
        }

        @Override
        public void message(InboundMessage message) {
            Channel channel = channels.get(message.streamId());
            if (message.tooLarge()) {
                if (channel != null) {
                    association.discard(channel.id());
                    close(channel);
                }
            } else if (message.ppid() == PPID_DCEP) {
                dcep(message);
            } else if (channel == null || channel.isClosing()) {
                drops.count(DropReason.NO_CHANNEL);
            } else {
                opened(channel);
                deliver(message);
            }
        }

        @Override
        public void incomingReset(List<Integer> streamIds) {
            List<Integer> affected = streamIds.isEmpty() ? List.copyOf(channels.keySet()) : streamIds;
            for (int streamId : affected) {
                Channel channel = channels.get(streamId);
                if (channel != null) {
                    channel.incomingReset();
                    association.discard(streamId);
                    close(channel);
                    if (channel.isGone()) {
                        forget(channel);
                    } else if (channel.tellsClose()) {
                        events.add(new ChannelClosed(streamId));
                    }
                }
            }
        }

        @Override
        public void outgoingReset(int streamId) {
            Channel channel = channels.get(streamId);
            if (channel != null) {
                channel.outgoingReset();
                if (channel.isGone()) {
                    forget(channel);
                }
            }
        }

        @Override
        public void down(String reason) {
            channels.clear();
            events.add(new AssociationDown(reason));
        }

        @Override
        public int undeliveredBytes() {
            return undeliveredBytes;
        }

        private void deliver(InboundMessage message) {
            int id = message.streamId();
            byte[] payload = message.payload();
            if (message.ppid() == PPID_TEXT) {
                events.add(new Text(id, new String(payload, StandardCharsets.UTF_8)));
            } else if (message.ppid() == PPID_EMPTY_TEXT) {
                events.add(new Text(id, ""));
            } else if (message.ppid() == PPID_BINARY) {
                events.add(new Binary(id, payload));
            } else if (message.ppid() == PPID_EMPTY_BINARY) {
                events.add(new Binary(id, new byte[0]));
            } else {
                drops.count(DropReason.BAD_DCEP);
                return;
            }
            undeliveredBytes += payload.length + FragmentRun.OVERHEAD_BYTES;
        }

        private void dcep(InboundMessage message) {
            DcepMessage parsed;
            try {
                parsed = DcepMessage.read(message.payload());
            } catch (MalformedPacket malformed) {
                drops.count(DropReason.BAD_DCEP);
                refuse(message.streamId());
                return;
            }
            Channel channel = channels.get(message.streamId());
            if (parsed instanceof DcepMessage.Open open) {
                openReceived(message.streamId(), open.options());
            } else if (channel == null || channel.isClosing()) {
                drops.count(DropReason.NO_CHANNEL);
            } else {
                opened(channel);
            }
        }

        private void openReceived(int id, ChannelOptions options) {
            Channel old = channels.get(id);
            if (old != null && old.isIncomingReset() && association.confirmReset(id)) {
                forget(old);
            }
            boolean theirs = (id & 1) == (settings.dtlsClient() ? 1 : 0) && id < STREAM_LIMIT;
            if (!theirs || channels.containsKey(id) || channels.size() >= settings.maxChannels()) {
                drops.count(DropReason.BAD_DCEP);
                refuse(id);
                return;
            }
            Channel channel = new Channel(id, options);
            channels.put(id, channel);
            opened(channel);
            enqueueDcep(id, new DcepMessage.Ack());
        }

        private void opened(Channel channel) {
            if (channel.becomesOpen()) {
                events.add(new Opened(channel.id(), channel.options()));
            }
        }

        /** Closes the stream on our side, which makes the peer close it on its own. */
        private void refuse(int streamId) {
            Channel channel = channels.get(streamId);
            if (channel != null) {
                close(channel);
            } else {
                association.reset(streamId);
            }
        }
    }
}
