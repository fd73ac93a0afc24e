package io.github.tachyscope.diffusion.tiny.training;

import io.github.tachyscope.diffusion.sd.vae.AutoencoderTiny;
import io.github.tachyscope.diffusion.tiny.style.ColourOperation;
import io.github.tachyscope.diffusion.tiny.style.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Trains the autoencoder on scenes and styled scenes: exact pictures from slightly noisy latents, whose channels have
 * zero mean and unit variance.
 */
final class AutoencoderStage implements Stage {
    private static final Trained.AdamW METHOD = new Trained.AdamW(0.9, 0.97, 1e-4);
    private static final double MOST_AVERAGING = 0.998;
    private static final double LATENT_NOISE = 0.06;
    private static final double STYLED = 2.0 / 3;
    private static final double COLOURED = 0.3;

    private final AutoencoderTiny autoencoder;
    private final Trained parameters;
    private final Crops crops;
    private final TrainingPlan.Batches batches;
    private volatile int side = 96;

    AutoencoderStage(AutoencoderTiny autoencoder, Trained parameters, Crops crops, TrainingPlan.Batches batches) {
        this.autoencoder = autoencoder;
        this.parameters = parameters;
        this.crops = crops;
        this.batches = batches;
    }

    @Override
    public String name() {
        return "autoencoder";
    }

    @Override
    public void begin(SplittableRandom random, double progress) {
        int drawn = random.nextBoolean() ? 96 : 128;
        side = batches.side().orElse(drawn);
    }

    @Override
    public int batch() {
        return batches.size(side);
    }

    @Override
    public Losses loss(SplittableRandom random) {
        List<Tensor> pictures = new ArrayList<>();
        for (int i = 0; i < batch(); i++) {
            pictures.add(picture(random));
        }
        Tensor x = torch.cat(new TensorVector(pictures.toArray(Tensor[]::new)), 0);
        Tensor z = autoencoder.encode(x).to(ScalarType.Float);
        GeneratorOptional generator = new GeneratorOptional(torch.createCPUGenerator(random.nextLong()));
        Tensor noise = torch.randn(z.shape(), generator).to(z.device(), ScalarType.Float);
        Tensor noisy = z.add(noise.mul(new Scalar(LATENT_NOISE)));
        Tensor e = autoencoder.decode(noisy).to(ScalarType.Float).sub(x);
        Tensor mean = z.mean(0, 2, 3);
        Tensor spread = z.sub(mean.view(1, -1, 1, 1))
                .square()
                .mean(0, 2, 3)
                .add(new Scalar(1e-6))
                .sqrt();
        Tensor shape = mean.square().add(spread.sub(new Scalar(1.0)).square()).sum();
        Tensor edges =
                Differences.across(e).abs().mean().add(Differences.down(e).abs().mean());
        return new Losses()
                .add("abs", e.abs().mean(), 1)
                .add("edges", edges, 0.5)
                .add("square", e.square().mean(), 2)
                .add("latent", shape, 0.05);
    }

    private Tensor picture(SplittableRandom random) {
        Crops.Crop crop = crops.draw(random, side);
        if (random.nextDouble() >= STYLED) {
            return crops.clean(crop);
        }
        Style style = Style.values()[random.nextInt(1, Style.values().length)];
        ColourOperation colour = random.nextDouble() < COLOURED
                ? ColourOperation.values()[random.nextInt(1, ColourOperation.values().length)]
                : ColourOperation.NONE;
        return crops.styled(crop, style, colour);
    }

    @Override
    public void move(Optimizer optimizer) {
        optimizer.move(List.of(parameters));
    }

    static Trained.AdamW method() {
        return METHOD;
    }

    /** Decay of the running averages at a step. */
    static double averaging(long step) {
        return Math.min(MOST_AVERAGING, step / (step + 50.0));
    }
}
