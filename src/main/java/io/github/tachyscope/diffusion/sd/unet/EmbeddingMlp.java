package io.github.tachyscope.diffusion.sd.unet;

import io.github.tachyscope.tensor.Linear;
import io.github.tachyscope.tensor.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** {@code linear_2(silu(linear_1(x)))}: from a sinusoid or a pooled prompt to the time embedding's width. */
record EmbeddingMlp(Linear first, Linear second) {
    static EmbeddingMlp take(Weights weights, String name, int in, int out) {
        return new EmbeddingMlp(
                Linear.take(weights, name + ".linear_1", in, out), Linear.take(weights, name + ".linear_2", out, out));
    }

    Tensor forward(Tensor x) {
        return second.forward(torch.silu(first.forward(x)));
    }
}
