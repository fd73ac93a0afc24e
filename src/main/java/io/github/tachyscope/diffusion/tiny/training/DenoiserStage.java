package io.github.tachyscope.diffusion.tiny.training;

import io.github.tachyscope.diffusion.sd.text.ClipTextOutput;
import io.github.tachyscope.diffusion.sd.unet.Conditioning;
import io.github.tachyscope.diffusion.tiny.NoiseSchedule;
import io.github.tachyscope.diffusion.tiny.TinyForm;
import io.github.tachyscope.diffusion.tiny.TinyModel;
import io.github.tachyscope.tensor.Linear;
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
 * Trains denoiser and text encoder together; the encoder of pictures stays as it is. At the end the decoded picture
 * counts too, and the decoder learns to draw what the denoiser predicts.
 */
final class DenoiserStage implements Stage {
    private static final Trained.AdamW METHOD = new Trained.AdamW(0.9, 0.99, 1e-3);
    private static final double MOST_AVERAGING = 0.999;

    /** Share of the budget after which pictures count. */
    private static final double PICTURES_FROM = 0.8;

    private static final double PICTURE_WEIGHT = 1.5;

    /** What the decoder learns about predictions must not cost it the exact pictures of true latents. */
    private static final double EXACT_WEIGHT = 1;

    /** Naming style and colour from the pooled prompt: without this the text path does not begin to learn. */
    private static final double NAMING_WEIGHT = 0.1;

    private final TinyModel model;
    private final Heads heads;
    private final Parts parts;
    private final Crops crops;
    private final TrainingPlan.Batches batches;
    private volatile int side = 96;
    private volatile boolean pictures;

    /** What names style and colour; thrown away after training. */
    record Heads(Linear style, Linear colour) {}

    /** Parameters by network. */
    record Parts(Trained denoiser, Trained text, Trained heads, Trained autoencoder) {}

    DenoiserStage(TinyModel model, Heads heads, Parts parts, Crops crops, TrainingPlan.Batches batches) {
        this.model = model;
        this.heads = heads;
        this.parts = parts;
        this.crops = crops;
        this.batches = batches;
    }

    @Override
    public String name() {
        return "denoiser";
    }

    @Override
    public void begin(SplittableRandom random, double progress) {
        double draw = random.nextDouble();
        int drawn = draw < 0.45 ? 96 : draw < 0.9 ? 128 : SceneStore.SIZE;
        side = batches.side().orElse(drawn);
        pictures = progress >= PICTURES_FROM;
        parts.autoencoder()
                .slots()
                .forEach((name, slot) -> slot.value().set_requires_grad(pictures && name.startsWith("decoder.")));
    }

    @Override
    public int batch() {
        return batches.size(side);
    }

    @Override
    public Losses loss(SplittableRandom random) {
        List<DenoiserSample> samples = new ArrayList<>();
        for (int i = 0; i < batch(); i++) {
            samples.add(DenoiserSample.draw(random, crops, side));
        }
        Tensor sigma =
                column(samples.stream().mapToDouble(DenoiserSample::sigma).toArray());
        Tensor target = cat(samples.stream().map(DenoiserSample::target).toList());
        Tensor from = latents(cat(samples.stream().map(DenoiserSample::input).toList()));
        Tensor to = latents(target);
        GeneratorOptional generator = new GeneratorOptional(torch.createCPUGenerator(random.nextLong()));
        Tensor noise = torch.randn(to.shape(), generator).to(to.device(), ScalarType.Float);
        Tensor x = from.mul(sigma.neg().add(new Scalar(1.0))).add(noise.mul(sigma));

        Losses losses = new Losses();
        Conditioning conditioning = condition(samples, losses);
        Tensor timestep = sigma.flatten().mul(new Scalar(NoiseSchedule.timestep(1)));
        Tensor predicted = model.denoiser()
                .forward(x, model.denoiser().time(timestep, conditioning), conditioning)
                .to(ScalarType.Float);
        Tensor weight = sigma.square().add(new Scalar(0.25)).reciprocal();
        Tensor d = predicted.sub(to);
        losses.add(
                "latent",
                d.square().add(d.abs().mul(new Scalar(0.4))).mul(weight).mean(),
                1);
        losses.add("edges", edges(d, weight), 0.2);
        if (pictures) {
            Tensor e =
                    model.autoencoder().decode(predicted).to(ScalarType.Float).sub(target);
            losses.add("picture", e.abs().mul(weight).mean(), PICTURE_WEIGHT);
            losses.add("lines", edges(e, weight), 0.5 * PICTURE_WEIGHT);
            Tensor exact = model.autoencoder().decode(to).to(ScalarType.Float).sub(target);
            losses.add("exact", exact.abs().mean(), EXACT_WEIGHT);
        }
        return losses;
    }

