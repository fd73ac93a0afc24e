package io.github.tachyscope.diffusion.tiny.training;

import io.github.tachyscope.diffusion.sd.text.ClipTokenizer;
import io.github.tachyscope.diffusion.tiny.TinyForm;
import io.github.tachyscope.diffusion.tiny.TinyModel;
import io.github.tachyscope.diffusion.tiny.style.ColourOperation;
import io.github.tachyscope.diffusion.tiny.style.Style;
import io.github.tachyscope.tensor.Linear;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.RandomWeights;
import io.github.tachyscope.tensor.TensorScope;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;

/** The model under training, with all that belongs to its parameters. Owns everything. */
final class TrainedModel implements AutoCloseable {
    private final TinyModel model;
    private final RandomWeights headWeights;
    private final DenoiserStage.Heads heads;
    private final DenoiserStage.Parts parts;

    /** Untrained. */
    TrainedModel(long seed, Placement placement, ClipTokenizer tokenizer) {
        RandomWeights autoencoder = new RandomWeights(seed + 1, placement);
        RandomWeights denoiser = new RandomWeights(seed + 2, placement);
        RandomWeights text = new RandomWeights(seed + 3, placement);
        headWeights = new RandomWeights(seed + 4, placement);
        model = TinyModel.of(autoencoder, denoiser, text, tokenizer);
        heads = new DenoiserStage.Heads(
                Linear.take(headWeights, "style", TinyForm.TEXT_WIDTH, Style.values().length),
                Linear.take(headWeights, "colour", TinyForm.TEXT_WIDTH, ColourOperation.values().length));
        parts = new DenoiserStage.Parts(
                new Trained(denoiser), new Trained(text), new Trained(headWeights), new Trained(autoencoder));
    }

    TinyModel model() {
        return model;
    }

    DenoiserStage.Heads heads() {
        return heads;
    }

    DenoiserStage.Parts parts() {
        return parts;
    }

    /** What a checkpoint of the first stage holds. */
    Map<String, Trained> first() {
        return Map.of("autoencoder", parts.autoencoder());
    }

    /** What a checkpoint of the second stage holds. */
    Map<String, Trained> all() {
        return Map.of(
                "autoencoder", parts.autoencoder(),
                "denoiser", parts.denoiser(),
                "text", parts.text(),
                "heads", parts.heads());
    }

    /** From here on latents are those of the averaged autoencoder, which learns no more. */
    void settleAutoencoder() {
        Trained autoencoder = parts.autoencoder();
        try (TensorScope scope = TensorScope.plain();
                NoGradGuard quiet = new NoGradGuard()) {
            autoencoder.learns(false);
            autoencoder.slots().values().forEach(slot -> {
                slot.value().copy_(slot.average());
                slot.first().zero_();
                slot.second().zero_();
            });
        }
    }

    @Override
    public void close() {
        all().values().forEach(Trained::close);
        headWeights.close();
        model.close();
    }
}
