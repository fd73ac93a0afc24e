package io.github.tachyscope.diffusion.sd.sampling;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Jumps to the clean latent and back up with fresh noise: few steps with a consistency model (Luo et al. 2023). */
final class ConsistencySampler extends SigmaSampler {
    ConsistencySampler(double[] sigmas) {
        super(sigmas);
    }

    @Override
    public boolean stochastic() {
        return true;
    }

    @Override
    public State after(State at, Tensor clean, Supplier<Tensor> noise) {
        double to = sigmas[at.call() + 1];
        return at.then(to == 0 ? clean : clean.add(noise.get(), new Scalar(to)));
    }
}
