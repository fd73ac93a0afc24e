package io.github.tachyscope.diffusion.sd.unet;

import static io.github.tachyscope.testkit.Fixtures.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.tensor.LoadedWeights;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.WeightsRejected;
import io.github.tachyscope.testkit.Fixtures;
import io.github.tachyscope.testkit.NativeObjects;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The denoiser against the reference implementation, for every model among the fixtures. */
class UNetParityTest {
    private static final double TOLERANCE = 1e-4;

    /** Relative root mean square that the reference itself shows in bf16 is 0.018 to 0.025. */
    private static final double BF16_TOLERANCE = 0.04;

    static Stream<Path> models() {
        return Fixtures.folders(folder -> Files.exists(folder.resolve("config.json"))
                        && Fixtures.json(folder.resolve("config.json"))
                                .path("_class_name")
                                .asText()
                                .equals("UNet2DConditionModel"))
                .stream();
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyCaseIsWithinItsTolerance(Path folder) {
        long before = Pointer.totalCount();
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(folder);
                LoadedWeights weights = load(folder, Placement.CPU)) {
            UNet unet = UNet.take(config(folder), weights);
            assertEquals(0, weights.unused().size(), () -> "unused: " + weights.unused());
            List<String> cases = cases(io);
            assertTrue(cases.size() >= 3, cases::toString);
            for (String name : cases) {
                assertClose(folder.getFileName() + " " + name, run(unet, io, name), out(io, name), TOLERANCE);
            }
        }
        NativeObjects.assertNoMoreThan(before, "native objects left behind");
    }

