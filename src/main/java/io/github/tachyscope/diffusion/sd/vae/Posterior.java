package io.github.tachyscope.diffusion.sd.vae;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Where the latents of a picture lie: a normal distribution for each number, in the network's own units.
 *
 * @param mean {@code [N, C, h, w]}
 * @param logVariance the same shape
 */
public record Posterior(Tensor mean, Tensor logVariance) {

    /** @param eps unit normal numbers of the mean's shape; the same ones for every frame keep a video steady */
    public Tensor sample(Tensor eps) {
        return torch.addcmul(mean, deviation(), eps);
    }

    public Tensor deviation() {
        return torch.exp(logVariance.mul(new Scalar(0.5)));
    }
}
