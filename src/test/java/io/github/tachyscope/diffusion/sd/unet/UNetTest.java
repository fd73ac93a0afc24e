package io.github.tachyscope.diffusion.sd.unet;

import static io.github.tachyscope.testkit.Fixtures.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.RandomWeights;
import io.github.tachyscope.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A denoiser of the bundled model's form, on random weights. */
class UNetTest {
    private static final double TOLERANCE = 1e-5;
    private static final long SEED = 7;

    private final UNetConfig config = UNetConfig.read(json());

    @BeforeAll
    static void oneThread() {
        torch.set_num_threads(1);
    }

    @Test
    void theBundledFormHasThreeMillionNumbers() {
        try (RandomWeights weights = new RandomWeights(SEED, Placement.CPU)) {
            UNet.take(config, weights);
            long numbers = weights.parameters().values().stream()
                    .mapToLong(Tensor::numel)
                    .sum();
            assertTrue(numbers > 2_900_000 && numbers < 3_100_000, () -> numbers + " numbers");
            assertShape(weights, "time_embedding.linear_1.weight", 192, 48);
            assertShape(weights, "class_embedding.linear_1.weight", 192, 96);
            assertShape(weights, "class_embedding.linear_2.weight", 192, 192);
            assertShape(weights, "down_blocks.0.resnets.0.time_emb_proj.weight", 96, 192);
            assertShape(weights, "down_blocks.2.attentions.0.proj_in.weight", 96, 96);
            assertShape(weights, "up_blocks.1.resnets.1.conv1.weight", 72, 120, 3, 3);
        }
    }

    private static void assertShape(RandomWeights weights, String name, long... shape) {
        assertArrayEquals(shape, weights.parameters().get(name).shape(), name);
    }

    @Test
    void theTimeEmbeddingIsTheSumOfBothNetworks() {
        try (TensorScope scope = TensorScope.inference();
                RandomWeights weights = new RandomWeights(SEED, Placement.CPU)) {
            UNet unet = UNet.take(config, weights);
            shake(weights);
            Tensor states = normal(1, 2, 5, 96);
            Tensor pooled = normal(2, 2, 96);
            TimeConditioning time =
                    unet.time(Tensor.create(new float[] {97f, 501.5f}, 2), unet.condition(states, pooled));
            float[] waves = new float[2 * 48];
            for (int row = 0; row < 2; row++) {
                for (int k = 0; k < 24; k++) {
                    double angle = (row == 0 ? 97 : 501.5) * Math.exp(-Math.log(10_000) * k / 24);
                    waves[48 * row + k] = (float) Math.cos(angle);
                    waves[48 * row + 24 + k] = (float) Math.sin(angle);
                }
            }
            Tensor sum = twoLayers(weights, "time_embedding", Tensor.create(waves, 2, 48))
                    .add(twoLayers(weights, "class_embedding", pooled));
            Tensor projected = linear(weights, "mid_block.resnets.0.time_emb_proj", torch.silu(sum));
            // Behind one block for each of the three levels on the way down.
            Tensor mid = time.projections().get(3).flatten(1, 3);
            assertClose(
                    "factor", mid.narrow(1, 0, 96), projected.narrow(1, 0, 96).add(new Scalar(1.0)), 1e-4);
            assertClose("shift", mid.narrow(1, 96, 96), projected.narrow(1, 96, 96), 1e-4);
        }
    }

    private static Tensor twoLayers(RandomWeights weights, String name, Tensor x) {
        return linear(weights, name + ".linear_2", torch.silu(linear(weights, name + ".linear_1", x)));
    }

    private static Tensor linear(RandomWeights weights, String name, Tensor x) {
        return x.matmul(weights.parameters().get(name + ".weight").t())
                .add(weights.parameters().get(name + ".bias"));
    }

