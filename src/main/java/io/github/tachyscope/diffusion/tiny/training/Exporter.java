package io.github.tachyscope.diffusion.tiny.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.diffusion.sd.text.ClipTokenizer;
import io.github.tachyscope.diffusion.tiny.TinyForm;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Writes averaged weights as a model folder. */
final class Exporter {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final Precision precision;
    private final Map<String, String> recipe;

    /** @param recipe how the weights came about; goes into every file */
    Exporter(Path folder, Precision precision, Map<String, String> recipe) {
        this.folder = folder;
        this.precision = precision;
        this.recipe = Map.copyOf(recipe);
    }

    void export(DenoiserStage.Parts parts, ClipTokenizer tokenizer) {
        try {
            write("vae", "diffusion_pytorch_model", parts.autoencoder(), TinyForm.autoencoder());
            write("unet", "diffusion_pytorch_model", parts.denoiser(), TinyForm.denoiser());
            JsonNode textForm = TinyForm.textEncoder(tokenizer.size(), tokenizer.end());
            write("text_encoder", "model", parts.text(), textForm);
            tokenizer.write(folder.resolve("tokenizer"));
            ObjectNode index = JSON.createObjectNode().put("_class_name", "TachyscopeTiny");
            index.putArray("vae").add("diffusers").add("AutoencoderTiny");
            index.putArray("unet").add("diffusers").add("UNet2DConditionModel");
            index.putArray("text_encoder").add("transformers").add("CLIPTextModel");
            index.putArray("tokenizer").add("transformers").add("CLIPTokenizer");
            json(folder.resolve("model_index.json"), index);
        } catch (IOException failure) {
            throw new UncheckedIOException("the model cannot be written to " + folder, failure);
        }
    }

    private void write(String component, String stem, Trained trained, JsonNode config) throws IOException {
        Path to = Files.createDirectories(folder.resolve(component));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        trained.slots().forEach((name, slot) -> tensors.put(name, slot.average()));
        SafetensorsWriter.write(to.resolve(stem + ".safetensors"), tensors, precision, recipe);
        json(to.resolve("config.json"), config);
    }

    private static void json(Path path, JsonNode content) throws IOException {
        Files.write(path, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(content));
    }
}
