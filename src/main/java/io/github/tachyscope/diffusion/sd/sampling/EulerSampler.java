package io.github.tachyscope.diffusion.sd.sampling;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** Straight steps along the probability flow (Karras et al. 2022, algorithm 1 without noise and correction). */
final class EulerSampler extends SigmaSampler {
    EulerSampler(double[] sigmas) {
        super(sigmas);
    }

    @Override
    public State after(State at, Tensor clean, Supplier<Tensor> noise) {
        return at.then(straight(at.x(), clean, sigmas[at.call()], sigmas[at.call() + 1]));
    }
}
