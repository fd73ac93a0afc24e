package io.github.tachyscope.diffusion.sd.sampling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How the noise levels of a sampling run lie between the highest and the lowest of a model. */
public enum SigmaSpacing {
    /** Levels of the model's table at equal distances, the highest among them. */
    SIMPLE {
        @Override
        List<Double> levels(SigmaTable table, int steps) {
            double stride = (double) table.size() / steps;
            return count(steps, i -> table.sigma(table.size() - 1 - (int) (i * stride)));
        }
    },
    /** Timesteps at equal distances from the highest to the lowest. */
    NORMAL {
        @Override
        List<Double> levels(SigmaTable table, int steps) {
            return timesteps(table, steps, steps - 1);
        }
    },
    /** The same where the lowest timestep would be the one after the last: for models distilled to few steps. */
    SGM_UNIFORM {
        @Override
        List<Double> levels(SigmaTable table, int steps) {
            return timesteps(table, steps, steps);
        }
    },
    /** Denser the lower: the power 1/7 of the levels lies on a line (Karras et al. 2022). */
    KARRAS {
        @Override
        List<Double> levels(SigmaTable table, int steps) {
            double high = Math.pow(table.most(), 1 / RHO);
            double low = Math.pow(table.least(), 1 / RHO);
            return count(steps, i -> Math.pow(high + share(i, steps - 1) * (low - high), RHO));
        }
    },
    /** Logarithms on a line. */
    EXPONENTIAL {
        @Override
        List<Double> levels(SigmaTable table, int steps) {
            double high = Math.log(table.most());
            double low = Math.log(table.least());
            return count(steps, i -> Math.exp(high + share(i, steps - 1) * (low - high)));
        }
    },
    /**
     * Every so many of the table's levels from the second on, as in the first implementation of DDIM (Song et al. 2020);
     * one more than asked for where the number of levels is no multiple of the steps.
     */
    DDIM_UNIFORM {
        @Override
        List<Double> levels(SigmaTable table, int steps) {
            int stride = Math.max(1, table.size() / steps);
            List<Double> levels = new ArrayList<>();
            for (int index = 1; index < table.size(); index += stride) {
                levels.add(0, table.sigma(index));
            }
            return levels;
        }
    },
    /** Denser at both ends: timesteps at equal shares of a beta distribution (Lee et al. 2024). */
    BETA {
        @Override
        List<Double> levels(SigmaTable table, int steps) {
            BetaDistribution indices = new BetaDistribution(table.size() - 1, BETA_SHAPE);
            return count(steps, i -> table.sigma(indices.quantile(1 - (double) i / steps)));
        }
    };

    private static final double RHO = 7;
    private static final double BETA_SHAPE = 0.6;

    private interface Level {
        double at(int step);
    }

    /** Falling; without the end at 0. */
    abstract List<Double> levels(SigmaTable table, int steps);

    /** Falling; the last is 0. A level that would come twice in a row comes once. */
    public double[] sigmas(SigmaTable table, int steps) {
        List<Double> sigmas = new ArrayList<>();
        for (double level : levels(table, steps)) {
            if (sigmas.isEmpty() || level < sigmas.get(sigmas.size() - 1)) {
                sigmas.add(level);
            }
        }
        sigmas.add(0.0);
        return sigmas.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static List<Double> count(int steps, Level level) {
        List<Double> levels = new ArrayList<>(steps);
        for (int i = 0; i < steps; i++) {
            levels.add(level.at(i));
        }
        return levels;
    }

    private static List<Double> timesteps(SigmaTable table, int steps, int last) {
        double high = table.lastTimestep();
        double low = table.firstTimestep();
        return count(steps, i -> table.sigmaAt(high + share(i, last) * (low - high)));
    }

    private static double share(int i, int last) {
        return last == 0 ? 0 : (double) i / last;
    }

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static List<String> wireNames() {
        return Arrays.stream(values()).map(SigmaSpacing::wireName).toList();
    }

    public static SigmaSpacing of(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}
