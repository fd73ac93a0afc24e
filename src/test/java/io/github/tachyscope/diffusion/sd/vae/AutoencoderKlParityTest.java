package io.github.tachyscope.diffusion.sd.vae;

import static io.github.tachyscope.testkit.Fixtures.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.tensor.LoadedWeights;
import io.github.tachyscope.tensor.Noise;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.RandomWeights;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.SafetensorsWriter;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.WeightsRejected;
import io.github.tachyscope.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AutoencoderKlParityTest {
    private static final double TOLERANCE = 1e-4;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A small model with every part: three levels, a change of width, groups that matter. */
    private static final String SMALL = """
            {"block_out_channels": [4, 8, 8], "norm_num_groups": 2, "layers_per_block": 1, "latent_channels": 3}""";

    /** Every weights file of every case: both spellings of the attention. */
    static Stream<Path> files() throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path folder : Fixtures.folders(folder -> Files.exists(folder.resolve("config.json"))
                && Fixtures.json(folder.resolve("config.json"))
                        .path("_class_name")
                        .asText()
                        .equals("AutoencoderKL"))) {
            try (Stream<Path> inside = Files.list(folder)) {
                inside.filter(file -> file.getFileName().toString().matches("diffusion_pytorch_model.*safetensors"))
                        .sorted()
                        .forEach(found::add);
            }
        }
        return found.stream();
    }

    @ParameterizedTest
    @MethodSource("files")
    void picturesAndLatentsAreThoseOfTheReference(Path file) {
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(file.getParent());
                LoadedWeights weights = LoadedWeights.file(file, Placement.CPU)) {
            AutoencoderKl vae = AutoencoderKl.take(config(file), weights);
            assertEquals(0, weights.unused().size(), () -> "unused: " + weights.unused());
            Posterior posterior = vae.encode(io.tensor("encode.in.image"));
            Tensor sample = posterior.sample(io.tensor("encode.in.eps"));
            assertClose("mean", posterior.mean(), io.tensor("encode.out.mean"), TOLERANCE);
            assertClose("logvar", posterior.logVariance(), io.tensor("encode.out.logvar"), TOLERANCE);
            assertClose("std", posterior.deviation(), io.tensor("encode.out.std"), TOLERANCE);
            assertClose("sample", sample, io.tensor("encode.out.sample"), TOLERANCE);
            assertClose("scaled", vae.scale(sample), io.tensor("encode.out.scaled_sample"), TOLERANCE);
            assertClose(
                    "decode",
                    vae.decode(io.tensor("decode.in.scaled_latents")),
                    io.tensor("decode.out.image"),
                    TOLERANCE);
            assertClose(
                    "odd size",
                    vae.encode(io.tensor("encode2.in.image")).mean(),
                    io.tensor("encode2.out.mean"),
                    TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void attentionStoredAsKernelsIsTheSame(Path file, @TempDir Path folder) throws IOException {
        Path kernels = folder.resolve("kernels.safetensors");
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile stored = SafetensorsFile.open(file)) {
            Map<String, Tensor> reshaped = new LinkedHashMap<>();
            for (String name : stored.entries().keySet()) {
                Tensor tensor = stored.tensor(name);
                boolean matrix = name.contains(".attentions.") && tensor.dim() == 2;
                reshaped.put(name, matrix ? tensor.unsqueeze(-1).unsqueeze(-1) : tensor);
            }
            SafetensorsWriter.write(kernels, reshaped, Precision.FP32, Map.of());
        }
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(file.getParent());
                LoadedWeights weights = LoadedWeights.file(kernels, Placement.CPU)) {
            AutoencoderKl vae = AutoencoderKl.take(config(file), weights);
            Tensor mean = vae.encode(io.tensor("encode.in.image")).mean();
            assertClose("mean", mean, io.tensor("encode.out.mean"), TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void oneDisturbedWeightIsNoticed(Path file) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(file.getParent());
                LoadedWeights weights = LoadedWeights.file(file, Placement.CPU)) {
            AutoencoderKl vae = AutoencoderKl.take(config(file), weights);
            // A key's bias shifts all scores of a query alike, which the softmax takes out again.
            List<String> names = weights.parameters().keySet().stream()
                    .filter(name -> !name.endsWith("to_k.bias") && !name.endsWith("key.bias"))
                    .toList();
            for (int i = 0; i < 10; i++) {
                String name = names.get(random.nextInt(names.size()));
                Tensor weight = weights.parameters().get(name);
                Tensor saved = weight.clone();
                weight.as_strided(new long[] {weight.numel()}, 1)
                        .select(0, random.nextInt((int) weight.numel()))
                        .add_(new Scalar(0.5f));
                double distance;
                if (name.startsWith("encoder") || name.startsWith("quant")) {
                    Posterior posterior = vae.encode(io.tensor("encode.in.image"));
                    distance = Fixtures.distance(posterior.mean(), io.tensor("encode.out.mean"))
                            + Fixtures.distance(posterior.logVariance(), io.tensor("encode.out.logvar"));
                } else {
                    distance = Fixtures.distance(
                            vae.decode(io.tensor("decode.in.scaled_latents")), io.tensor("decode.out.image"));
                }
                assertTrue(distance > TOLERANCE, "seed " + seed + ": " + name + " changed nothing: " + distance);
                weight.copy_(saved);
            }
        }
    }

    @Test
    void shiftAndScalingComeBack() throws Exception {
        ObjectNode shifted = (ObjectNode) JSON.readTree(SMALL);
        shifted.put("scaling_factor", 0.25).put("shift_factor", 2);
        try (TensorScope scope = TensorScope.inference();
                RandomWeights weights = new RandomWeights(1, Placement.CPU)) {
            AutoencoderKl vae = AutoencoderKl.take(AutoencoderKlConfig.read(shifted), weights);
            Tensor z = Tensor.create(new float[] {2, 6}, 1, 1, 1, 2);
            assertClose("scaled", vae.scale(z), Tensor.create(new float[] {0, 1}, 1, 1, 1, 2), 1e-7);
            assertClose("back", vae.unscale(vae.scale(z)), z, 1e-6);
        }
    }

    @Test
    void partsThatTheConfigurationLeavesOutAreNotTaken() throws Exception {
        ObjectNode bare = (ObjectNode) JSON.readTree(SMALL);
        bare.put("use_quant_conv", false).put("use_post_quant_conv", false).put("mid_block_add_attention", false);
        try (TensorScope scope = TensorScope.inference();
                RandomWeights weights = new RandomWeights(1, Placement.CPU)) {
            AutoencoderKl vae = AutoencoderKl.take(AutoencoderKlConfig.read(bare), weights);
            assertTrue(weights.parameters().keySet().stream()
                    .noneMatch(name -> name.contains("quant") || name.contains("attentions")));
            Tensor picture = Noise.normal(3, Placement.CPU, 1, 3, 20, 12);
            Tensor mean = vae.encode(picture).mean();
            assertArrayEquals(new long[] {1, 3, 5, 3}, mean.shape());
            assertArrayEquals(picture.shape(), vae.decode(mean).shape());
        }
    }

    @Test
    void everyWeightLearns() throws Exception {
        AutoencoderKlConfig config = AutoencoderKlConfig.read(JSON.readTree(SMALL));
        assertEquals(4, config.reduction());
        try (RandomWeights weights = new RandomWeights(1, Placement.CPU);
                TensorScope scope = TensorScope.plain()) {
            AutoencoderKl vae = AutoencoderKl.take(config, weights);
            weights.parameters().values().forEach(parameter -> parameter.set_requires_grad(true));
            Posterior posterior = vae.encode(Noise.normal(2, Placement.CPU, 2, 3, 16, 12));
            Tensor z = posterior.sample(Noise.normal(3, Placement.CPU, 2, 3, 4, 3));
            vae.decode(vae.scale(z)).square().mean().backward();
            weights.parameters().forEach((name, parameter) -> {
                assertTrue(parameter.grad().defined(), name + " has no gradient");
                assertTrue(torch.isfinite(parameter.grad()).all().item_bool(), name);
            });
        }
    }

    @Test
    void runningLeavesNothingBehind() throws Exception {
        AutoencoderKlConfig config = AutoencoderKlConfig.read(JSON.readTree(SMALL));
        try (RandomWeights weights = new RandomWeights(1, Placement.CPU)) {
            AutoencoderKl vae = AutoencoderKl.take(config, weights);
            run(vae);
            long before = Pointer.totalCount();
            for (int i = 0; i < 3; i++) {
                run(vae);
            }
            assertTrue(Pointer.totalCount() <= before, "native objects left behind");
        }
    }

    private static void run(AutoencoderKl vae) {
        try (TensorScope scope = TensorScope.inference()) {
            Posterior posterior = vae.encode(Noise.normal(2, Placement.CPU, 1, 3, 16, 16));
            vae.decode(vae.scale(posterior.sample(Noise.normal(3, Placement.CPU, 1, 3, 4, 4))));
        }
    }

    @Test
    void missingAndMisshapenTensorsAreNamed(@TempDir Path folder) throws Exception {
        Path file = files().findFirst().orElseThrow();
        for (String victim : List.of("encoder.conv_in.weight", "decoder.mid_block.attentions.0.group_norm.bias")) {
            try (TensorScope scope = TensorScope.inference();
                    SafetensorsFile stored = SafetensorsFile.open(file)) {
                Map<String, Tensor> tensors = new LinkedHashMap<>();
                stored.entries().keySet().forEach(name -> tensors.put(name, stored.tensor(name)));
                tensors.put(victim, tensors.get(victim).narrow(0, 0, 1));
                assertTrue(refusal(file, folder.resolve("misshapen.safetensors"), tensors)
                        .contains(victim + " has shape"));
                tensors.remove(victim);
                assertTrue(refusal(file, folder.resolve("missing.safetensors"), tensors)
                        .contains(victim + " is missing"));
            }
        }
    }

    private static String refusal(Path original, Path file, Map<String, Tensor> tensors) throws IOException {
        SafetensorsWriter.write(file, tensors, Precision.FP32, Map.of());
        try (LoadedWeights weights = LoadedWeights.file(file, Placement.CPU)) {
            return assertThrows(WeightsRejected.class, () -> AutoencoderKl.take(config(original), weights))
                    .getMessage();
        }
    }

    @Test
    void unsupportedConfigurationsAreRefusedByKey() throws Exception {
        for (Map.Entry<String, String> bad : Map.ofEntries(
                        Map.entry("act_fn", "\"relu\""),
                        Map.entry("latents_mean", "[0, 0, 0, 0]"),
                        Map.entry("latents_std", "[1, 1, 1, 1]"),
                        Map.entry("block_out_channels", "[100, 200]"),
                        Map.entry("down_block_types", "[\"DownEncoderBlock2D\", \"AttnDownEncoderBlock2D\"]"),
                        Map.entry("up_block_types", "[\"UpDecoderBlock2D\"]"),
                        Map.entry("layers_per_block", "0"),
                        Map.entry("latent_channels", "\"four\""),
                        Map.entry("norm_num_groups", "-1"),
                        Map.entry("scaling_factor", "0"),
                        Map.entry("shift_factor", "\"some\""),
                        Map.entry("use_quant_conv", "3"))
                .entrySet()) {
            ObjectNode config = JSON.createObjectNode();
            config.set(bad.getKey(), JSON.readTree(bad.getValue()));
            String message = assertThrows(WeightsRejected.class, () -> AutoencoderKlConfig.read(config), bad.getKey())
                    .getMessage();
            assertTrue(message.contains("'s " + bad.getKey() + " is"), message);
        }
    }

    private static AutoencoderKlConfig config(Path file) {
        return AutoencoderKlConfig.read(Fixtures.json(file.resolveSibling("config.json")));
    }
}