    @Test
    void scaleAndShiftActBetweenNormAndActivation() {
        try (TensorScope scope = TensorScope.inference();
                RandomWeights weights = new RandomWeights(SEED, Placement.CPU)) {
            ResnetBlock block = ResnetBlock.take(weights, "r", 48, 72, config);
            shake(weights);
            Tensor x = normal(1, 2, 48, 6, 5);
            Tensor activated = torch.silu(normal(2, 2, 192));
            Tensor time = linear(weights, "r.time_emb_proj", activated);
            Tensor scale = time.narrow(1, 0, 72).unsqueeze(-1).unsqueeze(-1);
            Tensor shift = time.narrow(1, 72, 72).unsqueeze(-1).unsqueeze(-1);
            Tensor h = conv(weights, "r.conv1", torch.silu(norm(weights, "r.norm1", x)), 1);
            h = norm(weights, "r.norm2", h).mul(scale.add(new Scalar(1.0))).add(shift);
            h = conv(weights, "r.conv2", torch.silu(h), 1).add(conv(weights, "r.conv_shortcut", x, 0));
            assertClose("block", block.forward(x, block.project(activated)), h, TOLERANCE);
        }
    }

    private static Tensor conv(RandomWeights weights, String name, Tensor x, long padding) {
        return torch.conv2d(
                x,
                weights.parameters().get(name + ".weight"),
                new TensorOptional(weights.parameters().get(name + ".bias")),
                new long[] {1, 1},
                new long[] {padding, padding},
                new long[] {1, 1},
                1);
    }

    /** Group norm from its definition. */
    private static Tensor norm(RandomWeights weights, String name, Tensor x) {
        long channels = x.size(1);
        Tensor grouped = x.contiguous().view(x.size(0), 8, -1).to(ScalarType.Double);
        Tensor centred = grouped.sub(grouped.mean(new long[] {2}, true, new ScalarTypeOptional()));
        Tensor deviation = centred.square()
                .mean(new long[] {2}, true, new ScalarTypeOptional())
                .add(new Scalar(1e-5))
                .sqrt();
        Tensor normal = centred.div(deviation).view(x.shape()).to(ScalarType.Float);
        return normal.mul(weights.parameters().get(name + ".weight").view(1, channels, 1, 1))
                .add(weights.parameters().get(name + ".bias").view(1, channels, 1, 1));
    }

    @Test
    void everyParameterReceivesAGradient() {
        try (RandomWeights weights = new RandomWeights(SEED, Placement.CPU);
                TensorScope scope = TensorScope.plain()) {
            UNet unet = UNet.take(config, weights);
            weights.parameters().values().forEach(parameter -> parameter.set_requires_grad(true));
            loss(unet, 2).backward();
            for (Map.Entry<String, Tensor> parameter : weights.parameters().entrySet()) {
                Tensor gradient = parameter.getValue().grad();
                assertTrue(gradient.defined(), parameter.getKey() + " has no gradient");
                assertTrue(torch.isfinite(gradient).all().item_bool(), parameter.getKey() + " has no finite gradient");
                assertTrue(gradient.abs().max().item_double() > 0, parameter.getKey() + " has a gradient of zeros");
            }
        }
    }

    @Test
    void gradientsAreTheSlopeOfTheLoss() {
        try (RandomWeights weights = new RandomWeights(SEED, Placement.CPU);
                TensorScope scope = TensorScope.plain()) {
            UNet unet = UNet.take(config, weights);
            weights.parameters().values().forEach(parameter -> parameter.set_requires_grad(true));
            loss(unet, 1).backward();
            for (String name : List.of(
                    "conv_in.weight",
                    "class_embedding.linear_1.weight",
                    "down_blocks.1.resnets.0.time_emb_proj.weight",
                    "mid_block.attentions.0.transformer_blocks.0.attn2.to_v.weight",
                    "up_blocks.0.attentions.1.transformer_blocks.0.ff.net.0.proj.weight",
                    "up_blocks.2.resnets.1.conv2.weight")) {
                Tensor weight = weights.parameters().get(name);
                Tensor gradient = weight.grad().clone();
                double slope = gradient.norm().item_double();
                // A step that changes the loss by about a thousandth: rounding and curvature are both far below 5 %.
                Tensor step = gradient.mul(new Scalar(1e-3 / (slope * slope)));
                double up = moved(unet, weight, step, 1);
                double down = moved(unet, weight, step, -2);
                moved(unet, weight, step, 1);
                assertEquals(1, (up - down) / 2e-3, 0.05, name);
            }
        }
    }

