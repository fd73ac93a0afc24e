package io.github.tachyscope.diffusion.sd.unet;

import io.github.tachyscope.diffusion.sd.unet.Conditioning.KeysAndValues;
import io.github.tachyscope.tensor.Conv2d;
import io.github.tachyscope.tensor.GroupNorm;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.Weights;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The denoiser. Immutable; forwards of several threads may overlap.
 *
 * <p>Latents are {@code [B, C, h, w]} of any size; where it does not divide by the levels, every way up goes to the exact
 * size of its skip connection.
 */
public final class UNet {
    private final UNetConfig config;
    private final TimeSinusoid sinusoid;
    private final EmbeddingMlp timeEmbedding;
    private final Optional<EmbeddingMlp> addedEmbedding;
    private final Optional<EmbeddingMlp> pooledEmbedding;
    private final Conv2d convIn;
    private final List<DownLevel> down = new ArrayList<>();
    private final Layer midFirst;
    private final ResnetBlock midLast;
    private final List<UpLevel> up = new ArrayList<>();
    private final GroupNorm normOut;
    private final Conv2d convOut;
    private final ScalarType type;
    private final List<ResnetBlock> resnets = new ArrayList<>();
    private final List<SpatialTransformer> transformers = new ArrayList<>();

    /** A ResNet block, and an attention where the level has one. */
    private record Layer(ResnetBlock resnet, Optional<SpatialTransformer> transformer) {}

    private record DownLevel(List<Layer> layers, Optional<Conv2d> downsample) {}

    private record UpLevel(List<Layer> layers, Optional<Conv2d> upsample) {}

    private UNet(UNetConfig config, Weights weights) {
        this.config = config;
        type = weights.placement().precision().type();
        List<UNetConfig.Level> levels = config.levels();
        int finest = levels.get(0).channels();
        int timeWidth = config.timeWidth();
        sinusoid = new TimeSinusoid(finest, config.cosineFirst(), config.frequencyShift());
        timeEmbedding = EmbeddingMlp.take(weights, "time_embedding", finest, timeWidth);
        addedEmbedding = config.addedTime()
                .map(added -> EmbeddingMlp.take(weights, "add_embedding", added.inputWidth(), timeWidth));
        pooledEmbedding =
                config.pooledWidth().map(width -> EmbeddingMlp.take(weights, "class_embedding", width, timeWidth));
        convIn = Conv2d.take(weights, "conv_in", config.inChannels(), finest, 3);
        Deque<Integer> skips = new ArrayDeque<>(List.of(finest));
        int channels = finest;
        for (int i = 0; i < levels.size(); i++) {
            UNetConfig.Level level = levels.get(i);
            String name = "down_blocks." + i;
            List<Layer> layers = new ArrayList<>();
            for (int j = 0; j < level.resnets(); j++) {
                layers.add(layer(weights, name, j, channels, level, level.crossDown()));
                channels = level.channels();
                skips.push(channels);
            }
            boolean last = i == levels.size() - 1;
            if (!last) {
                skips.push(channels);
            }
            int width = channels;
            down.add(new DownLevel(
                    layers,
                    last
                            ? Optional.empty()
                            : Optional.of(Conv2d.take(weights, name + ".downsamplers.0.conv", width, width, 3, 2, 1))));
        }
        UNetConfig.Level coarsest = levels.get(levels.size() - 1);
        midFirst = layer(weights, "mid_block", 0, channels, coarsest, true);
        midLast = resnet(weights, "mid_block.resnets.1", channels, channels);
        for (int i = 0; i < levels.size(); i++) {
            UNetConfig.Level level = levels.get(levels.size() - 1 - i);
            String name = "up_blocks." + i;
            List<Layer> layers = new ArrayList<>();
            for (int j = 0; j <= level.resnets(); j++) {
                layers.add(layer(weights, name, j, channels + skips.pop(), level, level.crossUp()));
                channels = level.channels();
            }
            int width = channels;
            up.add(new UpLevel(
                    layers,
                    i == levels.size() - 1
                            ? Optional.empty()
                            : Optional.of(Conv2d.take(weights, name + ".upsamplers.0.conv", width, width, 3))));
        }
        normOut = GroupNorm.take(weights, "conv_norm_out", finest, config.groups(), config.eps());
        convOut = Conv2d.take(weights, "conv_out", finest, config.outChannels(), 3);
    }

    /** @throws io.github.tachyscope.tensor.WeightsRejected if a tensor is missing or has another shape */
    public static UNet take(UNetConfig config, Weights weights) {
        return new UNet(config, weights);
    }

    private Layer layer(Weights weights, String block, int index, int in, UNetConfig.Level level, boolean cross) {
        ResnetBlock resnet = resnet(weights, block + ".resnets." + index, in, level.channels());
        if (!cross) {
            return new Layer(resnet, Optional.empty());
        }
        SpatialTransformer transformer =
                SpatialTransformer.take(weights, block + ".attentions." + index, level, config);
        transformers.add(transformer);
        return new Layer(resnet, Optional.of(transformer));
    }

    private ResnetBlock resnet(Weights weights, String name, int in, int out) {
        ResnetBlock block = ResnetBlock.take(weights, name, in, out, config);
        resnets.add(block);
        return block;
    }

    /** The number format that latents and states must have. */
    ScalarType type() {
        return type;
    }

    /** @param states of the prompt's tokens, {@code [B, L, crossWidth]} */
    public Conditioning condition(Tensor states) {
        if (addedEmbedding.isPresent() || pooledEmbedding.isPresent()) {
            throw new IllegalStateException("this model needs a pooled prompt too");
        }
        return new Conditioning(attentions(states), Optional.empty());
    }

