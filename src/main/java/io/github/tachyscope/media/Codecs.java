package io.github.tachyscope.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_VP8;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import java.util.List;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodec;

/** What this build of FFmpeg on this machine can do. */
public final class Codecs {
    /** Used where no settings are at hand; the same list as in {@code reference.conf}. */
    private static final MediaSettings PROBE =
            new MediaSettings(List.of("h264_nvenc", "h264_videotoolbox", "libx264", "libopenh264"), 1, 2048, 2048);

    private static final int PROBE_SIZE = 256;
    private static final int PROBE_FPS = 30;
    private static final int PROBE_BITS_PER_SECOND = 500_000;

    private Codecs() {}

    /** Whether some encoder known to the server is present and opens; costs about as much as opening one. */
    public static boolean canEncode(VideoCodec codec) {
        return canEncode(codec, PROBE);
    }

    /** Whether an encoder that the settings allow is present and opens. */
    public static boolean canEncode(VideoCodec codec, MediaSettings settings) {
        try {
            encoderName(codec, settings);
            return true;
        } catch (CodecFailure absent) {
            return false;
        }
    }

    public static boolean canDecode(VideoCodec codec) {
        return decoder(codec).isPresent();
    }

    /** @throws CodecFailure if there is none */
    public static String encoderName(VideoCodec codec) {
        return encoderName(codec, PROBE);
    }

    /**
     * FFmpeg's name of the encoder that a new stream would get.
     *
     * @throws CodecFailure if there is none
     */
    public static String encoderName(VideoCodec codec, MediaSettings settings) {
        try (VideoEncoder encoder = VideoEncoder.open(probe(codec), settings)) {
            return encoder.name();
        }
    }

    /**
     * Loads the native libraries and runs one picture through every codec, so that the first session does not pay for
     * it. A codec without an encoder is skipped: offers for it are refused later by name.
     */
    public static void warmUp(MediaSettings settings) {
        FramePool pool = new FramePool(1);
        for (VideoCodec codec : VideoCodec.values()) {
            if (canDecode(codec) && canEncode(codec, settings)) {
                warmUp(codec, pool, settings);
            }
        }
    }

    private static void warmUp(VideoCodec codec, FramePool pool, MediaSettings settings) {
        byte[] grey = new byte[PixelFormat.RGB24.bytes(PROBE_SIZE, PROBE_SIZE)];
        VideoFrame picture = VideoFrame.of(PixelFormat.RGB24, PROBE_SIZE, PROBE_SIZE, grey, 0);
        try (VideoEncoder encoder = VideoEncoder.open(probe(codec), settings);
                VideoDecoder decoder = VideoDecoder.open(codec, pool, settings)) {
            EncodedFrame encoded = encoder.encode(picture, true);
            decoder.decode(encoded).ifPresent(VideoFrame::release);
        }
    }

    private static VideoEncoder.Settings probe(VideoCodec codec) {
        return new VideoEncoder.Settings(codec, PROBE_SIZE, PROBE_SIZE, PROBE_FPS, PROBE_BITS_PER_SECOND);
    }

    static Optional<AVCodec> decoder(VideoCodec codec) {
        return Optional.ofNullable(avcodec_find_decoder(codec == VideoCodec.VP8 ? AV_CODEC_ID_VP8 : AV_CODEC_ID_H264));
    }
}
