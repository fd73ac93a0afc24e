package io.github.tachyscope.diffusion.tiny;

import io.github.tachyscope.diffusion.sd.vae.LatentRgb;

/** The colours of the bundled model's latents: a fit that {@code TinyColoursTest} makes anew and compares. */
final class TinyColours {
    static final LatentRgb TABLE = new LatentRgb(
            new float[][] {
                {-0.1049f, 0.7268f, 0.2704f},
                {0.4751f, 0.4030f, 0.3882f},
                {0.7703f, 0.3446f, 0.0409f},
                {0.0571f, -0.0439f, -0.1627f},
                {-0.2851f, -0.2254f, -0.1482f},
                {0.2343f, 0.3199f, 0.3441f},
                {-0.1325f, -0.0965f, 0.1126f},
                {-0.0493f, 0.2444f, -0.3546f},
                {0.0515f, 0.0668f, -0.1334f},
                {0.7776f, 0.3189f, 0.5440f},
                {-0.2911f, -0.1000f, -0.0531f},
                {0.4754f, 0.4495f, 0.4924f}
            },
            new float[] {-0.1678f, -0.2177f, -0.2738f});

    private TinyColours() {}
}
