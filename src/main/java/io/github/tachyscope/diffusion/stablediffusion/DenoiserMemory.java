package io.github.tachyscope.diffusion.stablediffusion;

import io.github.tachyscope.diffusion.sd.model.PromptWish;
import io.github.tachyscope.diffusion.sd.model.Scales;
import io.github.tachyscope.diffusion.sd.model.SdModel;
import io.github.tachyscope.diffusion.sd.model.Seeds;
import io.github.tachyscope.diffusion.sd.unet.Conditioning;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.tensor.NoiseRows;
import io.github.tachyscope.tensor.TensorScope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * What a generation's calls of the denoiser need again and again: what the denoiser derives from the prompts, and where
 * the random numbers stand.
 *
 * <p>Pure functions of their arguments with a memory, so a step that fails leaves nothing wrong behind. Touched by
 * denoising steps only, of which a generation has one at a time, and closed when none runs.
 */
final class DenoiserMemory implements AutoCloseable {
    private record Key(PromptWish.Embeddings prompts, boolean guided, Scales scales) {
        boolean sameAs(Key other) {
            return prompts == other.prompts && guided == other.guided && scales.equals(other.scales);
        }
    }

    private final SdModel model;
    private final PictureSize size;
    private final NoiseRows rows = new NoiseRows();
    private @Nullable Key key;
    private @Nullable Conditioning conditioning;

    DenoiserMemory(SdModel model, PictureSize size) {
        this.model = model;
        this.size = size;
    }

    /** The latents of a picture of nothing. */
    Tensor nothing() {
        long[] latent = latent();
        return torch.zeros(
                new long[] {1, latent[0], latent[1], latent[2]},
                model.placement().options(ScalarType.Float));
    }

    private long[] latent() {
        int reduction = model.codec().reduction();
        return new long[] {model.codec().latentChannels(), size.height() / reduction, size.width() / reduction};
    }

    /** The prompts of a picture's rows, the negative one first; the adapters must be at their scales. */
    Conditioning conditioning(Job.Denoise job) {
        Key wanted = new Key(job.prompts(), job.guided(), job.scales());
        Conditioning present = conditioning;
        if (present != null && key != null && key.sameAs(wanted)) {
            return present;
        }
        Conditioning fresh = made(job);
        forget();
        key = wanted;
        conditioning = fresh;
        return fresh;
    }

    private Conditioning made(Job.Denoise job) {
        try (TensorScope scope = TensorScope.inference()) {
            Conditioning prompt = model.condition(job.prompts().prompt(), size);
            if (!job.guided()) {
                return prompt.keep();
            }
            Conditioning negative = model.condition(job.prompts().negative(), size);
            return Conditioning.cat(List.of(negative, prompt)).keep();
        }
    }

    /** The noise that a picture begins with: its row of the seed's noise. */
    Tensor first(Job.Denoise job) {
        return here(rows.row(job.plan().seed(), job.chunk().index(), latent()));
    }

    /** Fresh noise for a call. */
    Tensor fresh(Job.Denoise job, int call) {
        return here(
                model.noise().ofPicture(Seeds.of(job.plan().seed()), job.chunk().index(), call + 1, 1, latent()));
    }

    private Tensor here(Tensor noise) {
        return model.placement().place(noise, ScalarType.Float);
    }

    private void forget() {
        if (conditioning != null) {
            conditioning.release();
        }
        conditioning = null;
        key = null;
    }

    @Override
    public void close() {
        forget();
        rows.close();
    }
}
