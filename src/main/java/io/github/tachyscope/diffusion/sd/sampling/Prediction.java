package io.github.tachyscope.diffusion.sd.sampling;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** What a denoiser's output means, named as {@code prediction_type} of a scheduler's configuration. */
public enum Prediction {
    /** The noise in the latent (Ho et al. 2020). */
    EPSILON("epsilon"),
    /** Velocity (Salimans and Ho 2022). */
    V("v_prediction"),
    /** The clean latent itself. */
    SAMPLE("sample");

    private final String wireName;

    Prediction(String wireName) {
        this.wireName = wireName;
    }

    String wireName() {
        return wireName;
    }

    /** The clean latent that {@code output} implies for {@code x = signal * clean + noise * epsilon}. */
    Tensor clean(Tensor x, Tensor output, double signal, double noise) {
        return switch (this) {
            case EPSILON -> x.sub(output.mul(new Scalar(noise))).div(new Scalar(signal));
            case V -> x.mul(new Scalar(signal)).sub(output.mul(new Scalar(noise)));
            case SAMPLE -> output;
        };
    }

    /** The noise that {@code output} implies. */
    Tensor epsilon(Tensor x, Tensor output, double signal, double noise) {
        return switch (this) {
            case EPSILON -> output;
            case V -> x.mul(new Scalar(noise)).add(output.mul(new Scalar(signal)));
            case SAMPLE -> x.sub(output.mul(new Scalar(signal))).div(new Scalar(noise));
        };
    }

    /** The noise that {@code output} implies; {@code signal} and {@code noise} hold one number per row. */
    Tensor epsilon(Tensor x, Tensor output, Tensor signal, Tensor noise) {
        return switch (this) {
            case EPSILON -> output;
            case V -> x.mul(noise).add(output.mul(signal));
            case SAMPLE -> x.sub(output.mul(signal)).div(noise);
        };
    }
}
