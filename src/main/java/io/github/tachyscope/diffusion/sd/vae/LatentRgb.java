package io.github.tachyscope.diffusion.sd.vae;

import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Colours from latents by one linear map, without a decoder: {@code rgb = F x + bias} for each place, -1 to 1.
 *
 * <p>Computed outside the device: its share of the work is one copy of some ten thousand numbers, less than it takes to
 * start the operations.
 */
public final class LatentRgb {
    /** Stable Diffusion 1.x and 2.x, for latents that are scaled by 0.18215. */
    public static final LatentRgb SD15 = new LatentRgb(
            new float[][] {
                {0.3512f, 0.2297f, 0.3227f},
                {0.3250f, 0.4974f, 0.2350f},
                {-0.2829f, 0.1762f, 0.2721f},
                {-0.2120f, -0.2616f, -0.7177f}
            },
            new float[] {0, 0, 0});

    /** SDXL, for latents that are scaled by 0.13025. */
    public static final LatentRgb SDXL = new LatentRgb(
            new float[][] {
                {0.3651f, 0.4232f, 0.4341f},
                {-0.2533f, -0.0042f, 0.1068f},
                {0.1076f, 0.1111f, -0.0362f},
                {-0.3165f, -0.2492f, -0.2188f}
            },
            new float[] {0.1084f, -0.0175f, -0.0011f});

    /** Wan 2.1, for latents as its sampler has them: normalised by channel. */
    public static final LatentRgb WAN21 = new LatentRgb(
            new float[][] {
                {-0.1299f, -0.1692f, 0.2932f},
                {0.0671f, 0.0406f, 0.0442f},
                {0.3568f, 0.2548f, 0.1747f},
                {0.0372f, 0.2344f, 0.1420f},
                {0.0313f, 0.0189f, -0.0328f},
                {0.0296f, -0.0956f, -0.0665f},
                {-0.3477f, -0.4059f, -0.2925f},
                {0.0166f, 0.1902f, 0.1975f},
                {-0.0412f, 0.0267f, -0.1364f},
                {-0.1293f, 0.0740f, 0.1636f},
                {0.0680f, 0.3019f, 0.1128f},
                {0.0032f, 0.0581f, 0.0639f},
                {-0.1251f, 0.0927f, 0.1699f},
                {0.0060f, -0.0633f, 0.0005f},
                {0.3477f, 0.2275f, 0.2950f},
                {0.1984f, 0.0913f, 0.1861f}
            },
            new float[] {-0.1835f, -0.0868f, -0.3360f});

    private static final int COLOURS = 3;

    private final float[][] factors;
    private final float[] bias;

    /**
     * @param factors by channel, then red, green and blue
     * @param bias red, green and blue of a latent of zeros
     */
    public LatentRgb(float[][] factors, float[] bias) {
        this.factors = factors;
        this.bias = bias;
    }

    public int channels() {
        return factors.length;
    }

    /**
     * The pictures of one item, of the size of the latents.
     *
     * @param latents {@code [1, C, H, W]} for one picture, {@code [1, C, T, H, W]} for one each of T; on any device
     */
    public List<VideoFrame> pictures(Tensor latents, long ptsMicros) {
        boolean still = latents.dim() == 4;
        int times = still ? 1 : (int) latents.size(2);
        int height = (int) latents.size(still ? 2 : 3);
        int width = (int) latents.size(still ? 3 : 4);
        float[] numbers = new float[factors.length * times * height * width];
        if (latents.numel() != numbers.length) {
            throw new IllegalArgumentException("not the latents of one item with " + factors.length + " channels");
        }
        try (TensorScope scope = TensorScope.inference()) {
            new FloatPointer(latents.to(ScalarType.Float).cpu().contiguous().data_ptr()).get(numbers);
        }
        List<VideoFrame> pictures = new ArrayList<>();
        for (int time = 0; time < times; time++) {
            pictures.add(picture(numbers, time, times, width, height, ptsMicros));
        }
        return pictures;
    }

    /**
     * One picture.
     *
     * @param latents {@code [C, H, W]}
     */
    public VideoFrame picture(float[] latents, int width, int height, long ptsMicros) {
        return picture(latents, 0, 1, width, height, ptsMicros);
    }

    private VideoFrame picture(float[] latents, int time, int times, int width, int height, long ptsMicros) {
        int places = width * height;
        byte[] rgb = new byte[PixelFormat.RGB24.bytes(width, height)];
        for (int place = 0; place < places; place++) {
            float red = bias[0];
            float green = bias[1];
            float blue = bias[2];
            int at = time * places + place;
            for (float[] factor : factors) {
                float value = latents[at];
                red += value * factor[0];
                green += value * factor[1];
                blue += value * factor[2];
                at += times * places;
            }
            rgb[COLOURS * place] = toByte(red);
            rgb[COLOURS * place + 1] = toByte(green);
            rgb[COLOURS * place + 2] = toByte(blue);
        }
        return VideoFrame.of(PixelFormat.RGB24, width, height, rgb, ptsMicros);
    }

    private static byte toByte(float colour) {
        return (byte) (Math.max(0, Math.min(1, (colour + 1) / 2)) * 255);
    }
}
