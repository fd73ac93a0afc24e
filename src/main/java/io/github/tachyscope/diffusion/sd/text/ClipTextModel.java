package io.github.tachyscope.diffusion.sd.text;

import io.github.tachyscope.tensor.LayerNorm;
import io.github.tachyscope.tensor.Linear;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * CLIP's text encoder, with and without projection. Immutable.
 *
 * <p>A token sees itself and those before it; padding is seen like any other token unless a mask says otherwise.
 */
public final class ClipTextModel {
    /**
     * Configurations of published encoders name token 2 as the end token by mistake. Their real end token is the largest
     * one of the vocabulary.
     */
    private static final long LEGACY_END = 2;

    private static final String PREFIX = "text_model.";

    private final ClipTextConfig config;
    private final Placement placement;
    private final Tensor tokens;
    private final Tensor positions;
    private final List<ClipTextLayer> layers;
    private final LayerNorm finalNorm;
    private final Optional<Linear> projection;

    private ClipTextModel(ClipTextConfig config, Weights weights) {
        this.config = config;
        placement = weights.placement();
        // Newer library versions write the plain encoder without this prefix.
        String prefix = weights.stored("embeddings.token_embedding.weight").isPresent() ? "" : PREFIX;
        tokens = weights.take(prefix + "embeddings.token_embedding.weight", config.vocabulary(), config.width());
        positions = weights.take(prefix + "embeddings.position_embedding.weight", config.positions(), config.width());
        layers = IntStream.range(0, config.layers())
                .mapToObj(i -> ClipTextLayer.take(weights, prefix + "encoder.layers." + i, config))
                .toList();
        finalNorm = LayerNorm.take(weights, prefix + "final_layer_norm", config.width(), config.eps());
        projection = config.projection()
                .map(width -> Linear.takeWithoutBias(weights, "text_projection", config.width(), width));
    }

    /** @throws io.github.tachyscope.tensor.WeightsRejected if a tensor is missing or has another shape */
    public static ClipTextModel take(ClipTextConfig config, Weights weights) {
        return new ClipTextModel(config, weights);
    }

    public ClipTextConfig config() {
        return config;
    }

    /** @param ids token ids, {@code [B, L]} int64, L at most the number of positions */
    public ClipTextOutput forward(Tensor ids) {
        return forward(ids, Optional.empty());
    }

    /** @param mask {@code [B, L]}: 1 for tokens that may be seen, 0 for others */
    public ClipTextOutput forward(Tensor ids, Tensor mask) {
        return forward(ids, Optional.of(mask));
    }

    private ClipTextOutput forward(Tensor ids, Optional<Tensor> mask) {
        long length = ids.size(1);
        Tensor scores = scoreMask(length, mask);
        Tensor h = torch.embedding(tokens, ids).add(positions.narrow(0, 0, length));
        List<Tensor> states = new ArrayList<>(List.of(h));
        for (ClipTextLayer layer : layers) {
            h = layer.forward(h, scores);
            states.add(h);
        }
        Tensor last = finalNorm.forward(h);
        Tensor pooled = pooled(last, ids);
        return new ClipTextOutput(last, states, pooled, projection.map(matrix -> matrix.forward(pooled)));
    }

    /** Token states {@code layers} before the last layer, through the final norm ("clip skip" of SD 1.5). */
    public Tensor skipped(ClipTextOutput output, int layers) {
        return finalNorm.forward(output.fromEnd(layers + 1));
    }

    private Tensor scoreMask(long length, Optional<Tensor> mask) {
        Tensor minusInfinity =
                torch.full(new long[] {length, length}, new Scalar(Double.NEGATIVE_INFINITY), placement.options());
        Tensor causal = torch.triu(minusInfinity, 1);
        if (mask.isEmpty()) {
            return causal;
        }
        // Finite in every precision: a row that sees nothing must not become 0/0.
        double unseen = placement.precision() == Precision.FP16 ? -6e4 : -3e38;
        Tensor hidden = mask.get()
                .to(ScalarType.Float)
                .neg()
                .add(new Scalar(1.0))
                .mul(new Scalar(unseen))
                .to(placement.precision().type());
        return causal.add(hidden.unsqueeze(1).unsqueeze(1));
    }

    private Tensor pooled(Tensor last, Tensor ids) {
        Tensor rank = config.endToken() == LEGACY_END ? ids : ids.eq(new Scalar(config.endToken()));
        // The first of equal maxima.
        Tensor end = rank.to(ScalarType.Int).argmax(new LongOptional(-1), false);
        Tensor index = end.view(-1, 1, 1).expand(last.size(0), 1, last.size(2));
        return last.gather(1, index).squeeze(1);
    }
}
