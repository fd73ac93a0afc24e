package io.github.tachyscope.diffusion.sd.vae;

import static io.github.tachyscope.testkit.Fixtures.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.tensor.LoadedWeights;
import io.github.tachyscope.tensor.Noise;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.RandomWeights;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.WeightsRejected;
import io.github.tachyscope.testkit.Fixtures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AutoencoderTinyParityTest {
    private static final double TOLERANCE = 1e-4;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The bundled model's form. */
    private static final String FOLDED = """
            {"patch_size": 2, "pixel_range": [0, 1], "latent_channels": 12,
             "encoder_block_out_channels": [32, 32], "num_encoder_blocks": [1, 2],
             "decoder_block_out_channels": [32, 32], "num_decoder_blocks": [3, 1]}""";

    static Stream<Path> models() {
        return Fixtures.folders(folder -> Files.exists(folder.resolve("config.json"))
                        && Fixtures.json(folder.resolve("config.json"))
                                .path("_class_name")
                                .asText()
                                .equals("AutoencoderTiny"))
                .stream();
    }

    @ParameterizedTest
    @MethodSource("models")
    void picturesAndLatentsAreThoseOfTheReference(Path folder) {
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(folder);
                LoadedWeights weights = load(folder)) {
            AutoencoderTiny vae = AutoencoderTiny.take(config(folder), weights);
            assertEquals(0, weights.unused().size(), () -> "unused: " + weights.unused());
            Tensor image = io.tensor("encode.in.image");
            Tensor latents = vae.encode(image);
            Tensor decoded = vae.decode(io.tensor("decode.in.latents"));
            assertClose("encode", latents, io.tensor("encode.out.latents"), TOLERANCE);
            assertClose("decode", decoded, io.tensor("decode.out.image"), TOLERANCE);
            assertClose("pixels", pixels(decoded), io.tensor("decode.out.image_u8"), 1);
            assertClose("round trip", vae.decode(latents), io.tensor("roundtrip.out.image"), TOLERANCE);
            Tensor scaled = vae.scaleLatents(latents);
            assertClose("scale", scaled, io.tensor("scale_latents.out"), TOLERANCE);
            assertClose("unscale", vae.unscaleLatents(scaled), io.tensor("unscale_latents.out"), TOLERANCE);
        }
    }

    private static Tensor pixels(Tensor image) {
        return image.mul(new Scalar(0.5))
                .add(new Scalar(0.5))
                .clamp(
                        new org.bytedeco.pytorch.ScalarOptional(new Scalar(0)),
                        new org.bytedeco.pytorch.ScalarOptional(new Scalar(1)))
                .mul(new Scalar(255))
                .round()
                .permute(0, 2, 3, 1);
    }

    @ParameterizedTest
    @MethodSource("models")
    void oneDisturbedWeightIsNoticed(Path folder) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(folder);
                LoadedWeights weights = load(folder)) {
            AutoencoderTiny vae = AutoencoderTiny.take(config(folder), weights);
            List<String> names = new ArrayList<>(weights.parameters().keySet());
            for (int i = 0; i < 5; i++) {
                String name = names.get(random.nextInt(names.size()));
                Tensor weight = weights.parameters().get(name);
                Tensor saved = weight.clone();
                // A whole tensor: single features may be dead behind a ReLU.
                weight.add_(new Scalar(0.05f));
                double distance = name.startsWith("encoder")
                        ? Fixtures.distance(vae.encode(io.tensor("encode.in.image")), io.tensor("encode.out.latents"))
                        : Fixtures.distance(vae.decode(io.tensor("decode.in.latents")), io.tensor("decode.out.image"));
                assertTrue(distance > TOLERANCE, "seed " + seed + ": " + name + " changed nothing: " + distance);
                weight.copy_(saved);
            }
        }
    }

    @Test
    void foldedPicturesComeBackInTheirSizeAndEveryWeightLearns() throws Exception {
        AutoencoderTinyConfig config = AutoencoderTinyConfig.read(JSON.readTree(FOLDED));
        assertEquals(4, config.reduction());
        try (RandomWeights weights = new RandomWeights(1, Placement.CPU);
                TensorScope scope = TensorScope.plain()) {
            AutoencoderTiny vae = AutoencoderTiny.take(config, weights);
            weights.parameters().values().forEach(parameter -> parameter.set_requires_grad(true));
            Tensor picture = Noise.normal(2, Placement.CPU, 2, 3, 64, 32);
            Tensor latents = vae.encode(picture);
            assertArrayEquals(new long[] {2, 12, 16, 8}, latents.shape());
            Tensor decoded = vae.decode(latents);
            assertArrayEquals(picture.shape(), decoded.shape());
            decoded.sub(picture).square().mean().backward();
            weights.parameters().forEach((name, parameter) -> {
                assertTrue(parameter.grad().defined(), name + " has no gradient");
                assertTrue(torch.isfinite(parameter.grad()).all().item_bool(), name);
                assertTrue(parameter.grad().abs().max().item_double() > 0, name + " learns nothing");
            });
        }
    }

    @Test
    void storedHalfPrecisionRunsInFullPrecision() {
        Path folder = models().findFirst().orElseThrow();
        try (TensorScope scope = TensorScope.inference();
                LoadedWeights weights = load(folder)) {
            AutoencoderTiny.take(config(folder), weights);
            assertEquals(
                    ScalarType.Float,
                    weights.parameters()
                            .values()
                            .iterator()
                            .next()
                            .scalar_type()
                            .intern());
        }
    }

    @Test
    void unsupportedConfigurationsAreRefusedByKey() throws Exception {
        for (Map.Entry<String, String> bad : Map.of(
                        "act_fn", "\"silu\"",
                        "upsample_fn", "\"bilinear\"",
                        "upsampling_scaling_factor", "4",
                        "shift_factor", "0.1",
                        "out_channels", "4",
                        "patch_size", "0",
                        "pixel_range", "[0, 255]",
                        "num_encoder_blocks", "[1, 1]",
                        "encoder_block_out_channels", "[64]")
                .entrySet()) {
            ObjectNode config = JSON.createObjectNode();
            config.set(bad.getKey(), JSON.readTree(bad.getValue()));
            String message = assertThrows(WeightsRejected.class, () -> AutoencoderTinyConfig.read(config), bad.getKey())
                    .getMessage();
            assertTrue(message.contains(bad.getKey()) || message.contains("num_decoder_blocks"), message);
        }
    }

    @Test
    void otherNumbersOfStagesChannelsAndBlocksAreNumberedFromTheConfiguration() throws Exception {
        AutoencoderTinyConfig config = AutoencoderTinyConfig.read(JSON.readTree("""
                {"encoder_block_out_channels": [8, 16, 8], "num_encoder_blocks": [2, 0, 1], "scaling_factor": 0.5,
                 "decoder_block_out_channels": [16, 8, 8], "num_decoder_blocks": [1, 2, 0], "latent_channels": 5}"""));
        try (RandomWeights weights = new RandomWeights(1, Placement.CPU);
                TensorScope scope = TensorScope.inference()) {
            AutoencoderTiny vae = AutoencoderTiny.take(config, weights);
            // 0 conv, 1-2 blocks, 3 down, 4 down, 5 block, 6 conv
            assertEquals(
                    List.of("0", "1", "2", "3", "4", "5", "6"),
                    numbers(weights.parameters().keySet(), "encoder.layers."));
            // 0 conv, (1 relu), 2 block, (3 up), 4 conv, 5-6 blocks, (7 up), 8 conv, 9 conv
            assertEquals(
                    List.of("0", "2", "4", "5", "6", "8", "9"),
                    numbers(weights.parameters().keySet(), "decoder.layers."));
            Tensor picture = Noise.normal(2, Placement.CPU, 1, 3, 12, 20);
            Tensor latents = vae.encode(picture);
            assertArrayEquals(new long[] {1, 5, 3, 5}, latents.shape());
            assertArrayEquals(picture.shape(), vae.decode(latents).shape());
        }
    }

    private static List<String> numbers(Set<String> names, String prefix) {
        return names.stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()).replaceAll("\\..*", ""))
                .distinct()
                .sorted()
                .toList();
    }

    @Test
    void runningLeavesNothingBehind() throws Exception {
        try (RandomWeights weights = new RandomWeights(1, Placement.CPU)) {
            AutoencoderTiny vae = AutoencoderTiny.take(AutoencoderTinyConfig.read(JSON.readTree(FOLDED)), weights);
            run(vae);
            long before = Pointer.totalCount();
            for (int i = 0; i < 3; i++) {
                run(vae);
            }
            assertTrue(Pointer.totalCount() <= before, "native objects left behind");
        }
    }

    private static void run(AutoencoderTiny vae) {
        try (TensorScope scope = TensorScope.inference()) {
            vae.unscaleLatents(vae.scaleLatents(vae.encode(vae.decode(Noise.normal(2, Placement.CPU, 1, 12, 4, 4)))));
        }
    }

    @Test
    void missingAndMisshapenTensorsAreNamed() {
        Path folder = models().findFirst().orElseThrow();
        try (LoadedWeights weights = load(folder)) {
            ObjectNode narrow = (ObjectNode) Fixtures.json(folder.resolve("config.json"));
            narrow.put("latent_channels", 3);
            String message = refusal(narrow, weights);
            assertTrue(message.contains("encoder.layers.14.weight has shape [4, 64, 3, 3]"), message);
        }
        try (LoadedWeights weights = load(folder)) {
            ObjectNode deep = (ObjectNode) Fixtures.json(folder.resolve("config.json"));
            deep.putArray("num_decoder_blocks").add(3).add(3).add(3).add(2);
            String message = refusal(deep, weights);
            assertTrue(message.contains("decoder.layers.18.conv.0.weight is missing"), message);
        }
    }

    private static String refusal(JsonNode config, LoadedWeights weights) {
        return assertThrows(
                        WeightsRejected.class, () -> AutoencoderTiny.take(AutoencoderTinyConfig.read(config), weights))
                .getMessage();
    }

    private static AutoencoderTinyConfig config(Path folder) {
        JsonNode config = Fixtures.json(folder.resolve("config.json"));
        return AutoencoderTinyConfig.read(config);
    }

    private static LoadedWeights load(Path folder) {
        return LoadedWeights.folder(folder, "diffusion_pytorch_model", Placement.CPU);
    }
}
