package io.github.tachyscope.rtc.rtp;

import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.wire.ByteWriter;
import java.util.SplittableRandom;

/** Frames that look like those of an encoder to everything but a decoder, numbered so that a test sees gaps. */
final class SyntheticVideo {
    private final VideoCodec codec;
    private final SplittableRandom random;
    private int number;
    private int width = 512;
    private int height = 512;

    SyntheticVideo(VideoCodec codec, long seed) {
        this.codec = codec;
        this.random = new SplittableRandom(seed);
    }

    void resize(int newWidth, int newHeight) {
        width = newWidth;
        height = newHeight;
    }

    EncodedFrame next(boolean key, int size, long ptsMicros) {
        byte[] data = codec == VideoCodec.VP8 ? vp8(key, size) : h264(key, size);
        number++;
        return new EncodedFrame(codec, data, key, ptsMicros);
    }

    /** The number of a frame; the first is 0. */
    static int number(EncodedFrame frame) {
        byte[] data = frame.data();
        int end = data.length;
        return (data[end - 3] & 0x7F) << 14 | (data[end - 2] & 0x7F) << 7 | data[end - 1] & 0x7F;
    }

    static int width(EncodedFrame vp8KeyFrame) {
        return vp8KeyFrame.data()[6] & 0xFF | (vp8KeyFrame.data()[7] & 0x3F) << 8;
    }

    private byte[] vp8(boolean key, int size) {
        ByteWriter out = new ByteWriter(size + 16);
        if (key) {
            out.u8(0x10)
                    .u16(0)
                    .u24(0x9D012A)
                    .u8(width)
                    .u8(width >>> 8)
                    .u8(height)
                    .u8(height >>> 8);
        } else {
            out.u8(0x11).u16(0);
        }
        return body(out, size);
    }

    private byte[] h264(boolean key, int size) {
        ByteWriter out = new ByteWriter(size + 64);
        if (key) {
            out.u32(1).bytes(new byte[] {0x67, 0x42, (byte) 0xC0, 0x1F, 0x33});
            out.u32(1).bytes(new byte[] {0x68, (byte) 0xCE, 0x3C, (byte) 0x80});
        }
        out.u32(1).u8(key ? 0x65 : 0x41);
        return body(out, size);
    }

    private byte[] body(ByteWriter out, int size) {
        while (out.size() < size - 3) {
            out.u8(1 + random.nextInt(255));
        }
        // Never a zero byte, which could look like a start code.
        return out.u8(0x80 | number >>> 14)
                .u8(0x80 | number >>> 7 & 0x7F)
                .u8(0x80 | number & 0x7F)
                .toBytes();
    }
}
