package io.github.tachyscope.diffusion.sd.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.tachyscope.diffusion.sd.sampling.SigmaPath.Part;
import io.github.tachyscope.tensor.Noise;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.testkit.Fixtures;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Noise levels of a model, how they are spaced, and which of them a run goes through. */
class SigmaSpacingTest {
    private static final NoiseTable NOISE = NoiseTable.read(JsonNodeFactory.instance.objectNode());
    private static final SigmaTable TABLE = SigmaTable.of(NOISE, false);

    private final TensorScope scope = TensorScope.inference();

    @AfterEach
    void close() {
        scope.close();
    }

    private static Part whole(int steps) {
        return new Part(steps, 1, 0, 10_000, false);
    }

    @Test
    void theEndsOfTheTableAreThoseOfThePublishedModels() {
        assertEquals(0.0291675, TABLE.least(), 1e-6);
        assertEquals(14.614643, TABLE.most(), 1e-4);
        for (int t : new int[] {0, 1, 500, 998, 999}) {
            assertEquals(t, TABLE.timestep(TABLE.sigmaAt(t)), 1e-9);
            assertEquals(NOISE.sigma(t), TABLE.sigmaAt(t), 1e-5);
        }
        double between = Math.sqrt(TABLE.sigma(500) * TABLE.sigma(501));
        assertEquals(500.5, TABLE.timestep(between), 1e-9, "timesteps are linear in the logarithm");
        assertEquals(999, TABLE.timestep(100));
        assertEquals(0, TABLE.timestep(1e-3));
    }

    @Test
    void everySpacingFallsFromTheTopToZero() {
        for (SigmaSpacing spacing : SigmaSpacing.values()) {
            for (int steps : new int[] {1, 2, 7, 20, 50, 1000, 10_000}) {
                double[] sigmas = spacing.sigmas(TABLE, steps);
                String name = spacing + " " + steps;
                for (int i = 1; i < sigmas.length; i++) {
                    assertTrue(sigmas[i] < sigmas[i - 1], name + " at " + i);
                }
                assertEquals(0, sigmas[sigmas.length - 1], name);
                if (spacing != SigmaSpacing.DDIM_UNIFORM) {
                    assertEquals(TABLE.most(), sigmas[0], 1e-9, name);
                    assertTrue(sigmas.length <= steps + 1, name);
                }
                if (steps <= 50 && spacing != SigmaSpacing.DDIM_UNIFORM && spacing != SigmaSpacing.BETA) {
                    assertEquals(steps + 1, sigmas.length, name);
                }
            }
            assertEquals(spacing, SigmaSpacing.of(spacing.wireName()));
        }
    }

    @Test
    void spacingsFollowTheirFormulas() {
        double[] karras = SigmaSpacing.KARRAS.sigmas(TABLE, 10);
        double middle = Math.pow(Math.pow(TABLE.most(), 1 / 7.0) * 4 / 9 + Math.pow(TABLE.least(), 1 / 7.0) * 5 / 9, 7);
        assertEquals(middle, karras[5], 1e-9);
        assertEquals(TABLE.least(), karras[9], 1e-9);
        double[] exponential = SigmaSpacing.EXPONENTIAL.sigmas(TABLE, 3);
        assertEquals(Math.sqrt(TABLE.least() * TABLE.most()), exponential[1], 1e-9);
        assertArrayEquals(
                new double[] {TABLE.sigma(999), TABLE.sigma(749), TABLE.sigma(499), TABLE.sigma(249), 0},
                SigmaSpacing.SIMPLE.sigmas(TABLE, 4),
                1e-12);
        assertArrayEquals(
                new double[] {TABLE.sigma(999), TABLE.sigma(666), TABLE.sigma(333), TABLE.sigma(0), 0},
                SigmaSpacing.NORMAL.sigmas(TABLE, 4),
                1e-9);
        assertArrayEquals(
                new double[] {TABLE.sigma(999), TABLE.sigmaAt(749.25), TABLE.sigmaAt(499.5), TABLE.sigmaAt(249.75), 0},
                SigmaSpacing.SGM_UNIFORM.sigmas(TABLE, 4),
                1e-9);
        double[] ddim = SigmaSpacing.DDIM_UNIFORM.sigmas(TABLE, 4);
        assertArrayEquals(
                new double[] {TABLE.sigma(751), TABLE.sigma(501), TABLE.sigma(251), TABLE.sigma(1), 0}, ddim, 1e-12);
        assertEquals(32, SigmaSpacing.DDIM_UNIFORM.sigmas(TABLE, 30).length, "1000 is no multiple of 30");
    }

