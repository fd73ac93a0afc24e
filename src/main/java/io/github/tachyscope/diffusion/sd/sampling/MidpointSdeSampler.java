package io.github.tachyscope.diffusion.sd.sampling;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * DPM-Solver++(2S) (Lu et al. 2022) with ancestral noise: the answer at the middle of a step, in time {@code -log sigma},
 * leads from its beginning to its end. Two calls for each step, one for a step to 0.
 */
final class MidpointSdeSampler extends SigmaSampler {
    MidpointSdeSampler(double[] sigmas) {
        super(sigmas);
    }

    @Override
    public int calls() {
        int steps = sigmas.length - 1;
        return sigmas[steps] == 0 ? 2 * steps - 1 : 2 * steps;
    }

    @Override
    public double sigma(int call) {
        int step = call / 2;
        return call % 2 == 0 ? sigmas[step] : middle(step);
    }

    private double middle(int step) {
        return Math.sqrt(sigmas[step] * sigmas[step + 1]);
    }

    @Override
    public boolean stochastic() {
        return true;
    }

    @Override
    public State after(State at, Tensor clean, Supplier<Tensor> noise) {
        int step = at.call() / 2;
        double from = sigmas[step];
        double to = sigmas[step + 1];
        if (to == 0) {
            return at.then(clean);
        }
        return at.call() % 2 == 0
                ? at.then(renoised(at.x(), clean, from, middle(step), noise), at.x())
                : at.then(renoised(at.past().get(0), clean, from, to, noise));
    }

    private static Tensor renoised(Tensor x, Tensor clean, double from, double to, Supplier<Tensor> noise) {
        double up = AncestralSampler.up(from, to);
        return straight(x, clean, from, Math.sqrt(to * to - up * up)).add(noise.get(), new Scalar(up));
    }
}
