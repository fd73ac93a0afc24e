package io.github.tachyscope.diffusion.sd.unet;

import static io.github.tachyscope.testkit.Fixtures.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.tensor.LoadedWeights;
import io.github.tachyscope.tensor.Noise;
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
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The denoiser against the reference implementation, for every model among the fixtures. */
class UNetParityTest {
    private static final double TOLERANCE = 1e-4;

    /** Relative root mean square; the reference itself shows 0.018 to 0.025 in bf16. */
    private static final double BF16_TOLERANCE = 0.03;

    private static final long DISTURBANCE_SEED = 20261121;
    private static final int DISTURBED = 12;

    /** Between the rows of one model, whatever the reference says. */
    private static final double ROW_TOLERANCE = 1e-5;

    @BeforeAll
    static void oneThread() {
        torch.set_num_threads(1);
    }

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
        Random random = new Random(DISTURBANCE_SEED);
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(folder);
                LoadedWeights weights = load(folder, Placement.CPU)) {
            UNet unet = UNet.take(config(folder), weights);
            List<String> names = new ArrayList<>(weights.parameters().keySet());
            for (int i = 0; i < DISTURBED; i++) {
                String name = names.get(random.nextInt(names.size()));
                Tensor weight = weights.parameters().get(name);
                Tensor saved = weight.clone();
                // All numbers of the tensor: on the coarsest level most of a kernel meets nothing but padding.
                weight.add_(Noise.normal(random.nextLong(), Placement.CPU, weight.shape()), new Scalar(0.1f));
                double distance = Fixtures.distance(run(unet, io, "case0"), out(io, "case0"));
                weight.copy_(saved);
                assertTrue(
                        distance > TOLERANCE, "seed " + DISTURBANCE_SEED + ": " + name + " changed only " + distance);
            }
            assertClose("restored", run(unet, io, "case0"), out(io, "case0"), TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void keptConditioningGivesTheSameBits(Path folder) {
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(folder);
                LoadedWeights weights = load(folder, Placement.CPU)) {
            UNet unet = UNet.take(config(folder), weights);
            Tensor fresh = run(unet, io, "case1");
            long before = Pointer.totalCount();
            Conditioning conditioning;
            TimeConditioning time;
            try (TensorScope once = TensorScope.inference()) {
                conditioning = conditioning(unet, io, "case1", 0, 1).keep();
                time = unet.time(io.tensor("case1.in.timestep"), conditioning).keep();
            }
            for (int frame = 0; frame < 3; frame++) {
                try (TensorScope step = TensorScope.inference()) {
                    assertTrue(torch.equal(fresh, unet.forward(io.tensor("case1.in.sample"), time, conditioning)));
                }
            }
            conditioning.release();
            time.release();
            assertEquals(before, Pointer.totalCount(), "native objects left behind");
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void projectionsAreTakenAsTheyAreStored(Path folder) {
        ObjectNode json = (ObjectNode) Fixtures.json(folder.resolve("config.json"));
        json.put("use_linear_projection", !json.path("use_linear_projection").asBoolean());
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(folder);
                LoadedWeights weights = load(folder, Placement.CPU)) {
            UNet unet = UNet.take(UNetConfig.read(json), weights);
            assertClose("case1", run(unet, io, "case1"), out(io, "case1"), TOLERANCE);
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
            Tensor together = run(unet, io, "case0");
            for (int row = 0; row < sample.size(0); row++) {
                Conditioning conditioning = conditioning(unet, io, "case0", row, 1);
                conditionings.add(conditioning);
                times.add(unet.time(io.tensor("case0.in.timestep").narrow(0, row, 1), conditioning));
                Tensor alone = unet.forward(sample.narrow(0, row, 1), times.get(row), conditioning);
                assertClose("row " + row, alone, together.narrow(0, row, 1), ROW_TOLERANCE);
            }
            Tensor joined = unet.forward(sample, TimeConditioning.cat(times), Conditioning.cat(conditionings));
            assertClose("joined rows", joined, together, ROW_TOLERANCE);
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

    @ParameterizedTest
    @MethodSource("models")
    void weightsOfAnotherFormAreRefusedByName(Path folder) {
        JsonNode own = Fixtures.json(folder.resolve("config.json"));
        ObjectNode deeper = own.deepCopy();
        deeper.put("layers_per_block", own.path("layers_per_block").asInt() + 1);
        assertRefused(folder, deeper, "tensor down_blocks.0.resnets." + own.path("layers_per_block"), "missing");
        ObjectNode otherPrompt = own.deepCopy();
        otherPrompt.put("cross_attention_dim", own.path("cross_attention_dim").asInt() + 8);
        assertRefused(folder, otherPrompt, ".attn2.to_k.weight has shape", "needs");
        ObjectNode otherLatent = own.deepCopy();
        otherLatent.put("in_channels", 9);
        assertRefused(folder, otherLatent, "tensor conv_in.weight has shape", "needs [");
        ObjectNode scaling = own.deepCopy();
        scaling.put("resnet_time_scale_shift", "scale_shift");
        assertRefused(folder, scaling, ".time_emb_proj.weight has shape", "needs");
    }

    private static void assertRefused(Path folder, JsonNode config, String... parts) {
        try (TensorScope scope = TensorScope.inference();
                LoadedWeights weights = load(folder, Placement.CPU)) {
            String message = assertThrows(WeightsRejected.class, () -> UNet.take(UNetConfig.read(config), weights))
                    .getMessage();
            for (String part : parts) {
                assertTrue(message.contains(part), message);
            }
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
