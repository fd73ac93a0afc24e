package io.github.tachyscope.diffusion.sd.blend;

import io.github.tachyscope.diffusion.PromptBlend;
import io.github.tachyscope.tensor.TensorScope;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Mixtures of tensors as if each were one long vector: what the noise of several seeds is mixed with. Results are fp32 and
 * belong to the caller's scope.
 */
public final class WholeTensorBlend {
    /** Below this angle the spherical formula divides by almost nothing. */
    private static final double LEAST_ANGLE = 1e-6;

    private WholeTensorBlend() {}

    /**
     * The noise of several seeds. Along the arc it stays as strong as it is; a plain sum would be weaker, so it gets the
     * mean norm of the inputs, provided that the weights are shares.
     *
     * @param normalised whether the weights are divided by their sum; all 0 means equal
     * @param slerp along the arc, if there are exactly two
     */
    public static Tensor noise(List<Tensor> noises, double[] weights, boolean slerp, boolean normalised) {
        boolean sum = !slerp || noises.size() != 2;
        return mixed(noises, weights, slerp, normalised, sum && normalised);
    }

    /** Embeddings as StreamDiffusion forks mix them: like noise, but a sum keeps the norm that it has. */
    public static Tensor embedding(List<Tensor> embeddings, double[] weights, boolean slerp, boolean normalised) {
        return mixed(embeddings, weights, slerp, normalised, false);
    }

    private static Tensor mixed(
            List<Tensor> inputs, double[] weights, boolean slerp, boolean normalised, boolean keepNorm) {
        if (inputs.isEmpty() || inputs.size() != weights.length) {
            throw new IllegalArgumentException(inputs.size() + " tensors, " + weights.length + " weights");
        }
        double[] shares = normalised ? PromptBlend.normalise(weights) : weights;
        try (TensorScope scope = TensorScope.inference()) {
            List<Tensor> wide =
                    inputs.stream().map(input -> input.to(ScalarType.Float)).toList();
            Tensor mixed = slerp && wide.size() == 2 ? slerp(wide.get(0), wide.get(1), shares[1]) : sum(wide, shares);
            if (keepNorm) {
                double wanted = wide.stream()
                        .mapToDouble(WholeTensorBlend::norm)
                        .average()
                        .orElseThrow();
                double norm = norm(mixed);
                mixed = norm > 0 ? mixed.mul(new Scalar(wanted / norm)) : mixed;
            }
            return scope.handOut(mixed);
        }
    }

    private static Tensor sum(List<Tensor> inputs, double[] shares) {
        Tensor sum = inputs.get(0).mul(new Scalar(shares[0]));
        for (int i = 1; i < shares.length; i++) {
            sum = sum.add(inputs.get(i), new Scalar(shares[i]));
        }
        return sum;
    }

    private static Tensor slerp(Tensor from, Tensor to, double t) {
        if (t <= 0 || t >= 1) {
            return (t <= 0 ? from : to).clone();
        }
        double dot = from.mul(to).to(ScalarType.Double).sum().item_double();
        double cosine = dot / Math.max(norm(from) * norm(to), Double.MIN_NORMAL);
        double angle = Math.acos(Math.max(-1, Math.min(1, cosine)));
        boolean straight = angle < LEAST_ANGLE || Math.PI - angle < LEAST_ANGLE;
        double a = straight ? 1 - t : Math.sin((1 - t) * angle) / Math.sin(angle);
        double b = straight ? t : Math.sin(t * angle) / Math.sin(angle);
        return from.mul(new Scalar(a)).add(to, new Scalar(b));
    }

    private static double norm(Tensor tensor) {
        return Math.sqrt(tensor.square().to(ScalarType.Double).sum().item_double());
    }
}