    private double moved(UNet unet, Tensor weight, Tensor step, double times) {
        try (TensorScope scope = TensorScope.plain()) {
            weight.set_data(weight.detach().add(step, new Scalar(times)));
            return loss(unet, 1).item_double();
        }
    }

    private Tensor loss(UNet unet, long rows) {
        Conditioning conditioning = SmallUNets.conditioning(unet, config, Placement.CPU, rows, 3);
        TimeConditioning time = unet.time(torch.full(new long[] {rows}, new Scalar(200.0)), conditioning);
        Tensor target = latents(5, rows, 8, 12);
        return unet.forward(latents(4, rows, 8, 12), time, conditioning)
                .sub(target)
                .square()
                .mean();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void forwardsLeaveNothingBehind(boolean inference) {
        try (RandomWeights weights = new RandomWeights(SEED, Placement.CPU)) {
            UNet unet = UNet.take(config, weights);
            long objects = 0;
            for (int i = 0; i < 4; i++) {
                if (i == 1) {
                    objects = Pointer.totalCount();
                }
                try (TensorScope scope = inference ? TensorScope.inference() : TensorScope.plain()) {
                    loss(unet, 1);
                }
            }
            assertEquals(objects, Pointer.totalCount(), "native objects left behind");
        }
    }

    @Test
    void aForwardAddsOnlyItsResultToTheScope() {
        try (RandomWeights weights = new RandomWeights(SEED, Placement.CPU);
                TensorScope scope = TensorScope.inference()) {
            UNet unet = UNet.take(config, weights);
            Conditioning conditioning = SmallUNets.conditioning(unet, config, Placement.CPU, 1, 3);
            TimeConditioning time = unet.time(torch.full(new long[] {1}, new Scalar(200.0)), conditioning);
            Tensor sample = latents(4, 1, 8, 12);
            long before = Pointer.totalCount();
            unet.forward(sample, time, conditioning);
            assertEquals(before + 1, Pointer.totalCount());
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void channelsLastStaysChannelsLast(Precision precision) {
        Placement placement = Placement.CPU.with(precision);
        try (TensorScope scope = TensorScope.inference();
                RandomWeights exact = new RandomWeights(SEED, Placement.CPU);
                RandomWeights weights = new RandomWeights(SEED, placement)) {
            Tensor sample = latents(4, 2, 16, 24).contiguous(MemoryFormat.ChannelsLast);
            Tensor predicted = predict(UNet.take(config, weights), placement, placement.place(sample));
            assertEquals(precision.type(), predicted.scalar_type().intern());
            assertTrue(predicted.is_contiguous(MemoryFormat.ChannelsLast));
            Tensor expected = predict(UNet.take(config, exact), Placement.CPU, sample);
            double error = predicted.to(ScalarType.Float).sub(expected).norm().item_double()
                    / expected.norm().item_double();
            assertTrue(error <= (precision == Precision.FP32 ? 0 : 0.03), () -> "relative error " + error);
        }
    }

    @Test
    void theOrderOfNumbersInMemoryDoesNotMatter() {
        try (TensorScope scope = TensorScope.inference();
                RandomWeights weights = new RandomWeights(SEED, Placement.CPU)) {
            UNet unet = UNet.take(config, weights);
            Tensor sample = latents(4, 2, 16, 24);
            Tensor expected = predict(unet, Placement.CPU, sample.contiguous(MemoryFormat.ChannelsLast));
            assertClose("planes", predict(unet, Placement.CPU, sample.contiguous()), expected, TOLERANCE);
        }
    }

    @Test
    void oddSizesComeBackAsTheyWent() {
        try (TensorScope scope = TensorScope.inference();
                RandomWeights weights = new RandomWeights(SEED, Placement.CPU)) {
            UNet unet = UNet.take(config, weights);
            for (long[] size : new long[][] {{9, 14}, {13, 7}, {5, 5}, {64, 2}}) {
                Tensor predicted = predict(unet, Placement.CPU, latents(4, 2, size[0], size[1]));
                assertArrayEquals(new long[] {2, 12, size[0], size[1]}, predicted.shape());
            }
        }
    }

    @Test
    void oneTimestepCountsForAllRows() {
        try (TensorScope scope = TensorScope.inference();
                RandomWeights weights = new RandomWeights(SEED, Placement.CPU)) {
            UNet unet = UNet.take(config, weights);
            Conditioning conditioning = SmallUNets.conditioning(unet, config, Placement.CPU, 3, 3);
            Tensor sample = latents(4, 3, 8, 12);
            Tensor one =
                    unet.forward(sample, unet.time(Tensor.create(new float[] {200}, 1), conditioning), conditioning);
            Tensor each = unet.forward(
                    sample, unet.time(Tensor.create(new long[] {200, 200, 200}, 3), conditioning), conditioning);
            assertClose("rows", one, each, TOLERANCE);
            Tensor other = unet.forward(
                    sample, unet.time(Tensor.create(new float[] {200, 600, 200}, 3), conditioning), conditioning);
            assertClose("first row", other.narrow(0, 0, 1), each.narrow(0, 0, 1), TOLERANCE);
            assertTrue(
                    other.narrow(0, 1, 1).sub(each.narrow(0, 1, 1)).abs().max().item_double() > 1e-3);
        }
    }

    @Test
    void thePooledPromptReachesThePictureAndMustNotBeForgotten() {
        try (TensorScope scope = TensorScope.inference();
                RandomWeights weights = new RandomWeights(SEED, Placement.CPU)) {
            UNet unet = UNet.take(config, weights);
            Tensor states = normal(1, 1, 5, 96);
            Tensor sample = latents(4, 1, 8, 12);
            Tensor[] predictions = new Tensor[2];
            for (int i = 0; i < 2; i++) {
                Conditioning conditioning = unet.condition(states, normal(10 + i, 1, 96));
                predictions[i] = unet.forward(
                        sample, unet.time(Tensor.create(new float[] {200}, 1), conditioning), conditioning);
            }
            assertTrue(predictions[0].sub(predictions[1]).abs().max().item_double() > 1e-3);
            assertThrows(IllegalStateException.class, () -> unet.condition(states));
            assertThrows(IllegalStateException.class, () -> unet.condition(states, states, states));
        }
    }

    @Test
    void residualsMustCoverEverySkip() {
        ObjectNode plain = json();
        plain.remove("class_embed_type");
        try (TensorScope scope = TensorScope.inference();
                RandomWeights weights = new RandomWeights(SEED, Placement.CPU)) {
            UNet unet = UNet.take(UNetConfig.read(plain), weights);
            Tensor states = normal(1, 1, 5, 96);
            Conditioning conditioning = unet.condition(states);
            TimeConditioning time = unet.time(Tensor.create(new float[] {200}, 1), conditioning);
            Residuals some = new Residuals(List.of(normal(2, 1, 48, 8, 12)), normal(3, 1, 96, 2, 3));
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> unet.forward(latents(4, 1, 8, 12), time, conditioning, Optional.of(some)))
                    .getMessage();
            assertEquals("1 residuals for 6 skip connections", message);
            assertThrows(IllegalStateException.class, () -> unet.condition(states, normal(5, 1, 96)));
        }
    }

    private Tensor predict(UNet unet, Placement placement, Tensor sample) {
        Conditioning conditioning = SmallUNets.conditioning(unet, config, placement, sample.size(0), 3);
        TimeConditioning time = unet.time(torch.full(new long[] {1}, new Scalar(200.0)), conditioning);
        return unet.forward(sample, time, conditioning);
    }

    private Tensor latents(long seed, long rows, long height, long width) {
        return SmallUNets.latents(config, Placement.CPU, seed, rows, height, width);
    }

    private static Tensor normal(long seed, long... shape) {
        return SmallUNets.normal(seed, shape);
    }

    /** Norms start as ones and biases as zeros, which would hide a swapped or forgotten one. */
    private static void shake(RandomWeights weights) {
        long seed = 1000;
        for (Tensor parameter : weights.parameters().values()) {
            parameter.add_(normal(seed++, parameter.shape()), new Scalar(0.1f));
        }
    }

    private static ObjectNode json() {
        try {
            return (ObjectNode) new ObjectMapper().readTree(SmallUNets.BUNDLED);
        } catch (JsonProcessingException malformed) {
            throw new IllegalStateException(malformed);
        }
    }
}
