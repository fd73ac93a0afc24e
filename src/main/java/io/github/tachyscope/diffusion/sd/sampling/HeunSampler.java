package io.github.tachyscope.diffusion.sd.sampling;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Second-order steps along the probability flow (Karras et al. 2022, algorithm 1 without noise): the slope is the mean of
 * those at both ends, which takes two calls, but one for a step to 0.
 */
final class HeunSampler extends SigmaSampler {
    HeunSampler(double[] sigmas) {
        super(sigmas);
    }

    @Override
    public int calls() {
        int steps = sigmas.length - 1;
        return sigmas[steps] == 0 ? 2 * steps - 1 : 2 * steps;
    }

    @Override
    public double sigma(int call) {
        return sigmas[(call + 1) / 2];
    }

    @Override
    public State after(State at, Tensor clean, Supplier<Tensor> noise) {
        int step = at.call() / 2;
        double from = sigmas[step];
        double to = sigmas[step + 1];
        if (at.call() % 2 == 0) {
            Tensor end = straight(at.x(), clean, from, to);
            return to == 0 ? at.then(end) : at.then(end, at.x(), slope(at.x(), clean, from));
        }
        Tensor both = at.past().get(1).add(slope(at.x(), clean, to));
        return at.then(at.past().get(0).add(both, new Scalar((to - from) / 2)));
    }

    private static Tensor slope(Tensor x, Tensor clean, double sigma) {
        return x.sub(clean).div(new Scalar(sigma));
    }
}
