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
