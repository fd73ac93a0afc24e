package io.github.tachyscope.diffusion.tiny.evaluation;

import io.github.tachyscope.diffusion.sd.text.ClipTextOutput;
import io.github.tachyscope.diffusion.sd.unet.Conditioning;
import io.github.tachyscope.diffusion.tiny.NoiseSchedule;
import io.github.tachyscope.diffusion.tiny.TinyForm;
import io.github.tachyscope.diffusion.tiny.TinyModel;
import io.github.tachyscope.tensor.Noise;
import io.github.tachyscope.tensor.TensorScope;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The model by itself, without sessions, lanes and caches: pictures in, pictures out, fp32 on both ends. */
final class Restyler {
    private final TinyModel model;

    Restyler(TinyModel model) {
        this.model = model;
    }

    /**
     * @param pictures {@code [N, 3, H, W]} in [0, 1]
     * @param prompts weights by text, which sum to 1
     * @param sigmas noise levels of the steps, falling
     * @param seed of the noise of the first step; the other steps' follow
     */
    Tensor restyle(Tensor pictures, Map<String, Double> prompts, double[] sigmas, long seed) {
        try (TensorScope scope = TensorScope.inference()) {
            Tensor latents = model.autoencoder().encode(model.placement().place(pictures));
            return scope.handOut(sampled(latents, prompts, sigmas, seed));
        }
    }

    /** Pictures of this size from noise alone. */
    Tensor imagine(String prompt, int count, int size, double[] sigmas, long seed) {
        try (TensorScope scope = TensorScope.inference()) {
            int side = size / TinyForm.REDUCTION;
            Tensor nothing = torch.zeros(
                    new long[] {count, TinyForm.LATENT_CHANNELS, side, side},
                    model.placement().options());
            return scope.handOut(sampled(nothing, Map.of(prompt, 1.0), sigmas, seed));
        }
    }

    /** Through the autoencoder alone. */
    Tensor roundTrip(Tensor pictures) {
        try (TensorScope scope = TensorScope.inference()) {
            return scope.handOut(
                    decoded(model.autoencoder().encode(model.placement().place(pictures))));
        }
    }

    private Tensor sampled(Tensor latents, Map<String, Double> prompts, double[] sigmas, long seed) {
        Conditioning conditioning = condition(prompts);
        Tensor z = latents;
        for (int step = 0; step < sigmas.length; step++) {
            Tensor noise = Noise.normal(seed + step, model.placement(), z.shape());
            Tensor noisy = NoiseSchedule.noised(z, noise, sigmas[step]);
            Tensor timestep =
                    place(Tensor.create(new float[] {NoiseSchedule.timestep(sigmas[step])}), ScalarType.Float);
            Conditioning rows = repeated(conditioning, z.size(0));
            z = model.denoiser().forward(noisy, model.denoiser().time(timestep, rows), rows);
        }
        return decoded(z);
    }

    private static Conditioning repeated(Conditioning one, long rows) {
        return Conditioning.cat(java.util.Collections.nCopies((int) rows, one));
    }

    private Conditioning condition(Map<String, Double> prompts) {
        Tensor states = torch.zeros(new long[] {1, TinyForm.PROMPT_TOKENS, TinyForm.TEXT_WIDTH}, fp32());
        Tensor pooled = torch.zeros(new long[] {1, TinyForm.TEXT_WIDTH}, fp32());
        for (Map.Entry<String, Double> prompt : prompts.entrySet()) {
            long[] ids = model.tokenizer().encode(prompt.getKey(), TinyForm.PROMPT_TOKENS);
            ClipTextOutput text =
                    model.textEncoder().forward(place(Tensor.create(ids, 1, ids.length), ScalarType.Long));
            Scalar weight = new Scalar(prompt.getValue());
            states = states.add(text.last().to(ScalarType.Float).mul(weight));
            pooled = pooled.add(text.pooled().to(ScalarType.Float).mul(weight));
        }
        return model.denoiser()
                .condition(model.placement().place(states), model.placement().place(pooled));
    }

    private Tensor place(Tensor tensor, ScalarType type) {
        return model.placement().place(tensor, type);
    }

    private TensorOptions fp32() {
        return model.placement().options(ScalarType.Float);
    }

    private Tensor decoded(Tensor latents) {
        return model.autoencoder()
                .decode(latents)
                .to(ScalarType.Float)
                .clamp_min(new Scalar(0.0))
                .clamp_max(new Scalar(1.0));
    }
}
