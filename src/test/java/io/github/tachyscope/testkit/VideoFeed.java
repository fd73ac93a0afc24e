package io.github.tachyscope.testkit;

import dev.onvoid.webrtc.RTCRtpTransceiver;
import dev.onvoid.webrtc.media.MediaStreamTrack;
import dev.onvoid.webrtc.media.video.CustomVideoSource;
import dev.onvoid.webrtc.media.video.I420Buffer;
import dev.onvoid.webrtc.media.video.NativeI420Buffer;
import dev.onvoid.webrtc.media.video.VideoFrame;
import dev.onvoid.webrtc.media.video.VideoTrack;
import dev.onvoid.webrtc.media.video.VideoTrackSink;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One video line of a {@link LibWebRtcPeer}: pictures go in with {@link #push}, and what comes back is decoded by
 * libwebrtc and looked at here.
 *
 * <p>A pushed picture is evenly grey, getting lighter and darker slowly, with a moving bar so that the encoder works.
 */
public final class VideoFeed {
    public static final int WIDTH = 320;
    public static final int HEIGHT = 240;
    private static final int BAR = 16;

    private final RTCRtpTransceiver transceiver;
    private final CustomVideoSource source;
    private final VideoTrack track;
    private final AtomicInteger decoded = new AtomicInteger();
    private final VideoTrackSink sink = this::decoded;
    private volatile int width;
    private volatile int height;
    private volatile int brightness;
    private volatile int grey = 128;
    private int pushed;

    VideoFeed(RTCRtpTransceiver transceiver, CustomVideoSource source, VideoTrack track) {
        this.transceiver = transceiver;
        this.source = source;
        this.track = track;
        MediaStreamTrack remote = transceiver.getReceiver().getTrack();
        if (remote instanceof VideoTrack video) {
            video.addSink(sink);
        }
    }

    RTCRtpTransceiver transceiver() {
        return transceiver;
    }

    public String mid() {
        return transceiver.getMid();
    }

    /** Brightness of the pictures pushed from now on, 16 to 235. */
    public void grey(int value) {
        grey = value;
    }

    /** Sends one picture. */
    public void push() {
        NativeI420Buffer buffer = NativeI420Buffer.allocate(WIDTH, HEIGHT);
        ByteBuffer luma = buffer.getDataY();
        int bar = pushed++ * 2 % (WIDTH - BAR);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                boolean inBar = y < BAR && x >= bar && x < bar + BAR;
                luma.put(y * buffer.getStrideY() + x, (byte) (inBar ? 235 : grey));
            }
        }
        fill(buffer.getDataU());
        fill(buffer.getDataV());
        VideoFrame frame = new VideoFrame(buffer, System.nanoTime());
        source.pushFrame(frame);
        frame.release();
    }

    private static void fill(ByteBuffer plane) {
        for (int i = 0; i < plane.capacity(); i++) {
            plane.put(i, (byte) 128);
        }
    }

    private void decoded(VideoFrame frame) {
        I420Buffer picture = frame.buffer.toI420();
        width = picture.getWidth();
        height = picture.getHeight();
        brightness = picture.getDataY().get(height / 2 * picture.getStrideY() + width / 2) & 0xFF;
        decoded.incrementAndGet();
        picture.release();
    }

    /** Pictures that came and were decoded. */
    public int decoded() {
        return decoded.get();
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** Luma in the middle of the last picture that came. */
    public int brightness() {
        return brightness;
    }

    void dispose() {
        source.dispose();
    }
}
