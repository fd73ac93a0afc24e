package io.github.tachyscope.diffusion.tiny;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.tachyscope.diffusion.sd.text.ClipTextConfig;
import io.github.tachyscope.diffusion.sd.text.ClipTextModel;
import io.github.tachyscope.diffusion.sd.text.ClipTokenizer;
import io.github.tachyscope.diffusion.sd.unet.UNet;
import io.github.tachyscope.diffusion.sd.unet.UNetConfig;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderTiny;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderTinyConfig;
import io.github.tachyscope.tensor.LoadedWeights;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Weights;
import io.github.tachyscope.tensor.WeightsRejected;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The bundled model: networks and tokenizer of a small text-conditioned diffusion model for pictures in [0, 1].
 *
 * <p>Owns its weights. The networks are immutable; forwards of several threads may overlap.
 */
public final class TinyModel implements AutoCloseable {
    private final AutoencoderTiny autoencoder;
    private final UNet denoiser;
    private final ClipTextModel textEncoder;
    private final ClipTokenizer tokenizer;
    private final Placement placement;
    private final List<Weights> owned;

    private TinyModel(
            AutoencoderTiny autoencoder,
            UNet denoiser,
            ClipTextModel textEncoder,
            ClipTokenizer tokenizer,
            Placement placement,
            List<Weights> owned) {
        this.autoencoder = autoencoder;
        this.denoiser = denoiser;
        this.textEncoder = textEncoder;
        this.tokenizer = tokenizer;
        this.placement = placement;
        this.owned = owned;
    }

    /** The model in its fixed form over any weights: random ones, or those of a training run. Takes ownership of them. */
    public static TinyModel of(Weights autoencoder, Weights denoiser, Weights text, ClipTokenizer tokenizer) {
        JsonNode textForm = TinyForm.textEncoder(tokenizer.size(), tokenizer.end());
        return new TinyModel(
                AutoencoderTiny.take(AutoencoderTinyConfig.read(TinyForm.autoencoder()), autoencoder),
                UNet.take(UNetConfig.read(TinyForm.denoiser()), denoiser),
                ClipTextModel.take(ClipTextConfig.read(textForm), text),
                tokenizer,
                denoiser.placement(),
                List.of(autoencoder, denoiser, text));
    }

    /**
     * Reads a folder with {@code vae/}, {@code unet/}, {@code text_encoder/} and {@code tokenizer/}.
     *
     * @throws WeightsRejected if something in it cannot be used; nothing stays loaded then
     */
    public static TinyModel load(Path folder, Placement placement) {
        List<Weights> owned = new ArrayList<>();
        try {
            LoadedWeights autoencoder = weights(owned, folder.resolve("vae"), "diffusion_pytorch_model", placement);
            LoadedWeights denoiser = weights(owned, folder.resolve("unet"), "diffusion_pytorch_model", placement);
            LoadedWeights text = weights(owned, folder.resolve("text_encoder"), "model", placement);
            return new TinyModel(
                    AutoencoderTiny.take(AutoencoderTinyConfig.read(config(folder.resolve("vae"))), autoencoder),
                    UNet.take(UNetConfig.read(config(folder.resolve("unet"))), denoiser),
                    ClipTextModel.take(ClipTextConfig.read(config(folder.resolve("text_encoder"))), text),
                    ClipTokenizer.read(folder.resolve("tokenizer")),
                    placement,
                    owned);
        } catch (RuntimeException failure) {
            owned.forEach(Weights::close);
            throw failure;
        }
    }

    private static LoadedWeights weights(List<Weights> owned, Path folder, String stem, Placement placement) {
        LoadedWeights weights = LoadedWeights.folder(folder, stem, placement);
        owned.add(weights);
        return weights;
    }

    private static JsonNode config(Path folder) {
        try {
            return new ObjectMapper().readTree(folder.resolve("config.json").toFile());
        } catch (IOException unreadable) {
            throw new WeightsRejected("config.json of " + folder.getFileName() + " cannot be read", unreadable);
        }
    }

    public AutoencoderTiny autoencoder() {
        return autoencoder;
    }

    public UNet denoiser() {
        return denoiser;
    }

    public ClipTextModel textEncoder() {
        return textEncoder;
    }

    public ClipTokenizer tokenizer() {
        return tokenizer;
    }

    public Placement placement() {
        return placement;
    }

    @Override
    public void close() {
        owned.forEach(Weights::close);
    }
}
