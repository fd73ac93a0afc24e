package io.github.tachyscope.diffusion.sd.unet;

import io.github.tachyscope.diffusion.sd.unet.Conditioning.KeysAndValues;
import io.github.tachyscope.tensor.Conv2d;
import io.github.tachyscope.tensor.GroupNorm;
import io.github.tachyscope.tensor.Linear;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** Transformer blocks over the pixels of a feature map, row by row. */
final class SpatialTransformer {
    /** Not the configured one: the reference has it fixed here. */
    private static final double EPS = 1e-6;

    private final GroupNorm norm;
    private final UnaryOperator<Tensor> in;
    private final UnaryOperator<Tensor> out;
    private final List<TransformerBlock> blocks = new ArrayList<>();

    private SpatialTransformer(Weights weights, String name, UNetConfig.Level level, UNetConfig config) {
        int width = level.channels();
        norm = GroupNorm.take(weights, name + ".norm", width, config.groups(), EPS);
        in = projection(weights, name + ".proj_in", width, config, true);
        for (int i = 0; i < level.transformers(); i++) {
            blocks.add(TransformerBlock.take(
                    weights, name + ".transformer_blocks." + i, width, level.heads(), config.crossWidth()));
        }
        out = projection(weights, name + ".proj_out", width, config, false);
    }

    static SpatialTransformer take(Weights weights, String name, UNetConfig.Level level, UNetConfig config) {
        return new SpatialTransformer(weights, name, level, config);
    }

    /** A matrix or a 1x1 convolution, whichever is stored; both are the same product. */
    private static UnaryOperator<Tensor> projection(
            Weights weights, String name, int width, UNetConfig config, boolean entering) {
        boolean matrix =
                weights.stored(name + ".weight").map(shape -> shape.length == 2).orElse(config.linearProjection());
        if (matrix) {
            Linear linear = Linear.take(weights, name, width, width);
            return entering ? x -> linear.forward(tokens(x)) : linear::forward;
        }
        Conv2d conv = Conv2d.take(weights, name, width, width, 1);
        // Leaving, the tokens come back as a map of one row: a 1x1 kernel does not see the difference.
        return entering
                ? x -> tokens(conv.forward(x))
                : x -> tokens(conv.forward(x.transpose(1, 2).unsqueeze(-1)));
    }

    /** {@code [B, C, h, w] -> [B, h w, C]}; a view when the map is channels-last. */
    private static Tensor tokens(Tensor map) {
        return map.permute(0, 2, 3, 1).reshape(map.size(0), map.size(2) * map.size(3), map.size(1));
    }

    /** What the prompt looks like to each block. */
    List<KeysAndValues> condition(Tensor states) {
        return blocks.stream().map(block -> block.condition(states)).toList();
    }

    int blocks() {
        return blocks.size();
    }

    /** @param prompt one entry per block */
    Tensor forward(Tensor x, List<KeysAndValues> prompt) {
        try (TensorScope scope = TensorScope.plain()) {
            Tensor y = in.apply(norm.forward(x));
            for (int i = 0; i < blocks.size(); i++) {
                y = blocks.get(i).forward(y, prompt.get(i));
            }
            Tensor map = out.apply(y)
                    .view(x.size(0), x.size(2), x.size(3), x.size(1))
                    .permute(0, 3, 1, 2);
            return scope.handOut(map.add(x));
        }
    }
}
