package io.github.tachyscope.diffusion.streamdiffusion;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How a step gets from the denoiser's prediction to the next latents. */
enum Sampler {
    /** Latent consistency: what the stream batch is made of. */
    LCM,
    /** What SDXL-Lightning was distilled for. */
    EULER,
    /** What the Turbo models were distilled for. */
    EULER_ANCESTRAL;

    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    static List<String> wireNames() {
        return Arrays.stream(values()).map(Sampler::wireName).toList();
    }

    static Sampler of(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}
