package io.github.tachyscope.diffusion.tiny;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.tachyscope.diffusion.sd.text.ClipTokenizer;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.RandomWeights;
import io.github.tachyscope.tensor.SafetensorsWriter;
import io.github.tachyscope.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A folder with an untrained model, as the server loads it. */
public final class ModelFolder {
    private ModelFolder() {}

    /** Writes one. */
    public static void write(Path folder) throws IOException {
        ClipTokenizer tokenizer = ClipTokenizer.read(Fixtures.folder("tokenizer_tiny"));
        RandomWeights autoencoder = new RandomWeights(1, Placement.CPU);
        RandomWeights denoiser = new RandomWeights(2, Placement.CPU);
        RandomWeights text = new RandomWeights(3, Placement.CPU);
        try (TinyModel model = TinyModel.of(autoencoder, denoiser, text, tokenizer)) {
            component(folder.resolve("vae"), "diffusion_pytorch_model", autoencoder, TinyForm.autoencoder());
            component(folder.resolve("unet"), "diffusion_pytorch_model", denoiser, TinyForm.denoiser());
            JsonNode form = TinyForm.textEncoder(tokenizer.size(), tokenizer.end());
            component(folder.resolve("text_encoder"), "model", text, form);
            model.tokenizer().write(folder.resolve("tokenizer"));
        }
    }

    private static void component(Path folder, String stem, RandomWeights weights, JsonNode form) throws IOException {
        Files.createDirectories(folder);
        SafetensorsWriter.write(folder.resolve(stem + ".safetensors"), weights.parameters(), Precision.FP16, Map.of());
        Files.write(folder.resolve("config.json"), new ObjectMapper().writeValueAsBytes(form));
    }
}
