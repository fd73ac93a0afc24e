package io.github.tachyscope.diffusion.sd.unet;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Sinusoidal embedding of numbers (Vaswani et al. 2017), always in fp32: timesteps up to 1000 have no room in 16 bits.
 *
 * @param width of the embedding, even
 */
record TimeSinusoid(int width, boolean cosineFirst, double frequencyShift) {
    private static final double LONGEST_PERIOD = 10_000;

    /** {@code [...] -> [..., width]}. */
    Tensor of(Tensor numbers) {
        int half = width / 2;
        TensorOptions like =
                new TensorOptions(ScalarType.Float).device(new org.bytedeco.pytorch.DeviceOptional(numbers.device()));
        Tensor frequencies = torch.arange(new Scalar(0), new Scalar(half), like)
                .mul(new Scalar(-Math.log(LONGEST_PERIOD) / (half - frequencyShift)))
                .exp();
        Tensor angles = numbers.to(ScalarType.Float).unsqueeze(-1).mul(frequencies);
        Tensor cosine = angles.cos();
        Tensor sine = angles.sin();
        return torch.cat(cosineFirst ? new TensorVector(cosine, sine) : new TensorVector(sine, cosine), -1);
    }
}
