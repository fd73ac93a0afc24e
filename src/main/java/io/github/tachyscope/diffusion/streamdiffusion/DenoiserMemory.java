package io.github.tachyscope.diffusion.streamdiffusion;

import io.github.tachyscope.diffusion.sd.blend.HeapEmbedding;
import io.github.tachyscope.diffusion.sd.model.PromptWish;
import io.github.tachyscope.diffusion.sd.model.Scales;
import io.github.tachyscope.diffusion.sd.model.SdModel;
import io.github.tachyscope.diffusion.sd.model.Seeds;
import io.github.tachyscope.diffusion.sd.sampling.StreamRows;
import io.github.tachyscope.diffusion.sd.unet.Conditioning;
import io.github.tachyscope.diffusion.sd.unet.TimeConditioning;
import io.github.tachyscope.frame.PictureSize;
import io.github.tachyscope.tensor.Held;
import io.github.tachyscope.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * What a generation's calls of the denoiser need again and again: what the denoiser derives from prompts and timesteps,
 * and the noise of its steps.
 *
 * <p>Pure functions of their arguments with a memory, so a step that fails leaves nothing wrong behind. Touched by
 * denoising steps only, of which a generation has one at a time, and closed when none runs.
 */
final class DenoiserMemory implements AutoCloseable {
    /** What the rows of a call are made from. */
    private record Key(
            PromptWish.Embeddings prompts, List<Long> timesteps, int negative, Scales scales, PictureSize size) {
        boolean sameAs(Key other) {
            return prompts == other.prompts
                    && size.equals(other.size)
                    && timesteps.equals(other.timesteps)
                    && negative == other.negative
                    && scales.equals(other.scales);
        }
    }

    /** The rows of one session in a call, in their order. */
    record Rows(Conditioning prompts, TimeConditioning times) {}

    private record NoiseKey(Seeds seeds, int steps, PictureSize size) {}

    private final SdModel model;
    private @Nullable Key key;
    private @Nullable Rows rows;
    private @Nullable NoiseKey noiseKey;
    private final Held noise = new Held();

    DenoiserMemory(SdModel model) {
        this.model = model;
    }

    /** What goes with the rows of a call; the adapters must be at their scales. */
    Rows rows(StreamRows call, Job.Drive drive) {
        Key wanted = new Key(
                drive.prompts(),
                Arrays.stream(call.timesteps()).boxed().toList(),
                call.negative(),
                drive.scales(),
                drive.size());
        Rows present = rows;
        if (present != null && key != null && key.sameAs(wanted)) {
            return present;
        }
        Rows fresh = made(call, drive);
        forget();
        key = wanted;
        rows = fresh;
        return fresh;
    }

    private Rows made(StreamRows call, Job.Drive drive) {
        try (TensorScope scope = TensorScope.inference()) {
            List<Conditioning> parts = new ArrayList<>();
            if (call.negative() > 0) {
                Conditioning negative = condition(drive.prompts().negative(), drive);
                parts.addAll(Collections.nCopies(call.negative(), negative));
            }
            Conditioning prompt = condition(drive.prompts().prompt(), drive);
            parts.addAll(Collections.nCopies(call.timesteps().length - call.negative(), prompt));
            Conditioning prompts = Conditioning.cat(parts);
            Tensor timesteps = model.placement().place(Tensor.create(call.timesteps()), ScalarType.Long);
            TimeConditioning times = model.denoiser().time(timesteps, prompts);
            return new Rows(prompts.keep(), times.keep());
        }
    }

    private Conditioning condition(HeapEmbedding embedding, Job.Drive drive) {
        return model.condition(embedding, drive.size());
    }

    /** The fixed noise of each step, {@code [steps, C, h, w]}; owned by this memory. */
    Tensor noise(Plan plan, PictureSize size) {
        NoiseKey wanted = new NoiseKey(plan.seeds(), plan.count(), size);
        if (!wanted.equals(noiseKey)) {
            try (TensorScope scope = TensorScope.inference()) {
                Tensor drawn = model.noise().ofSteps(plan.seeds(), plan.count(), model.latent(size));
                noise.put(TensorScope.keep(model.placement().place(drawn)));
            }
            noiseKey = wanted;
        }
        return noise.present();
    }

    private void forget() {
        Rows present = rows;
        if (present != null) {
            present.prompts().release();
            present.times().release();
        }
        rows = null;
        key = null;
    }

    @Override
    public void close() {
        forget();
        noise.close();
        noiseKey = null;
    }
}