    @Test
    void theBetaDistributionIsSymmetricAndDenseAtItsEnds() {
        // With shape 1/2 it is the arcsine law, with shape 1 it is uniform.
        for (double x : new double[] {0.001, 0.2, 0.5, 0.77, 0.999}) {
            assertEquals(2 / Math.PI * Math.asin(Math.sqrt(x)), BetaDistribution.below(x, 0.5), 1e-12);
            assertEquals(x, BetaDistribution.below(x, 1), 1e-12);
            assertEquals(1 - BetaDistribution.below(x, 0.6), BetaDistribution.below(1 - x, 0.6), 1e-12);
        }
        BetaDistribution indices = new BetaDistribution(999, 0.6);
        assertEquals(0, indices.quantile(0));
        assertEquals(999, indices.quantile(1));
        for (int index = 1; index < 999; index++) {
            assertEquals(index, indices.quantile(BetaDistribution.below(index / 999.0, 0.6)));
        }
        double[] sigmas = SigmaSpacing.BETA.sigmas(TABLE, 20);
        for (int i = 0; i < 20; i++) {
            double low = 0;
            double high = 1;
            for (int halving = 0; halving < 60; halving++) {
                double middle = (low + high) / 2;
                if (BetaDistribution.below(middle, 0.6) < 1 - i / 20.0) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            assertEquals(TABLE.sigma((int) Math.rint(high * 999)), sigmas[i], "level " + i);
        }
    }

    @Test
    void aPartOfAScheduleIsTheEndOfALongerOneOrWhatLiesBetweenTwoSteps() {
        double[] whole = SigmaSpacing.KARRAS.sigmas(TABLE, 20);
        SigmaPath all = SigmaPath.of(TABLE, SigmaSpacing.KARRAS, whole(20));
        assertArrayEquals(whole, all.sigmas());
        assertTrue(all.fromTop());
        assertEquals(Math.sqrt(1 + whole[0] * whole[0]), all.entry());
        SigmaPath half = SigmaPath.of(TABLE, SigmaSpacing.KARRAS, new Part(10, 0.5, 0, 10_000, false));
        assertArrayEquals(Arrays.copyOfRange(whole, 10, 21), half.sigmas());
        assertFalse(half.fromTop());
        assertEquals(whole[10], half.entry());
        SigmaPath between = SigmaPath.of(TABLE, SigmaSpacing.KARRAS, new Part(20, 1, 5, 8, true));
        assertArrayEquals(Arrays.copyOfRange(whole, 5, 9), between.sigmas());
        double[] forced = Arrays.copyOfRange(whole, 5, 9);
        forced[3] = 0;
        assertArrayEquals(
                forced,
                SigmaPath.of(TABLE, SigmaSpacing.KARRAS, new Part(20, 1, 5, 8, false))
                        .sigmas());
        for (Part nothing : new Part[] {
            new Part(20, 0, 0, 10_000, false),
            new Part(20, 1, 20, 10_000, false),
            new Part(20, 1, 8, 8, true),
            new Part(20, 1, 0, 0, false)
        }) {
            assertEquals(0, SigmaPath.of(TABLE, SigmaSpacing.KARRAS, nothing).steps(), nothing.toString());
        }
        assertEquals(
                10_000,
                SigmaPath.of(TABLE, SigmaSpacing.EXPONENTIAL, new Part(10_000, 1e-9, 0, 10_000, false))
                        .steps());
    }

    @Test
    void aScheduleRescaledToNoSignalEndsNextToIt() {
        SigmaTable rescaled = SigmaTable.of(NOISE, true);
        assertEquals(TABLE.least(), rescaled.least(), 1e-6, "the first level stays");
        assertEquals(4096, rescaled.most(), 1);
        // What Lin et al. do to the signal in the middle of the table.
        double first = NOISE.signal(0);
        double last = NOISE.signal(999);
        double signal = (NOISE.signal(500) - last) * first / (first - last);
        assertEquals(Math.sqrt(1 - signal * signal) / signal, rescaled.sigma(500), 1e-5);
    }

    @Test
    void outputsOfEveryMeaningGiveTheCleanLatent() {
        Tensor clean = Noise.normal(1, Placement.CPU, 8);
        Tensor epsilon = Noise.normal(2, Placement.CPU, 8);
        for (Prediction prediction : Prediction.values()) {
            SigmaModel model = SigmaModel.of(NOISE, prediction, false, false);
            for (int t : new int[] {10, 500, 999}) {
                double sigma = model.table().sigmaAt(t);
                Tensor x = clean.add(epsilon, new org.bytedeco.pytorch.Scalar(sigma));
                Tensor output = switch (prediction) {
                    case EPSILON -> epsilon;
                    case SAMPLE -> clean;
                    case V -> SigmaSampler.sum(NOISE.signal(t), epsilon, -NOISE.noise(t), clean);
                };
                Fixtures.assertClose(prediction + " " + t, model.clean(x, output, sigma), clean, 2e-4);
                Fixtures.assertClose("input", model.input(x, sigma), NOISE.addNoise(clean, epsilon, t), 1e-4);
            }
        }
    }

    @Test
    void aConsistentModelIsAskedAtTheLevelsItWasDistilledAt() {
        SigmaModel model = SigmaModel.of(NOISE, Prediction.EPSILON, true, false);
        ConsistencySchedule reference = ConsistencySchedule.of(NOISE, 4, 50, 1);
        double[] sigmas = SigmaSpacing.SIMPLE.sigmas(model.table(), 4);
        for (int i = 0; i < 4; i++) {
            assertEquals(reference.timesteps()[i], model.table().timestep(sigmas[i]), 1e-9);
            Tensor x = Noise.normal(5, Placement.CPU, 8).mul(new org.bytedeco.pytorch.Scalar(sigmas[i]));
            Tensor output = Noise.normal(6, Placement.CPU, 8);
            Fixtures.assertClose(
                    "step " + i,
                    model.clean(x, output, sigmas[i]),
                    reference.denoised(model.input(x, sigmas[i]), output, i),
                    2e-4);
        }
    }

    /** The recorded steps of the reference's Euler schedulers, with levels of the model's table. */
    @Test
    void eulerStepsFollowTheTraces() {
        for (int steps : new int[] {1, 2, 4, 8}) {
            for (String variant : new String[] {"euler_trailing", "euler_trailing_v", "euler_a_trailing"}) {
                eulerTrace(variant + ".n" + steps);
            }
        }
    }

    private static void eulerTrace(String name) {
        try (SafetensorsFile io = Fixtures.io(Fixtures.folder("schedulers"))) {
            if (!io.entries().containsKey(name + ".timesteps")) {
                return;
            }
            int steps = (int) io.tensor(name + ".timesteps").numel();
            SigmaModel model =
                    SigmaModel.of(NOISE, name.contains("_v.") ? Prediction.V : Prediction.EPSILON, false, false);
            double[] sigmas = new double[steps + 1];
            for (int i = 0; i < steps; i++) {
                double timestep = io.tensor(name + ".timesteps").select(0, i).item_double();
                sigmas[i] = model.table().sigmaAt(timestep);
                assertEquals(io.tensor(name + ".sigmas").select(0, i).item_double(), sigmas[i], 1e-4, name);
                assertEquals(timestep, model.table().timestep(sigmas[i]), 1e-6, name);
            }
            SigmaSampler.Kind kind =
                    name.startsWith("euler_a") ? SigmaSampler.Kind.EULER_ANCESTRAL : SigmaSampler.Kind.EULER;
            SigmaSampler sampler = kind.along(new SigmaPath(sigmas, false));
            SigmaSampler.State at = SigmaSampler.begin(io.tensor(name + ".in.sample"));
            for (int i = 0; i < steps; i++) {
                int step = i;
                Fixtures.assertClose(
                        name, model.input(at.x(), sigmas[i]), io.tensor(name + ".out.model_input." + i), 5e-5);
                Tensor clean = model.clean(at.x(), io.tensor(name + ".in.model_output." + i), sigmas[i]);
                at = sampler.after(at, clean, () -> io.tensor(name + ".in.noise." + step));
                Fixtures.assertClose(name + " " + i, at.x(), io.tensor(name + ".out.prev_sample." + i), 5e-5);
            }
        }
    }
}