    private static Tensor edges(Tensor d, Tensor weight) {
        Tensor across = Differences.across(d).abs().mul(weight).mean();
        return across.add(Differences.down(d).abs().mul(weight).mean());
    }

    private Tensor latents(Tensor pictures) {
        return model.autoencoder().encode(pictures).to(ScalarType.Float).detach();
    }

    /** Both prompts of blended samples are encoded, then mixed as the sampler mixes them. */
    private Conditioning condition(List<DenoiserSample> samples, Losses losses) {
        List<DenoiserSample.Prompt> prompts = new ArrayList<>();
        samples.forEach(sample -> prompts.add(sample.prompt()));
        long[] second = new long[samples.size()];
        for (int i = 0; i < second.length; i++) {
            second[i] = i;
            if (samples.get(i).other().isPresent()) {
                second[i] = prompts.size();
                prompts.add(samples.get(i).other().get());
            }
        }
        ClipTextOutput text = model.textEncoder().forward(ids(prompts));
        Tensor states = text.last().to(ScalarType.Float);
        Tensor pooled = text.pooled().to(ScalarType.Float);
        naming(prompts, pooled, losses);
        Tensor weights =
                column(samples.stream().mapToDouble(DenoiserSample::weight).toArray());
        Tensor other = index(second);
        long rows = samples.size();
        Tensor mixedStates = states.index_select(0, other).lerp(states.narrow(0, 0, rows), weights.view(-1, 1, 1));
        Tensor mixedPooled = pooled.index_select(0, other).lerp(pooled.narrow(0, 0, rows), weights.view(-1, 1));
        return model.denoiser().condition(mixedStates, mixedPooled);
    }

    private void naming(List<DenoiserSample.Prompt> prompts, Tensor pooled, Losses losses) {
        Tensor styles = index(
                prompts.stream().mapToLong(prompt -> prompt.style().ordinal()).toArray());
        Tensor colours = index(
                prompts.stream().mapToLong(prompt -> prompt.colour().ordinal()).toArray());
        losses.add("style", crossEntropy(heads.style().forward(pooled), styles), NAMING_WEIGHT);
        losses.add("colour", crossEntropy(heads.colour().forward(pooled), colours), 0.5 * NAMING_WEIGHT);
    }

    private static Tensor crossEntropy(Tensor scores, Tensor classes) {
        return torch.log_softmax(scores.to(ScalarType.Float), 1)
                .gather(1, classes.unsqueeze(1))
                .mean()
                .neg();
    }

    private Tensor ids(List<DenoiserSample.Prompt> prompts) {
        int length = TinyForm.PROMPT_TOKENS;
        long[] ids = new long[prompts.size() * length];
        for (int i = 0; i < prompts.size(); i++) {
            System.arraycopy(model.tokenizer().encode(prompts.get(i).text(), length), 0, ids, i * length, length);
        }
        return index(ids).view(prompts.size(), length);
    }

    private Tensor index(long[] values) {
        return model.placement().place(Tensor.create(values), ScalarType.Long);
    }

    /** {@code [B, 1, 1, 1]}. */
    private Tensor column(double[] values) {
        float[] numbers = new float[values.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) values[i];
        }
        return model.placement().place(Tensor.create(numbers, numbers.length, 1, 1, 1));
    }

    private static Tensor cat(List<Tensor> rows) {
        return torch.cat(new TensorVector(rows.toArray(Tensor[]::new)), 0);
    }

    @Override
    public void move(Optimizer optimizer) {
        List<Trained> moved = new ArrayList<>(List.of(parts.denoiser(), parts.text(), parts.heads()));
        if (pictures) {
            moved.add(parts.autoencoder());
        }
        optimizer.move(moved);
    }

    static Trained.AdamW method() {
        return METHOD;
    }

    /** Decay of the running averages at a step. */
    static double averaging(long step) {
        return Math.min(MOST_AVERAGING, step / (step + 60.0));
    }
}
