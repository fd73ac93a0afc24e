package io.github.tachyscope.diffusion.sd.model;

import io.github.tachyscope.diffusion.sd.vae.AutoencoderKl;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderTiny;
import io.github.tachyscope.tensor.Placement;
import org.bytedeco.pytorch.Tensor;

/** Pictures {@code [N, 3, H, W]} in -1 to 1 to latents of the denoiser and back, in the caller's scope. */
public sealed interface Codec {
    Tensor encode(Tensor pictures);

    /** Not clamped. */
    Tensor decode(Tensor latents);

    int latentChannels();

    /** Pixels per latent each way. */
    int reduction();

    /** @param placement of the network's weights */
    public record Tiny(AutoencoderTiny network, Placement placement) implements Codec {
        @Override
        public Tensor encode(Tensor pictures) {
            return network.encode(placement.place(pictures));
        }

        @Override
        public Tensor decode(Tensor latents) {
            return network.decode(placement.place(latents));
        }

        @Override
        public int latentChannels() {
            return network.config().latentChannels();
        }

        @Override
        public int reduction() {
            return network.config().reduction();
        }
    }

    /**
     * Takes the mean of what the encoder says: a sample of it would need noise of its own, and a live picture is steadier
     * without.
     *
     * @param placement of the network's weights, which may be wider than the denoiser's
     */
    public record Full(AutoencoderKl network, Placement placement) implements Codec {
        @Override
        public Tensor encode(Tensor pictures) {
            return network.scale(network.encode(placement.place(pictures)).mean());
        }

        @Override
        public Tensor decode(Tensor latents) {
            return network.decode(placement.place(latents));
        }

        @Override
        public int latentChannels() {
            return network.config().latentChannels();
        }

        @Override
        public int reduction() {
            return network.config().reduction();
        }
    }
}
