package io.github.tachyscope.diffusion.sd.model;

import io.github.tachyscope.tensor.Noise;
import io.github.tachyscope.tensor.Placement;
import org.bytedeco.pytorch.Tensor;

/** The random numbers of a session, fp32 on the CPU, in the caller's scope; always the same for the same arguments. */
public interface NoiseSource {
    /** Drawn from the seeds by PyTorch's CPU generator, so that results do not depend on the device. */
    NoiseSource DRAWN = new NoiseSource() {
        @Override
        public Tensor ofSteps(Seeds seeds, int steps, long... latent) {
            return seeds.noise(seed -> Noise.normal(seed, Placement.CPU, steps, latent[0], latent[1], latent[2]));
        }

        @Override
        public Tensor ofPicture(Seeds seeds, long picture, int step, int frames, long... latent) {
            return seeds.noise(seed ->
                    Noise.normal(mixed(seed, picture, step), Placement.CPU, frames, latent[0], latent[1], latent[2]));
        }

        // The generator looks at the low half of its seed only, so every part has to reach it.
        private long mixed(long seed, long picture, int step) {
            long mixed = seed * 0x9E3779B97F4A7C15L + picture * 0xBF58476D1CE4E5B9L + step * 0x94D049BB133111EBL;
            mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L;
            mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
            return (mixed ^ mixed >>> 31) >>> 1;
        }
    };

    /**
     * The fixed noise of each step of a stream, {@code [steps, C, h, w]}; the same for every frame, which keeps the picture
     * steady.
     */
    Tensor ofSteps(Seeds seeds, int steps, long... latent);

    /**
     * Fresh noise for a picture from text alone, {@code [frames, C, h, w]}.
     *
     * @param step 0 is what the picture begins as, k what is added before step k
     */
    Tensor ofPicture(Seeds seeds, long picture, int step, int frames, long... latent);
}
