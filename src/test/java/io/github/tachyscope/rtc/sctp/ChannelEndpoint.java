package io.github.tachyscope.rtc.sctp;

import io.github.tachyscope.testkit.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiConsumer;

/** {@link DataChannels} on the emulated network, with everything it said written down. */
final class ChannelEndpoint implements Endpoint {
    final DataChannels channels;
    final List<DataChannelEvent> events = new ArrayList<>();
    private final BiConsumer<DataChannelEvent, Long> reaction;

    ChannelEndpoint(SctpSettings settings, long seed) {
        this(new DataChannels(settings, seed), (event, now) -> {});
    }

    ChannelEndpoint(DataChannels channels, BiConsumer<DataChannelEvent, Long> reaction) {
        this.channels = channels;
        this.reaction = reaction;
    }

    /** Sends every message back on its channel. */
    static ChannelEndpoint echo(SctpSettings settings, long seed) {
        DataChannels channels = new DataChannels(settings, seed);
        return new ChannelEndpoint(channels, (event, now) -> {
            try {
                if (event instanceof DataChannelEvent.Text text) {
                    channels.sendText(text.id(), text.text(), now);
                } else if (event instanceof DataChannelEvent.Binary binary) {
                    channels.sendBinary(binary.id(), binary.bytes(), now);
                }
            } catch (SendRefused closed) {
                // The other side closed the channel after its last message and hears no echo.
            }
        });
    }

    @Override
    public void receive(byte[] datagram, long nowMicros) {
        channels.receive(datagram, nowMicros);
        react(nowMicros);
    }

    @Override
    public void tick(long nowMicros) {
        channels.tick(nowMicros);
        react(nowMicros);
    }

    @Override
    public OptionalLong nextDeadlineMicros() {
        return channels.nextDeadlineMicros();
    }

    @Override
    public List<byte[]> drain() {
        return channels.drainPackets();
    }

    /** Fetches events that a direct call to the engine caused. */
    void react(long nowMicros) {
        for (DataChannelEvent event : channels.drainEvents()) {
            events.add(event);
            reaction.accept(event, nowMicros);
        }
    }

    <E extends DataChannelEvent> List<E> all(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    boolean has(Class<? extends DataChannelEvent> type) {
        return !all(type).isEmpty();
    }

    List<String> texts() {
        return all(DataChannelEvent.Text.class).stream()
                .map(DataChannelEvent.Text::text)
                .toList();
    }
}
