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
        long before = Pointer.totalCount();
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
        assertEquals(before, Pointer.totalCount(), "native objects left behind");
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
        AutoencoderTinyConfig config = AutoencoderTinyConfig.read(JSON.readTree("""
                {"patch_size": 2, "pixel_range": [0, 1], "latent_channels": 12,
                 "encoder_block_out_channels": [32, 32], "num_encoder_blocks": [1, 2],
                 "decoder_block_out_channels": [32, 32], "num_decoder_blocks": [3, 1]}"""));
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

    private static AutoencoderTinyConfig config(Path folder) {
        JsonNode config = Fixtures.json(folder.resolve("config.json"));
        return AutoencoderTinyConfig.read(config);
    }

    private static LoadedWeights load(Path folder) {
        return LoadedWeights.folder(folder, "diffusion_pytorch_model", Placement.CPU);
    }
}
