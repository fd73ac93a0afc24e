package io.github.tachyscope.diffusion.sd.model;

import io.github.tachyscope.diffusion.sd.blend.WholeTensorBlend;
import java.util.List;
import java.util.function.LongFunction;
import org.bytedeco.pytorch.Tensor;

/**
 * One seed, or several whose noise is mixed.
 *
 * @param slerp along the arc, if there are exactly two
 */
public record Seeds(List<Long> values, List<Double> weights, boolean slerp) {
    public Seeds {
        values = List.copyOf(values);
        weights = List.copyOf(weights);
    }

    public static Seeds of(long seed) {
        return new Seeds(List.of(seed), List.of(1.0), false);
    }

    /** The noise of one seed, or the mixture; in the caller's scope. */
    Tensor noise(LongFunction<Tensor> ofSeed) {
        if (values.size() == 1) {
            return ofSeed.apply(values.get(0));
        }
        List<Tensor> each = values.stream().map(ofSeed::apply).toList();
        double[] shares = weights.stream().mapToDouble(Double::doubleValue).toArray();
        return WholeTensorBlend.noise(each, shares, slerp, true);
    }
}
