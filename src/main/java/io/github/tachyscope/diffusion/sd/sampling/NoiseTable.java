package io.github.tachyscope.diffusion.sd.sampling;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.WeightsRejected;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How much signal and noise a latent holds at each training timestep: {@code x_t = signal(t) x_0 + noise(t) epsilon}
 * with {@code signal^2 + noise^2 = 1} (Ho et al. 2020).
 */
public final class NoiseTable {
    /** Published models have 1000; protects against a configuration that asks for gigabytes. */
    private static final int MAX_TIMESTEPS = 100_000;

    private final float[] betas;
    private final float[] alphasCumulated;
    private final Prediction prediction;
    private final boolean zeroTerminal;

    private NoiseTable(float[] betas, float[] alphasCumulated, Prediction prediction, boolean zeroTerminal) {
        this.betas = betas;
        this.alphasCumulated = alphasCumulated;
        this.prediction = prediction;
        this.zeroTerminal = zeroTerminal;
    }

    /**
     * From {@code scheduler_config.json}: {@code num_train_timesteps}, {@code beta_start}, {@code beta_end},
     * {@code beta_schedule}, {@code prediction_type} and {@code rescale_betas_zero_snr}; the scheduler class it names is ignored.
     *
     * @throws WeightsRejected if a value is not supported; the message names the key
     */
    public static NoiseTable read(JsonNode config) {
        int timesteps = config.path("num_train_timesteps").asInt(1000);
        if (timesteps < 1 || timesteps > MAX_TIMESTEPS) {
            throw new WeightsRejected("num_train_timesteps is " + timesteps + "; allowed are 1 to " + MAX_TIMESTEPS);
        }
        double start = config.path("beta_start").asDouble(0.00085);
        double end = config.path("beta_end").asDouble(0.012);
        if (!(start > 0 && start <= end && end < 1)) {
            throw new WeightsRejected("beta_start " + start + " and beta_end " + end + " must rise within 0 to 1");
        }
        String schedule = config.path("beta_schedule").asText("scaled_linear");
        boolean scaled = switch (schedule) {
            case "scaled_linear" -> true;
            case "linear" -> false;
            default ->
                throw new WeightsRejected(
                        "beta_schedule is \"" + schedule + "\"; supported are scaled_linear and linear");
        };
        String type = config.path("prediction_type").asText(Prediction.EPSILON.wireName());
        Prediction prediction = Arrays.stream(Prediction.values())
                .filter(known -> known.wireName().equals(type))
                .findFirst()
                .orElseThrow(() -> new WeightsRejected(
                        "prediction_type is \"" + type + "\"; supported are epsilon, v_prediction and sample"));
        boolean zeroTerminal = config.path("rescale_betas_zero_snr").asBoolean(false);
        return build(timesteps, start, end, scaled, prediction, zeroTerminal);
    }

    private static NoiseTable build(
            int timesteps, double start, double end, boolean scaled, Prediction prediction, boolean zeroTerminal) {
        try (TensorScope scope = TensorScope.inference()) {
            Tensor betas = scaled
                    ? torch.linspace(scalar(Math.sqrt(start)), scalar(Math.sqrt(end)), timesteps)
                            .square()
                    : torch.linspace(scalar(start), scalar(end), timesteps);
            Tensor alphas = torch.cumprod(torch.ones_like(betas).sub(betas), 0);
            return new NoiseTable(numbers(betas), numbers(alphas), prediction, zeroTerminal);
        }
    }

    private static org.bytedeco.pytorch.Scalar scalar(double value) {
        return new org.bytedeco.pytorch.Scalar(value);
    }

    private static float[] numbers(Tensor tensor) {
        float[] numbers = new float[(int) tensor.numel()];
        new FloatPointer(tensor.data_ptr()).get(numbers);
        return numbers;
    }

    /** The same table for outputs of another meaning. */
    public NoiseTable with(Prediction other) {
        return new NoiseTable(betas, alphasCumulated, other, zeroTerminal);
    }

    public Prediction prediction() {
        return prediction;
    }

    /** Whether the model was trained with a schedule rescaled to no signal at its end; this table is the one before that. */
    public boolean zeroTerminal() {
        return zeroTerminal;
    }

    /** Number of training timesteps. */
    public int timesteps() {
        return alphasCumulated.length;
    }

    /** Share of noise that training timestep {@code t} adds. */
    public float beta(int t) {
        return betas[t];
    }

    /** {@code signal(t)^2}. */
    public float alphaCumulated(int t) {
        return alphasCumulated[t];
    }

    /** Factor of the clean latent at timestep {@code t}. */
    public float signal(int t) {
        return (float) Math.sqrt(alphasCumulated[t]);
    }

    /** Factor of the noise at timestep {@code t}. */
    public float noise(int t) {
        return (float) Math.sqrt(1 - alphasCumulated[t]);
    }

    /** Noise per signal at timestep {@code t}, which may lie between two training timesteps (Karras et al. 2022). */
    public float sigma(double t) {
        int below = (int) Math.floor(t);
        int above = Math.min(below + 1, timesteps() - 1);
        double fraction = t - below;
        return (float) (sigmaAt(below) * (1 - fraction) + sigmaAt(above) * fraction);
    }

    private double sigmaAt(int t) {
        float alpha = alphasCumulated[t];
        return (float) Math.sqrt((1 - alpha) / alpha);
    }

    /** {@code signal(t) clean + noise(t) epsilon}. */
    public Tensor addNoise(Tensor clean, Tensor epsilon, int t) {
        return clean.mul(scalar(signal(t))).add(epsilon.mul(scalar(noise(t))));
    }
}