    /**
     * For a model with {@link UNetConfig#pooledWidth}.
     *
     * @param pooled prompt, {@code [B, pooledWidth]}
     */
    public Conditioning condition(Tensor states, Tensor pooled) {
        Tensor addition = pooledEmbedding
                .orElseThrow(() -> new IllegalStateException("this model takes no pooled prompt"))
                .forward(pooled);
        return new Conditioning(attentions(states), Optional.of(addition));
    }

    /**
     * For a model with {@link UNetConfig#addedTime} (SDXL).
     *
     * @param textEmbeds pooled and projected prompt, {@code [B, P]}
     * @param timeIds original height and width, crop top and left, target height and width, {@code [B, 6]}
     */
    public Conditioning condition(Tensor states, Tensor textEmbeds, Tensor timeIds) {
        UNetConfig.AddedTime added =
                config.addedTime().orElseThrow(() -> new IllegalStateException("this model takes no sizes"));
        Tensor sizes = new TimeSinusoid(added.width(), config.cosineFirst(), config.frequencyShift())
                .of(timeIds)
                .flatten(1, 2)
                .to(type);
        Tensor addition = addedEmbedding.orElseThrow().forward(torch.cat(new TensorVector(textEmbeds, sizes), 1));
        return new Conditioning(attentions(states), Optional.of(addition));
    }

    private List<KeysAndValues> attentions(Tensor states) {
        return transformers.stream()
                .flatMap(transformer -> transformer.condition(states).stream())
                .toList();
    }

    /**
     * @param timestep one for all rows {@code [1]}, or one per row {@code [B]}; any type
     * @param conditioning of the same rows
     */
    public TimeConditioning time(Tensor timestep, Conditioning conditioning) {
        Tensor embedding = timeEmbedding.forward(sinusoid.of(timestep).to(type));
        Tensor whole = conditioning.addition().map(embedding::add).orElse(embedding);
        Tensor activated = torch.silu(whole);
        return new TimeConditioning(
                resnets.stream().map(block -> block.project(activated)).toList());
    }

    /**
     * The prediction for latents {@code [B, C, h, w]}, in whatever form this model predicts. Must run in a {@link
     * TensorScope}, which gets the result; everything else is freed on the way.
     *
     * @param time of these rows, or of one row for all
     * @param conditioning of these rows
     */
    public Tensor forward(Tensor sample, TimeConditioning time, Conditioning conditioning) {
        return forward(sample, time, conditioning, Optional.empty());
    }

    /** The same with a ControlNet's residuals. */
    public Tensor forward(
            Tensor sample, TimeConditioning time, Conditioning conditioning, Optional<Residuals> residuals) {
        try (TensorScope scope = TensorScope.plain()) {
            return scope.handOut(new Pass(time, conditioning).run(sample, residuals));
        }
    }

    /** One way through the network: where it is in the lists of projections and attentions. */
    private final class Pass {
        private final TimeConditioning time;
        private final Conditioning conditioning;
        private int resnet;
        private int attention;

        Pass(TimeConditioning time, Conditioning conditioning) {
            this.time = time;
            this.conditioning = conditioning;
        }

        Tensor run(Tensor sample, Optional<Residuals> residuals) {
            List<Tensor> skips = new ArrayList<>();
            Tensor h = convIn.forward(sample);
            skips.add(h);
            for (DownLevel level : down) {
                for (Layer layer : level.layers()) {
                    h = forward(layer, h);
                    skips.add(h);
                }
                if (level.downsample().isPresent()) {
                    h = level.downsample().get().forward(h);
                    skips.add(h);
                }
            }
            h = forward(midFirst, h);
            h = forward(midLast, h);
            if (residuals.isPresent()) {
                if (residuals.get().down().size() != skips.size()) {
                    throw new IllegalArgumentException(
                            residuals.get().down().size() + " residuals for " + skips.size() + " skip connections");
                }
                for (int i = 0; i < skips.size(); i++) {
                    skips.set(i, skips.get(i).add(residuals.get().down().get(i)));
                }
                h = h.add(residuals.get().mid());
            }
            for (UpLevel level : up) {
                for (Layer layer : level.layers()) {
                    h = join(layer, h, skips.remove(skips.size() - 1));
                }
                if (level.upsample().isPresent()) {
                    h = enlarge(level.upsample().get(), h, skips.get(skips.size() - 1));
                }
            }
            return convOut.forward(torch.silu(normOut.forward(h)));
        }

        private Tensor join(Layer layer, Tensor h, Tensor skip) {
            try (TensorScope scope = TensorScope.plain()) {
                return scope.handOut(forward(layer, torch.cat(new TensorVector(h, skip), 1)));
            }
        }

        /** To the size of {@code next}, which is not twice that of {@code h} if a level's size was odd. */
        private static Tensor enlarge(Conv2d conv, Tensor h, Tensor next) {
            try (TensorScope scope = TensorScope.plain()) {
                return scope.handOut(conv.forward(torch.upsample_nearest2d(h, next.size(2), next.size(3))));
            }
        }

        private Tensor forward(Layer layer, Tensor x) {
            Tensor h = forward(layer.resnet(), x);
            if (layer.transformer().isEmpty()) {
                return h;
            }
            SpatialTransformer transformer = layer.transformer().get();
            int from = attention;
            attention += transformer.blocks();
            return transformer.forward(h, conditioning.attentions().subList(from, attention));
        }

        private Tensor forward(ResnetBlock block, Tensor x) {
            return block.forward(x, time.projections().get(resnet++));
        }
    }
}
