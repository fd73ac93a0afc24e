package io.github.tachyscope.testkit;

import dev.onvoid.webrtc.RTCDataChannel;
import dev.onvoid.webrtc.RTCDataChannelBuffer;
import dev.onvoid.webrtc.RTCDataChannelObserver;
import dev.onvoid.webrtc.RTCDataChannelState;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A data channel of a {@link LibWebRtcPeer} that keeps what it gets. */
public final class TestChannel {
    private final RTCDataChannel channel;
    private final List<String> texts = new CopyOnWriteArrayList<>();
    private volatile RTCDataChannelState state;

    TestChannel(RTCDataChannel channel) {
        this.channel = channel;
        this.state = channel.getState();
        channel.registerObserver(new RTCDataChannelObserver() {
            @Override
            public void onBufferedAmountChange(long previous) {
                // Not of interest.
            }

            @Override
            public void onStateChange() {
                state = channel.getState();
            }

            @Override
            public void onMessage(RTCDataChannelBuffer message) {
                byte[] bytes = new byte[message.data.remaining()];
                message.data.get(bytes);
                if (!message.binary) {
                    texts.add(new String(bytes, StandardCharsets.UTF_8));
                }
            }
        });
    }

    public void send(String text) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length);
        buffer.put(bytes).flip();
        channel.send(new RTCDataChannelBuffer(buffer, false));
    }

    public void awaitOpen() {
        LibWebRtcPeer.await("an open channel", () -> state == RTCDataChannelState.OPEN);
    }

    public RTCDataChannelState state() {
        return state;
    }

    /** Texts in the order in which they came. */
    public List<String> texts() {
        return texts;
    }

    public void close() {
        channel.close();
    }

    void dispose() {
        channel.unregisterObserver();
        channel.dispose();
    }
}
