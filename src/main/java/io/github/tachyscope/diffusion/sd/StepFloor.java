package io.github.tachyscope.diffusion.sd;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.sd.unet.Conditioning;
import io.github.tachyscope.diffusion.sd.unet.TimeConditioning;
import io.github.tachyscope.diffusion.sd.unet.UNet;
import io.github.tachyscope.diffusion.sd.unet.UNetConfig;
import io.github.tachyscope.tensor.Noise;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.RandomWeights;
import io.github.tachyscope.tensor.TensorScope;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * What a denoising step costs before any arithmetic: the same operations in the same order, on almost no numbers.
 *
 * <p>It holds all that Java adds (calls into the library, scopes, garbage) and the library's own preparation of each
 * operation, so its share of a real step is an upper bound of what a program without Java could save.
 */
public final class StepFloor {
    private static final int SIDE = 8;
    private static final int TOKENS = 8;
    private static final int WIDTH = 8;

    private StepFloor() {}

    /**
     * Median milliseconds of a step.
     *
     * @param denoiser configuration of the real one
     */
    public static double millis(JsonNode denoiser, Placement placement, Duration span) {
        UNetConfig form = narrowed(UNetConfig.read(denoiser));
        try (RandomWeights weights = new RandomWeights(1, placement);
                TensorScope scope = TensorScope.inference()) {
            UNet unet = UNet.take(form, weights);
            Tensor states = Noise.normal(1, placement, 1, TOKENS, WIDTH);
            Conditioning prompt = form.pooledWidth().isPresent()
                    ? unet.condition(states, Noise.normal(2, placement, 1, WIDTH))
                    : unet.condition(states);
            TimeConditioning time = unet.time(Noise.normal(3, placement, 1), prompt);
            Tensor latent = Noise.normal(4, placement, 1, form.inChannels(), SIDE, SIDE);
            return Timing.median(span, () -> unet.forward(latent, time, prompt));
        }
    }

    /** The same layers, as narrow as their norms allow; widths that differ still do, so that they need their shortcuts. */
    static UNetConfig narrowed(UNetConfig form) {
        if (form.addedTime().isPresent()) {
            throw new IllegalArgumentException("denoisers that are told picture sizes are not measured");
        }
        List<Integer> widths = form.levels().stream()
                .map(UNetConfig.Level::channels)
                .distinct()
                .toList();
        List<UNetConfig.Level> levels = form.levels().stream()
                .map(level -> new UNetConfig.Level(
                        (widths.indexOf(level.channels()) + 1) * form.groups(),
                        level.resnets(),
                        level.crossDown(),
                        level.crossUp(),
                        level.transformers(),
                        1))
                .toList();
        return new UNetConfig(
                form.inChannels(),
                form.outChannels(),
                levels,
                WIDTH,
                form.groups(),
                form.eps(),
                form.linearProjection(),
                form.scaleShift(),
                form.cosineFirst(),
                form.frequencyShift(),
                Optional.empty(),
                form.pooledWidth().map(real -> WIDTH));
    }
}
