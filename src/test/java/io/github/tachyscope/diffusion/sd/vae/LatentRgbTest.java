package io.github.tachyscope.diffusion.sd.vae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class LatentRgbTest {
    private static int[] colour(LatentRgb table, float... latent) {
        return colour(table.picture(latent, 1, 1, 0), 0);
    }

    private static int[] colour(VideoFrame picture, int place) {
        byte[] rgb = picture.data();
        return new int[] {rgb[3 * place] & 0xff, rgb[3 * place + 1] & 0xff, rgb[3 * place + 2] & 0xff};
    }

    private static float[] random(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextDouble(-2, 2);
        }
        return numbers;
    }

    @Test
    void showsNothingAsTheBias() {
        assertArrayEquals(new int[] {127, 127, 127}, colour(LatentRgb.SD15, new float[4]));
        assertArrayEquals(new int[] {141, 125, 127}, colour(LatentRgb.SDXL, new float[4]));
        assertArrayEquals(new int[] {104, 116, 84}, colour(LatentRgb.WAN21, new float[16]));
    }

    @Test
    void weighsTheChannels() {
        // (1 + 0.3512 + 2 x 0.3250) / 2 x 255 and so on, cut off.
        assertArrayEquals(new int[] {255, 255, 228}, colour(LatentRgb.SD15, 1, 2, 0, 0));
        assertArrayEquals(new int[] {122, 108, 56}, colour(LatentRgb.SD15, 0.5f, 0, 0, 1));
    }

    @Test
    void staysWithinBytes() {
        assertArrayEquals(new int[] {255, 255, 255}, colour(LatentRgb.SDXL, 100, 0, 0, 0));
        assertArrayEquals(new int[] {0, 0, 0}, colour(LatentRgb.SDXL, -100, 0, 0, 0));
    }

    @Test
    void knowsLatentsOfWanBeforeTheyAreNormalised() {
        float[] normalised = random(16, 3);
        float[] raw = new float[16];
        float[] mean = {
            -0.7571f, -0.7089f, -0.9113f, 0.1075f, -0.1745f, 0.9653f, -0.1517f, 1.5508f, 0.4134f, -0.0715f, 0.5517f,
            -0.3632f, -0.1922f, -0.9497f, 0.2503f, -0.2921f
        };
        float[] deviation = {
            2.8184f, 1.4541f, 2.3275f, 2.6558f, 1.2196f, 1.7708f, 2.6052f, 2.0743f, 3.2687f, 2.1526f, 2.8652f, 1.5579f,
            1.6382f, 1.1253f, 2.8251f, 1.9160f
        };
        for (int i = 0; i < raw.length; i++) {
            normalised[i] /= 4;
            raw[i] = normalised[i] * deviation[i] + mean[i];
        }
        int[] expected = colour(LatentRgb.WAN21, normalised);
        int[] shown = colour(LatentRgb.WAN21_UNNORMALISED, raw);
        for (int i = 0; i < 3; i++) {
            assertEquals(expected[i], shown[i], 1);
        }
    }

    @Test
    void readsPicturesOutOfTensorsInTheirOrder() {
        int width = 3;
        int height = 2;
        int times = 2;
        int places = width * height;
        float[] numbers = random(16 * times * places, 5);
        try (TensorScope scope = TensorScope.inference()) {
            List<VideoFrame> video = LatentRgb.WAN21.pictures(Tensor.create(numbers, 1, 16, times, height, width), 7);
            assertEquals(times, video.size());
            for (int time = 0; time < times; time++) {
                VideoFrame picture = video.get(time);
                assertEquals(PixelFormat.RGB24, picture.format());
                assertEquals(width, picture.width());
                assertEquals(height, picture.height());
                for (int place = 0; place < places; place++) {
                    float[] latent = new float[16];
                    for (int channel = 0; channel < 16; channel++) {
                        latent[channel] = numbers[(channel * times + time) * places + place];
                    }
                    assertArrayEquals(colour(LatentRgb.WAN21, latent), colour(picture, place));
                }
            }
            float[] still = Arrays.copyOf(numbers, 4 * places);
            VideoFrame one = LatentRgb.SD15
                    .pictures(Tensor.create(still, 1, 4, height, width), 7)
                    .get(0);
            assertArrayEquals(LatentRgb.SD15.picture(still, width, height, 7).data(), one.data());
            assertEquals(7, one.ptsMicros());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> LatentRgb.SD15.pictures(Tensor.create(numbers, 2, 16, 1, height, width), 0));
        }
    }
}
