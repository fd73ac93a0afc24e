package io.github.tachyscope.diffusion.sd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.tachyscope.diffusion.sd.text.ClipTextConfig;
import io.github.tachyscope.diffusion.sd.text.ClipTextModel;
import io.github.tachyscope.diffusion.sd.unet.Conditioning;
import io.github.tachyscope.diffusion.sd.unet.Residuals;
import io.github.tachyscope.diffusion.sd.unet.UNet;
import io.github.tachyscope.diffusion.sd.unet.UNetConfig;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderTiny;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderTinyConfig;
import io.github.tachyscope.tensor.LoadedWeights;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.SelfTest.Finding;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.WeightsRejected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Whole networks on a device against outputs of the reference implementation: folders with {@code config.json}, weights
 * and {@code io.safetensors}, whose entries are named {@code <case>.in.*} and {@code <case>.out.*}.
 */
public final class ParityCheck {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ParityCheck() {}

    /**
     * Every model among the folders of {@code fixtures}, in this placement.
     *
     * @throws WeightsRejected if there is no model, or one cannot be read
     */
    public static List<Finding> run(Path fixtures, Placement placement) {
        List<Finding> findings = new ArrayList<>();
        for (Path folder : folders(fixtures)) {
            JsonNode config = config(folder);
            String name =
                    config.path("_class_name").asText(config.path("model_type").asText());
            switch (name) {
                case "UNet2DConditionModel" -> findings.add(unet(folder, config, placement));
                case "AutoencoderTiny" -> findings.add(autoencoder(folder, config, placement));
                case "clip_text_model" -> findings.add(text(folder, config, placement));
                default -> {
                    // Traces, tokenizers and others are for tests.
                }
            }
        }
        if (findings.isEmpty()) {
            throw new WeightsRejected("no model among the folders of " + fixtures);
        }
        return findings;
    }

    private static List<Path> folders(Path fixtures) {
        try (Stream<Path> all = Files.list(fixtures)) {
            return all.filter(folder -> Files.exists(folder.resolve("io.safetensors"))
                            && Files.exists(folder.resolve("config.json")))
                    .sorted()
                    .toList();
        } catch (IOException unreadable) {
            throw new WeightsRejected("the folder " + fixtures + " cannot be read", unreadable);
        }
    }

    private static JsonNode config(Path folder) {
        try {
            return JSON.readTree(folder.resolve("config.json").toFile());
        } catch (IOException unreadable) {
            throw new WeightsRejected("config.json of " + folder.getFileName() + " cannot be read", unreadable);
        }
    }

    private static Finding unet(Path folder, JsonNode config, Placement placement) {
        return compared(folder, "diffusion_pytorch_model", placement, (weights, io) -> {
            UNet unet = UNet.take(UNetConfig.read(config), weights);
            Errors errors = new Errors();
            for (String entry : io.entries().keySet()) {
                if (entry.endsWith(".out.sample")) {
                    String name = entry.substring(0, entry.indexOf('.'));
                    errors.add(denoised(unet, io, name, placement), io.tensor(entry));
                }
            }
            return errors;
        });
    }

    private static Tensor denoised(UNet unet, SafetensorsFile io, String name, Placement placement) {
        Tensor states = placement.place(io.tensor(name + ".in.encoder_hidden_states"));
        Conditioning conditioning = io.entries().containsKey(name + ".in.time_ids")
                ? unet.condition(
                        states,
                        placement.place(io.tensor(name + ".in.text_embeds")),
                        placement.place(io.tensor(name + ".in.time_ids"), ScalarType.Float))
                : unet.condition(states);
        List<Tensor> down = new ArrayList<>();
        String residual = name + ".in.down_block_additional_residuals.";
        while (io.entries().containsKey(residual + down.size())) {
            down.add(placement.place(io.tensor(residual + down.size())));
        }
        Optional<Residuals> residuals = down.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Residuals(down, placement.place(io.tensor(name + ".in.mid_block_additional_residual"))));
        Tensor timestep = placement.place(io.tensor(name + ".in.timestep"), ScalarType.Long);
        return unet.forward(
                placement.place(io.tensor(name + ".in.sample")),
                unet.time(timestep, conditioning),
                conditioning,
                residuals);
    }

    private static Finding autoencoder(Path folder, JsonNode config, Placement placement) {
        return compared(folder, "diffusion_pytorch_model", placement, (weights, io) -> {
            AutoencoderTiny vae = AutoencoderTiny.take(AutoencoderTinyConfig.read(config), weights);
            return new Errors()
                    .add(vae.encode(placement.place(io.tensor("encode.in.image"))), io.tensor("encode.out.latents"))
                    .add(vae.decode(placement.place(io.tensor("decode.in.latents"))), io.tensor("decode.out.image"));
        });
    }

    private static Finding text(Path folder, JsonNode config, Placement placement) {
        return compared(folder, "model", placement, (weights, io) -> {
            ClipTextModel model = ClipTextModel.take(ClipTextConfig.read(config), weights);
            Tensor ids = placement.place(io.tensor("in.input_ids"), ScalarType.Long);
            return new Errors().add(model.forward(ids).last(), io.tensor("out.last_hidden_state"));
        });
    }

    private static Finding compared(
            Path folder, String stem, Placement placement, BiFunction<LoadedWeights, SafetensorsFile, Errors> run) {
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = SafetensorsFile.open(folder.resolve("io.safetensors"));
                LoadedWeights weights = LoadedWeights.folder(folder, stem, placement)) {
            Errors errors = run.apply(weights, io);
            double allowed = allowed(placement);
            return new Finding(
                    folder.getFileName() + " in " + placement.precision().wireName(),
                    errors.largest <= allowed,
                    String.format(
                            Locale.ROOT,
                            "relative error %.1e, allowed %.1e, %d outputs",
                            errors.largest,
                            allowed,
                            errors.outputs));
        }
    }

    /** Root mean square of the error relative to that of the output; the reference itself shows 2.5 % in bf16. */
    private static double allowed(Placement placement) {
        if (placement.precision() == Precision.FP32) {
            // GPUs may round the factors of a product to ten bits.
            return placement.onCpu() ? 1e-4 : 5e-3;
        }
        return placement.precision() == Precision.BF16 ? 4e-2 : 1e-2;
    }

    private static final class Errors {
        private double largest;
        private int outputs;

        Errors add(Tensor actual, Tensor expected) {
            Tensor exact = expected.to(ScalarType.Double);
            Tensor error = actual.cpu().to(ScalarType.Double).sub(exact);
            double relative = Math.sqrt(
                    error.square().mean().item_double() / exact.square().mean().item_double());
            // Not a number must not pass for small.
            largest = Double.isNaN(relative) ? Double.POSITIVE_INFINITY : Math.max(largest, relative);
            outputs++;
            return this;
        }
    }
}
