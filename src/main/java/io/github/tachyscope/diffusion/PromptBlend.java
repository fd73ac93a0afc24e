package io.github.tachyscope.diffusion;

import java.util.Arrays;
import java.util.List;

/**
 * Arithmetic on prompt embeddings: several prompts to one, and the way from one to another.
 *
 * <p>An embedding is a row of tokens, each of {@code features} numbers, in one array.
 */
public final class PromptBlend {
    /** Below this angle the spherical formula divides by almost nothing. */
    private static final double LEAST_ANGLE = 1e-4;

    private PromptBlend() {}

    /** The weights divided by their sum; all equal if the sum is 0. */
    public static double[] normalise(double[] weights) {
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights)
                .map(weight -> sum > 0 ? weight / sum : 1.0 / weights.length)
                .toArray();
    }

    /** The weighted sum, rescaled to the weighted sum of the norms. */
    public static float[] linear(List<float[]> embeddings, double[] weights) {
        if (embeddings.size() == 1) {
            return embeddings.get(0).clone();
        }
        double[] share = normalise(weights);
        double[] sum = new double[embeddings.get(0).length];
        double wanted = 0;
        for (int p = 0; p < embeddings.size(); p++) {
            float[] embedding = embeddings.get(p);
            wanted += share[p] * norm(embedding);
            for (int i = 0; i < sum.length; i++) {
                sum[i] += share[p] * embedding[i];
            }
        }
        double square = 0;
        for (double value : sum) {
            square += value * value;
        }
        double scale = square > 0 ? wanted / Math.sqrt(square) : 1;
        float[] blended = new float[sum.length];
        for (int i = 0; i < sum.length; i++) {
            blended[i] = (float) (sum[i] * scale);
        }
        return blended;
    }

    /** The plain weighted mean, for models that were trained on it. */
    public static float[] mean(List<float[]> embeddings, double[] weights) {
        if (embeddings.size() == 1) {
            return embeddings.get(0).clone();
        }
        double[] share = normalise(weights);
        float[] mean = new float[embeddings.get(0).length];
        for (int i = 0; i < mean.length; i++) {
            double sum = 0;
            for (int p = 0; p < share.length; p++) {
                sum += share[p] * embeddings.get(p)[i];
            }
            mean[i] = (float) sum;
        }
        return mean;
    }

    /** Weights as for {@link #linear}; spherical between exactly two prompts, else linear. */
    public static float[] blend(List<float[]> embeddings, double[] weights, boolean slerp, int features) {
        if (slerp && embeddings.size() == 2) {
            return slerp(embeddings.get(0), embeddings.get(1), normalise(weights)[1], features);
        }
        return linear(embeddings, weights);
    }

    public static float[] lerp(float[] from, float[] to, double t) {
        float[] between = new float[from.length];
        for (int i = 0; i < between.length; i++) {
            between[i] = (float) ((1 - t) * from[i] + t * to[i]);
        }
        return between;
    }

    /** Spherical interpolation per token; plain where all tokens point the same way. */
    public static float[] slerp(float[] from, float[] to, double t, int features) {
        int tokens = from.length / features;
        double[] angles = new double[tokens];
        double widest = 0;
        for (int token = 0; token < tokens; token++) {
            angles[token] = angle(from, to, token * features, features);
            widest = Math.max(widest, angles[token]);
        }
        if (widest < LEAST_ANGLE) {
            return lerp(from, to, t);
        }
        float[] between = new float[from.length];
        for (int i = 0; i < between.length; i++) {
            double omega = angles[Math.min(i / features, tokens - 1)];
            double sine = StrictMath.sin(omega);
            double a = sine < LEAST_ANGLE ? 1 - t : StrictMath.sin((1 - t) * omega) / sine;
            double b = sine < LEAST_ANGLE ? t : StrictMath.sin(t * omega) / sine;
            between[i] = (float) (a * from[i] + b * to[i]);
        }
        return between;
    }

    private static double angle(float[] from, float[] to, int offset, int features) {
        double dot = 0;
        double a = 0;
        double b = 0;
        for (int i = offset; i < offset + features; i++) {
            dot += (double) from[i] * to[i];
            a += (double) from[i] * from[i];
            b += (double) to[i] * to[i];
        }
        double norms = Math.sqrt(a * b);
        return norms == 0 ? 0 : StrictMath.acos(Math.max(-1, Math.min(1, dot / norms)));
    }

    public static double distance(float[] one, float[] other) {
        double square = 0;
        for (int i = 0; i < one.length; i++) {
            double difference = (double) one[i] - other[i];
            square += difference * difference;
        }
        return Math.sqrt(square);
    }

    private static double norm(float[] embedding) {
        double square = 0;
        for (float value : embedding) {
            square += (double) value * value;
        }
        return Math.sqrt(square);
    }
}
