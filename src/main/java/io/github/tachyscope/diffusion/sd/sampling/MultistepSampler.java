package io.github.tachyscope.diffusion.sd.sampling;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * DPM-Solver++(2M) (Lu et al. 2022): second order from the present answer of the model and the one before, one call for
 * each step; and the same for the reverse stochastic equation, which replaces the noise on its way.
 *
 * <p>Time is {@code -log sigma}; h is the length of a step in it.
 */
final class MultistepSampler extends SigmaSampler {
    private final boolean stochastic;

    MultistepSampler(double[] sigmas, boolean stochastic) {
        super(sigmas);
        this.stochastic = stochastic;
    }

    @Override
    public boolean stochastic() {
        return stochastic;
    }

    @Override
    public State after(State at, Tensor clean, Supplier<Tensor> noise) {
        int step = at.call();
        double to = sigmas[step + 1];
        if (to == 0) {
            return at.then(clean);
        }
        double h = Math.log(sigmas[step] / to);
        double gone = stochastic ? 2 * h : h;
        Tensor target = clean;
        if (step > 0) {
            double before = Math.log(sigmas[step - 1] / sigmas[step]);
            target = clean.add(clean.sub(at.past().get(0)), new Scalar(h / (2 * before)));
        }
        // exp(-h) is the ratio of the levels; the stochastic equation forgets twice as fast.
        Tensor next = sum(Math.exp(-gone), at.x(), -Math.expm1(-gone), target);
        if (stochastic) {
            next = next.add(noise.get(), new Scalar(to * Math.sqrt(-Math.expm1(-2 * h))));
        }
        return at.then(next, clean);
    }
}
