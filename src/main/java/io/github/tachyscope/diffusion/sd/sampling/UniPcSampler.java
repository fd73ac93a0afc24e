package io.github.tachyscope.diffusion.sd.sampling;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * UniPC (Zhao et al. 2023): a multistep predictor up to third order, and a corrector of one order more that uses the
 * answer which the next step needs anyway. One call for each step; the order falls towards the end.
 *
 * <p>Time is {@code -log sigma}. What is remembered between two calls: the corrected latent of the step before, then the
 * answers at its level and those before it, the newest first.
 */
final class UniPcSampler extends SigmaSampler {
    private static final int MOST_ORDER = 3;

    /** Which function of the step's length the method calls B(h): the length itself, or how much it forgets. */
    private final boolean second;

    UniPcSampler(double[] sigmas, boolean second) {
        super(sigmas);
        this.second = second;
    }

    private double time(int level) {
        return -Math.log(sigmas[level]);
    }

    private int order(int step) {
        return Math.min(MOST_ORDER, Math.min(step + 1, sigmas.length - 1 - step));
    }

    @Override
    public State after(State at, Tensor clean, Supplier<Tensor> noise) {
        int step = at.call();
        List<Tensor> answers = new ArrayList<>(List.of(clean));
        Tensor x = at.x();
        if (step > 0) {
            List<Tensor> before = at.past().subList(1, at.past().size());
            x = moved(at.past().get(0), before, step - 1, true, clean);
            answers.addAll(before.subList(0, Math.min(before.size(), MOST_ORDER - 1)));
        }
        Tensor next = sigmas[step + 1] == 0 ? clean : moved(x, answers, step, false, clean);
        List<Tensor> past = new ArrayList<>(List.of(x));
        past.addAll(answers);
        return new State(step + 1, next, past);
    }

    /**
     * From the beginning of a step to its end.
     *
     * @param answers at the beginning of the step and before it, the newest first
     * @param corrected whether the answer at the end is known
     */
    private Tensor moved(Tensor x, List<Tensor> answers, int step, boolean corrected, Tensor end) {
        int order = order(step);
        double h = time(step + 1) - time(step);
        // Where the other answers lie, in units of the step; the end lies at 1.
        List<Double> places = new ArrayList<>();
        List<Tensor> slopes = new ArrayList<>();
        for (int i = 1; i < order; i++) {
            double place = (time(step - i) - time(step)) / h;
            places.add(place);
            slopes.add(answers.get(i).sub(answers.get(0)).div(new Scalar(place)));
        }
        if (corrected) {
            places.add(1.0);
            slopes.add(end.sub(answers.get(0)));
        }
        double forgotten = Math.expm1(-h);
        Tensor next = sum(sigmas[step + 1] / sigmas[step], x, -forgotten, answers.get(0));
        double[] shares = shares(places, h);
        double scale = second ? forgotten : -h;
        for (int i = 0; i < shares.length; i++) {
            next = next.add(slopes.get(i), new Scalar(-scale * shares[i]));
        }
        return next;
    }

    /** The weights with which the slopes cancel the error terms up to their number. */
    private double[] shares(List<Double> places, double h) {
        int count = places.size();
        if (count == 1) {
            // What the method settles on: for one slope every weight near it has the same order.
            return new double[] {0.5};
        }
        double scale = second ? Math.expm1(-h) : -h;
        double[][] rows = new double[count][count + 1];
        double phi = Math.expm1(-h) / -h - 1;
        double factorial = 1;
        for (int k = 0; k < count; k++) {
            for (int i = 0; i < count; i++) {
                rows[k][i] = Math.pow(places.get(i), k);
            }
            rows[k][count] = phi * factorial / scale;
            factorial *= k + 2;
            phi = phi / -h - 1 / factorial;
        }
        return solved(rows);
    }

    /** Gauss elimination; the places differ, so there is always an answer. */
    private static double[] solved(double[][] rows) {
        int count = rows.length;
        for (int pivot = 0; pivot < count; pivot++) {
            for (int row = 0; row < count; row++) {
                if (row != pivot) {
                    double factor = rows[row][pivot] / rows[pivot][pivot];
                    for (int column = pivot; column <= count; column++) {
                        rows[row][column] -= factor * rows[pivot][column];
                    }
                }
            }
        }
        double[] solution = new double[count];
        for (int i = 0; i < count; i++) {
            solution[i] = rows[i][count] / rows[i][i];
        }
        return solution;
    }
}
