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

    /** Points per side at which two pictures are compared. */
    private static final int RASTER = 16;

    /** Mean difference of two pictures that shows something else, well above what a codec does to a still one. */
    private static final int MOVED = 2;

    private final RTCRtpTransceiver transceiver;
    private final CustomVideoSource source;
    private final VideoTrack track;
    private final AtomicInteger decoded = new AtomicInteger();
    private final VideoTrackSink sink = this::decoded;
    private volatile int width;
    private volatile int height;
    private volatile int brightness;
    private volatile int grey = 128;
    private volatile int blue = 128;
    private volatile int red = 128;
    private volatile int pushedWidth = WIDTH;
    private volatile int pushedHeight = HEIGHT;
    private volatile Colour mean = new Colour(0, 0, 0);
    private final AtomicInteger moved = new AtomicInteger();
    private volatile byte[] raster = new byte[RASTER * RASTER];
    private int pushed;

    /** Mean brightness and colour of a picture. */
    public record Colour(double y, double u, double v) {
        /** How far apart two colours are, in steps of a byte. */
        public double distance(Colour other) {
            return Math.sqrt(square(y - other.y) + square(u - other.u) + square(v - other.v));
        }

        private static double square(double value) {
            return value * value;
        }
    }

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

    /** Colour of the pictures pushed from now on, 128 is grey. */
    public void tint(int newBlue, int newRed) {
        blue = newBlue;
        red = newRed;
    }

    /** Size of the pictures pushed from now on. */
    public void size(int newWidth, int newHeight) {
        pushedWidth = newWidth;
        pushedHeight = newHeight;
    }

    /** Sends one picture. */
    public void push() {
        int wide = pushedWidth;
        int high = pushedHeight;
        NativeI420Buffer buffer = NativeI420Buffer.allocate(wide, high);
        ByteBuffer luma = buffer.getDataY();
        fill(luma, grey);
        int bar = pushed++ * 2 % (wide - BAR);
        for (int y = 0; y < BAR; y++) {
            for (int x = bar; x < bar + BAR; x++) {
                luma.put(y * buffer.getStrideY() + x, (byte) 235);
            }
        }
        fill(buffer.getDataU(), blue);
        fill(buffer.getDataV(), red);
        VideoFrame frame = new VideoFrame(buffer, System.nanoTime());
        source.pushFrame(frame);
        frame.release();
    }

    private static void fill(ByteBuffer plane, int value) {
        for (int i = 0; i < plane.capacity(); i++) {
            plane.put(i, (byte) value);
        }
    }

    private void decoded(VideoFrame frame) {
        I420Buffer picture = frame.buffer.toI420();
        width = picture.getWidth();
        height = picture.getHeight();
        brightness = picture.getDataY().get(height / 2 * picture.getStrideY() + width / 2) & 0xFF;
        look(picture);
        decoded.incrementAndGet();
        picture.release();
    }

    private void look(I420Buffer picture) {
        byte[] now = new byte[RASTER * RASTER];
        long difference = 0;
        double y = 0;
        double u = 0;
        double v = 0;
        for (int i = 0; i < now.length; i++) {
            int row = (2 * (i / RASTER) + 1) * height / (2 * RASTER);
            int column = (2 * (i % RASTER) + 1) * width / (2 * RASTER);
            now[i] = picture.getDataY().get(row * picture.getStrideY() + column);
            difference += Math.abs((now[i] & 0xFF) - (raster[i] & 0xFF));
            y += now[i] & 0xFF;
            u += picture.getDataU().get(row / 2 * picture.getStrideU() + column / 2) & 0xFF;
            v += picture.getDataV().get(row / 2 * picture.getStrideV() + column / 2) & 0xFF;
        }
        if (difference > (long) MOVED * now.length) {
            moved.incrementAndGet();
        }
        raster = now;
        mean = new Colour(y / now.length, u / now.length, v / now.length);
    }

    /** Mean colour of the last picture that came. */
    public Colour mean() {
        return mean;
    }

    /** Pictures that came and showed something else than the one before. */
    public int moved() {
        return moved.get();
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
