package io.github.tachyscope.diffusion.sd.model;

import io.github.tachyscope.diffusion.sd.unet.UNetConfig;
import java.util.Optional;

/** The families of models, told apart by the form of their denoiser. */
public enum Base {
    SD1("SD 1.x", "madebyollin/taesd", Optional.of("latent-consistency/lcm-lora-sdv1-5")),
    SD2("SD 2.x", "madebyollin/taesd", Optional.empty()),
    SDXL("SDXL", "madebyollin/taesdxl", Optional.of("latent-consistency/lcm-lora-sdxl"));

    final String label;
    /** Repository of the tiny autoencoder for its latents. */
    final String tinyAutoencoder;
    /** Repository of the adapter that lets it make do with a few steps, where one was published. */
    final Optional<String> lcmLora;

    Base(String label, String tinyAutoencoder, Optional<String> lcmLora) {
        this.label = label;
        this.tinyAutoencoder = tinyAutoencoder;
        this.lcmLora = lcmLora;
    }

    public static Base of(UNetConfig denoiser) {
        if (denoiser.addedTime().isPresent()) {
            return SDXL;
        }
        return denoiser.linearProjection() ? SD2 : SD1;
    }
}
