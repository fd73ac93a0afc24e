package io.github.tachyscope.diffusion.tiny.training;

import org.bytedeco.pytorch.Tensor;

/** Differences between neighbours: a loss on them keeps edges sharp. */
final class Differences {
    private Differences() {}

    static Tensor across(Tensor x) {
        long width = x.size(3) - 1;
        return x.narrow(3, 1, width).sub(x.narrow(3, 0, width));
    }

    static Tensor down(Tensor x) {
        long height = x.size(2) - 1;
        return x.narrow(2, 1, height).sub(x.narrow(2, 0, height));
    }
}
