package io.github.tachyscope.diffusion.sd.sampling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A way down the noise levels of a {@link SigmaPath}: at which level the model is asked, and where its answer leads.
 *
 * <pre>
 *   begin(x) --call 0--> ... --call calls() - 1--> the end of the path
 *   call k: the model gives the clean latent for (state.x, sigma(k)); after() gives the next state
 * </pre>
 *
 * <p>Holds no tensors: all there is between two calls is the state, which is never changed.
 */
public abstract class SigmaSampler {
    final double[] sigmas;

    /**
     * Where a picture stands between two calls.
     *
     * @param call that comes next
     * @param x what the model is asked about, or the result after the last call
     * @param past what the sampler remembers
     */
    public record State(int call, Tensor x, List<Tensor> past) {
        public State {
            past = List.copyOf(past);
        }

        State then(Tensor next, Tensor... remembered) {
            return new State(call + 1, next, List.of(remembered));
        }

        /** Everything in it. */
        public List<Tensor> tensors() {
            List<Tensor> all = new ArrayList<>(past);
            all.add(x);
            return all;
        }
    }

    SigmaSampler(double[] sigmas) {
        this.sigmas = sigmas;
    }

    public static State begin(Tensor x) {
        return new State(0, x, List.of());
    }

    /** How often the model is asked. */
    public int calls() {
        return sigmas.length - 1;
    }

    /** The level at which call {@code call} asks. */
    public double sigma(int call) {
        return sigmas[call];
    }

    /** Whether fresh noise is wanted after some calls. */
    public boolean stochastic() {
        return false;
    }

    /**
     * The state after a call.
     *
     * @param clean the model's answer
     * @param noise unit noise for this call, drawn if it is needed
     */
    public abstract State after(State at, Tensor clean, Supplier<Tensor> noise);

    /** {@code a first + b second}. */
    static Tensor sum(double a, Tensor first, double b, Tensor second) {
        return first.mul(new Scalar(a)).add(second, new Scalar(b));
    }

    /** A step straight along the slope from level {@code from} to {@code to}. */
    static Tensor straight(Tensor x, Tensor clean, double from, double to) {
        double kept = to / from;
        return to == 0 ? clean : sum(kept, x, 1 - kept, clean);
    }

    /** The samplers by their names on the wire. */
    public enum Kind {
        EULER,
        EULER_ANCESTRAL,
        HEUN,
        DPMPP_2M,
        DPMPP_2M_SDE,
        DPMPP_SDE,
        DDIM,
        LCM,
        UNI_PC,
        UNI_PC_BH2;

        public SigmaSampler along(SigmaPath path) {
            double[] sigmas = path.sigmas();
            return switch (this) {
                // Without noise of its own DDIM (Song et al. 2020) takes the same steps, in other units.
                case EULER, DDIM -> new EulerSampler(sigmas);
                case EULER_ANCESTRAL -> new AncestralSampler(sigmas);
                case HEUN -> new HeunSampler(sigmas);
                case DPMPP_2M -> new MultistepSampler(sigmas, false);
                case DPMPP_2M_SDE -> new MultistepSampler(sigmas, true);
                case DPMPP_SDE -> new MidpointSdeSampler(sigmas);
                case LCM -> new ConsistencySampler(sigmas);
                case UNI_PC -> new UniPcSampler(sigmas, false);
                case UNI_PC_BH2 -> new UniPcSampler(sigmas, true);
            };
        }

        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static List<String> wireNames() {
            return Arrays.stream(values()).map(Kind::wireName).toList();
        }

        public static Kind of(String wireName) {
            return valueOf(wireName.toUpperCase(Locale.ROOT));
        }
    }
}