    @ParameterizedTest
    @MethodSource("models")
    void oneDisturbedWeightIsNoticed(Path folder) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(folder);
                LoadedWeights weights = load(folder, Placement.CPU)) {
            UNet unet = UNet.take(config(folder), weights);
            List<String> names = new ArrayList<>(weights.parameters().keySet());
            for (int i = 0; i < 5; i++) {
                String name = names.get(random.nextInt(names.size()));
                Tensor weight = weights.parameters().get(name);
                Tensor saved = weight.clone();
                // One number: the same shift everywhere is what a norm takes out again.
                Tensor one = weight.as_strided(new long[] {weight.numel()}, 1)
                        .select(0, random.nextInt((int) weight.numel()));
                one.add_(new Scalar(0.5f));
                double distance = Fixtures.distance(run(unet, io, "case0"), out(io, "case0"));
                assertTrue(distance > TOLERANCE, "seed " + seed + ": " + name + " changed nothing: " + distance);
                weight.copy_(saved);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void rowsOfABatchEqualTheRowsAlone(Path folder) {
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(folder);
                LoadedWeights weights = load(folder, Placement.CPU)) {
            UNet unet = UNet.take(config(folder), weights);
            List<Conditioning> conditionings = new ArrayList<>();
            List<TimeConditioning> times = new ArrayList<>();
            Tensor sample = io.tensor("case0.in.sample");
            for (int row = 0; row < sample.size(0); row++) {
                Conditioning conditioning = conditioning(unet, io, "case0", row, 1);
                conditionings.add(conditioning);
                times.add(unet.time(io.tensor("case0.in.timestep").narrow(0, row, 1), conditioning));
                Tensor alone = unet.forward(sample.narrow(0, row, 1), times.get(row), conditioning);
                assertClose("row " + row, alone, out(io, "case0").narrow(0, row, 1), TOLERANCE);
            }
            Tensor together = unet.forward(sample, TimeConditioning.cat(times), Conditioning.cat(conditionings));
            assertClose("joined rows", together, out(io, "case0"), TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void bf16StaysNear(Path folder) {
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(folder);
                LoadedWeights weights = load(folder, Placement.CPU.with(Precision.BF16))) {
            UNet unet = UNet.take(config(folder), weights);
            Tensor expected = out(io, "case1").to(ScalarType.Double);
            Tensor error = run(unet, io, "case1").to(ScalarType.Double).sub(expected);
            double relative = Math.sqrt(error.square().mean().item_double()
                    / expected.square().mean().item_double());
            assertTrue(relative < BF16_TOLERANCE, "relative error " + relative);
        }
    }

    @Test
    void unsupportedConfigurationsAreRefusedByKey() {
        JsonNode good = Fixtures.json(models().findFirst().orElseThrow().resolve("config.json"));
        Map<String, String> bad = Map.ofEntries(
                Map.entry("class_embed_type", "timestep"),
                Map.entry("encoder_hid_dim_type", "text_proj"),
                Map.entry("dual_cross_attention", "true"),
                Map.entry("only_cross_attention", "true"),
                Map.entry("time_cond_proj_dim", "256"),
                Map.entry("mid_block_type", "UNetMidBlock2D"),
                Map.entry("conv_in_kernel", "1"),
                Map.entry("num_attention_heads", "8"),
                Map.entry("resnet_time_scale_shift", "spatial"),
                Map.entry("act_fn", "mish"),
                Map.entry("addition_embed_type", "image"));
        bad.forEach((key, value) -> {
            ObjectNode config = good.deepCopy();
            config.set(key, parsed(value));
            String message = assertThrows(WeightsRejected.class, () -> UNetConfig.read(config), key)
                    .getMessage();
            assertTrue(message.contains(key), message);
        });
        for (String key : List.of("block_out_channels", "down_block_types", "attention_head_dim")) {
            ObjectNode config = good.deepCopy();
            config.putArray(key).add("AttnDownBlock2D").add(1).add(1).add(1);
            String message = assertThrows(WeightsRejected.class, () -> UNetConfig.read(config), key)
                    .getMessage();
            assertTrue(message.contains(key), message);
        }
    }

    private static JsonNode parsed(String value) {
        try {
            return new com.fasterxml.jackson.databind.ObjectMapper().readTree(value);
        } catch (com.fasterxml.jackson.core.JsonProcessingException text) {
            return new com.fasterxml.jackson.databind.node.TextNode(value);
        }
    }

    @Test
    void anotherModelsWeightsAreRefusedByName() {
        List<Path> models = models().toList();
        try (TensorScope scope = TensorScope.inference();
                LoadedWeights weights = load(models.get(0), Placement.CPU)) {
            String message = assertThrows(WeightsRejected.class, () -> UNet.take(config(models.get(1)), weights))
                    .getMessage();
            assertTrue(message.startsWith("tensor "), message);
        }
    }

    static UNetConfig config(Path folder) {
        return UNetConfig.read(Fixtures.json(folder.resolve("config.json")));
    }

    static LoadedWeights load(Path folder, Placement placement) {
        return LoadedWeights.folder(folder, "diffusion_pytorch_model", placement);
    }

    private static List<String> cases(SafetensorsFile io) {
        return io.entries().keySet().stream()
                .filter(name -> name.endsWith(".out.sample"))
                .map(name -> name.substring(0, name.indexOf('.')))
                .sorted()
                .toList();
    }

    private static Tensor out(SafetensorsFile io, String name) {
        return io.tensor(name + ".out.sample");
    }

    private static Tensor run(UNet unet, SafetensorsFile io, String name) {
        Tensor sample = io.tensor(name + ".in.sample");
        Conditioning conditioning = conditioning(unet, io, name, 0, sample.size(0));
        ScalarType type = conditioning.attentions().get(0).keys().scalar_type();
        List<Tensor> down = new ArrayList<>();
        String residual = name + ".in.down_block_additional_residuals.";
        while (io.entries().containsKey(residual + down.size())) {
            down.add(io.tensor(residual + down.size()));
        }
        Optional<Residuals> residuals = down.isEmpty()
                ? Optional.empty()
                : Optional.of(new Residuals(down, io.tensor(name + ".in.mid_block_additional_residual")));
        TimeConditioning time = unet.time(io.tensor(name + ".in.timestep"), conditioning);
        return unet.forward(sample.to(type), time, conditioning, residuals);
    }

    private static Conditioning conditioning(UNet unet, SafetensorsFile io, String name, long row, long rows) {
        ScalarType type = unet.type();
        Tensor states = io.tensor(name + ".in.encoder_hidden_states")
                .narrow(0, row, rows)
                .to(type);
        if (!io.entries().containsKey(name + ".in.time_ids")) {
            return unet.condition(states);
        }
        return unet.condition(
                states,
                io.tensor(name + ".in.text_embeds").narrow(0, row, rows).to(type),
                io.tensor(name + ".in.time_ids").narrow(0, row, rows));
    }
}
