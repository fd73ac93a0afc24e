package io.github.tachyscope.diffusion.sd.sampling;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Straight steps that go down further than the next level and come back up with fresh noise. */
final class AncestralSampler extends SigmaSampler {
    AncestralSampler(double[] sigmas) {
        super(sigmas);
    }

    /** Standard deviation of the noise that the way from one level to another replaces (Ho et al. 2020). */
    static double up(double from, double to) {
        return Math.min(to, Math.sqrt(to * to * (from * from - to * to) / (from * from)));
    }

    @Override
    public boolean stochastic() {
        return true;
    }

    @Override
    public State after(State at, Tensor clean, Supplier<Tensor> noise) {
        double from = sigmas[at.call()];
        double to = sigmas[at.call() + 1];
        if (to == 0) {
            return at.then(clean);
        }
        double up = up(from, to);
        Tensor lower = straight(at.x(), clean, from, Math.sqrt(to * to - up * up));
        return at.then(lower.add(noise.get(), new Scalar(up)));
    }
}
