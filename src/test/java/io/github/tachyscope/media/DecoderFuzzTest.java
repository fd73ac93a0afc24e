package io.github.tachyscope.media;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.tachyscope.config.MediaSettings;
import io.github.tachyscope.frame.EncodedFrame;
import io.github.tachyscope.frame.FramePool;
import io.github.tachyscope.frame.VideoCodec;
import io.github.tachyscope.frame.VideoFrame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Mutated frames, with key frames in between so that the damage reaches the depths of the decoder. */
class DecoderFuzzTest {
    private static final MediaSettings SETTINGS = new MediaSettings(List.of("libopenh264"), 1, 256, 256);
    private static final int INPUTS = 20_000;
    private static final int SIZE = 64;

    @ParameterizedTest
    @EnumSource
    void survivesMutatedFramesAndThenDecodesAGoodOne(VideoCodec codec) {
        long seed = 0x7ac4e5c09eL + codec.ordinal();
        Random random = new Random(seed);
        List<EncodedFrame> corpus = corpus(codec);
        FramePool pool = new FramePool(2);
        int decoded = 0;
        int refused = 0;
        try (VideoDecoder decoder = VideoDecoder.open(codec, pool, SETTINGS)) {
            for (int i = 0; i < INPUTS; i++) {
                EncodedFrame good = corpus.get(random.nextInt(corpus.size()));
                byte[] data = random.nextInt(4) == 0 ? good.data() : mutate(good.data(), random);
                EncodedFrame input = new EncodedFrame(codec, data, good.keyFrame() || random.nextInt(3) == 0, i);
                try {
                    Optional<VideoFrame> picture = decoder.decode(input);
                    decoded += picture.isPresent() ? 1 : 0;
                    picture.ifPresent(VideoFrame::release);
                } catch (CodecFailure expected) {
                    refused++;
                } catch (RuntimeException unexpected) {
                    fail("seed " + seed + ", input " + i, unexpected);
                }
            }
            assertTrue(decoded > INPUTS / 20 && refused > INPUTS / 20, decoded + " decoded, " + refused + " refused");
            VideoFrame last = firstGood(decoder, corpus.get(0));
            assertTrue(Pictures.psnr(Pictures.i420(SIZE, SIZE, 0, 0), last) > 28, "seed " + seed);
        }
    }

    /** The input before may have left headers that hold pictures back: it may cost one more key frame. */
    private static VideoFrame firstGood(VideoDecoder decoder, EncodedFrame key) {
        try {
            return decoder.decode(key).orElseThrow();
        } catch (CodecFailure leftover) {
            return decoder.decode(key).orElseThrow();
        }
    }

    private static List<EncodedFrame> corpus(VideoCodec codec) {
        List<EncodedFrame> corpus = new ArrayList<>();
        VideoEncoder.Settings settings = new VideoEncoder.Settings(codec, SIZE, SIZE, 30, 400_000);
        try (VideoEncoder encoder = VideoEncoder.open(settings, SETTINGS)) {
            for (int i = 0; i < 12; i++) {
                corpus.add(encoder.encode(Pictures.i420(SIZE, SIZE, i, i * 33_333L), i % 4 == 0));
            }
        }
        return corpus;
    }

    private static byte[] mutate(byte[] good, Random random) {
        byte[] data = random.nextInt(4) == 0 ? Arrays.copyOf(good, random.nextInt(good.length + 9)) : good.clone();
        int reach = random.nextBoolean() ? Math.min(data.length, 40) : data.length;
        for (int n = random.nextInt(6); n > 0 && data.length > 0; n--) {
            int at = random.nextInt(reach);
            data[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (data[at] ^ 1 << random.nextInt(8));
        }
        return data;
    }
}
