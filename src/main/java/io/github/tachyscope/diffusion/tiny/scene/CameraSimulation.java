package io.github.tachyscope.diffusion.tiny.scene;

/**
 * Makes a drawing look taken by a camera: lens blur, uneven light, vignette, exposure, white balance, gamma, contrast,
 * saturation and a little sensor noise.
 */
final class CameraSimulation {
    /** Entries of the tone curve from 0 to 2; a power per value would cost more than the whole drawing. */
    private static final int TONES = 2048;

    private CameraSimulation() {}

    static Picture take(Canvas canvas, Dice dice, boolean mirrored) {
        int width = canvas.width();
        int height = canvas.height();
        float[] pixels = canvas.pixels();
        if (dice.chance(0.7f)) {
            Blur.slight(pixels, width, height, dice.between(0.02f, 0.22f));
        }
        float[] light = light(dice, width, height);
        float exposure = dice.between(0.72f, 1.25f) * automatic(pixels);
        float warmth = dice.around(0.12f);
        float green = dice.around(0.04f);
        float[] gains = {
            exposure * (1 + warmth), exposure * (1 + green), exposure * (1 - warmth),
        };
        float[] tones = tones(dice);
        float saturation = dice.between(0.65f, 1.25f);
        float noise = dice.chance(0.6f) ? dice.between(0, 0.012f) : 0;
        float[] taken = new float[pixels.length];
        int plane = width * height;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int from = y * width + x;
                int to = mirrored ? y * width + width - 1 - x : from;
                float r = tone(tones, pixels[from] * light[from] * gains[0]);
                float g = tone(tones, pixels[from + plane] * light[from] * gains[1]);
                float b = tone(tones, pixels[from + 2 * plane] * light[from] * gains[2]);
                float luma = 0.299f * r + 0.587f * g + 0.114f * b;
                taken[to] = Curve.clamp(luma + saturation * (r - luma) + grain(dice, noise));
                taken[to + plane] = Curve.clamp(luma + saturation * (g - luma) + grain(dice, noise));
                taken[to + 2 * plane] = Curve.clamp(luma + saturation * (b - luma) + grain(dice, noise));
            }
        }
        return new Picture(width, height, taken);
    }

    /** A camera brightens dark scenes and darkens bright ones, half of the way to a middle grey. */
    private static float automatic(float[] pixels) {
        float sum = 0;
        for (float value : pixels) {
            sum += Math.min(1, value);
        }
        float mean = Math.max(0.02f, sum / pixels.length);
        return Math.max(0.8f, Math.min(2.2f, Curve.root(0.42f / mean)));
    }

    private static float grain(Dice dice, float noise) {
        return noise == 0 ? 0 : noise * dice.normal();
    }

    private static float tone(float[] tones, float value) {
        float at = Math.max(0, Math.min(1.999f, value)) * (TONES / 2f);
        int index = (int) at;
        return tones[index] + (at - index) * (tones[index + 1] - tones[index]);
    }

    /** Gamma and contrast, with a shoulder instead of a hard white. */
    private static float[] tones(Dice dice) {
        float gamma = dice.between(0.75f, 1.35f);
        float contrast = dice.between(0.8f, 1.25f);
        float lift = dice.chance(0.3f) ? dice.between(0, 0.08f) : 0;
        float[] tones = new float[TONES + 2];
        for (int i = 0; i < tones.length; i++) {
            float value = i * 2f / TONES;
            float rolled = value < 0.8f ? value : 0.8f + 0.2f * (1 - 1 / (1 + (value - 0.8f) * 5));
            tones[i] = lift + (1 - lift) * (0.5f + contrast * (Curve.power(rolled, gamma) - 0.5f));
        }
        return tones;
    }

    /** Vignette and one large soft field of light or shadow. */
    private static float[] light(Dice dice, int width, int height) {
        float vignette = dice.chance(0.6f) ? dice.between(0, 0.45f) : 0;
        float centreX = width * dice.between(0.4f, 0.6f);
        float centreY = height * dice.between(0.4f, 0.6f);
        float depth = dice.chance(0.7f) ? dice.between(0.1f, 0.8f) : 0;
        Noise field = new Noise(dice, width * dice.between(1.5f, 4));
        float slopeX = dice.around(0.3f) * depth / width;
        float slopeY = dice.around(0.3f) * depth / height;
        float reach = 2f / (width * width + height * height);
        float[] light = new float[width * height];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                float dx = x - centreX;
                float dy = y - centreY;
                float fall = 1 - vignette * 1.6f * (dx * dx + dy * dy) * reach;
                float soft = 1 + depth * (field.at(x, y) - 0.5f) + slopeX * dx + slopeY * dy;
                light[y * width + x] = fall * soft;
            }
        }
        return light;
    }
}
