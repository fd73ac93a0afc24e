package io.github.tachyscope.diffusion.sd.sampling;

import static io.github.tachyscope.testkit.Fixtures.assertClose;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.testkit.Fixtures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The arithmetic of the stream batch alone: the reference's network outputs go in where the trace has them, its rows and
 * virtual noise must come out.
 */
class StreamBatchParityTest {
    private static final double TOLERANCE = 1e-4;

    static Stream<Path> traces() {
        return Fixtures.folders(folder -> Files.exists(folder.resolve("config.json"))
                        && folder.getFileName().toString().startsWith("e2e_")
                        && Fixtures.json(folder.resolve("config.json"))
                                .path("use_denoising_batch")
                                .asBoolean())
                .stream();
    }

    @ParameterizedTest
    @MethodSource("traces")
    void coefficientsOfEachRowAreThoseOfTheTrace(Path folder) {
        JsonNode config = Fixtures.json(folder.resolve("config.json"));
        StreamSteps steps = steps(config);
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(folder)) {
            int perStep = (int) io.tensor("coef.alpha_prod_t_sqrt").numel() / steps.count();
            for (int row = 0; row < steps.count(); row++) {
                at(io, "coef.sub_timesteps", row * perStep, steps.timesteps()[row]);
                at(io, "coef.alpha_prod_t_sqrt", row * perStep, steps.signal()[row]);
                at(io, "coef.beta_prod_t_sqrt", row * perStep, steps.noise()[row]);
                at(io, "coef.c_skip", row, steps.skip()[row]);
                at(io, "coef.c_out", row, steps.out()[row]);
            }
        }
    }

    private static void at(SafetensorsFile io, String name, int row, double value) {
        double expected = io.tensor(name).flatten().select(0, row).item_double();
        assertTrue(Math.abs(expected - value) <= 1e-6, name + " " + row + ": " + value + " instead of " + expected);
    }

    @ParameterizedTest
    @MethodSource("traces")
    void rowsFollowTheTraceWhereItShowsTheNetwork(Path folder) {
        JsonNode config = Fixtures.json(folder.resolve("config.json"));
        StreamSettings settings = settings(config);
        try (TensorScope scope = TensorScope.inference();
                SafetensorsFile io = Fixtures.io(folder)) {
            if (!io.entries().containsKey("mid.frame0.unet_in")) {
                return;
            }
            Tensor noise = io.tensor("in.init_noise");
            try (StreamBatch stream = new StreamBatch(steps(config), noise, 1, Placement.CPU)) {
                for (int frame = 0; frame < config.path("frames").asInt(); frame++) {
                    Tensor entering = io.tensor("mid.x_t_first_step").narrow(0, frame, 1);
                    StreamRows rows = stream.enterNoise(entering, settings);
                    String name = "mid.frame" + frame;
                    assertClose(name, rows.sample(), io.tensor(name + ".unet_in"), TOLERANCE);
                    StreamBatch.Advance advance = stream.advance(rows, io.tensor(name + ".unet_out"), settings);
                    assertClose(name, advance.virtual(), io.tensor(name + ".stock_noise_after"), TOLERANCE);
                    assertClose(
                            name, advance.latents(), io.tensor("out.latents").narrow(0, frame, 1), TOLERANCE);
                    stream.commit(advance);
                }
            }
        }
    }

    static StreamSteps steps(JsonNode config) {
        JsonNode scheduler = config.path("scheduler");
        ConsistencySchedule schedule = ConsistencySchedule.of(
                NoiseTable.read(scheduler),
                config.path("num_inference_steps").asInt(),
                scheduler.path("original_inference_steps").asInt(),
                1);
        return StreamSteps.of(
                schedule,
                StreamSupport.stream(config.path("t_index_list").spliterator(), false)
                        .mapToInt(JsonNode::asInt)
                        .toArray());
    }

    static StreamSettings settings(JsonNode config) {
        return new StreamSettings(
                Guidance.valueOf(config.path("cfg_type").asText().toUpperCase(Locale.ROOT)),
                config.path("guidance_scale").asDouble(),
                config.path("delta").asDouble(),
                config.path("do_add_noise").asBoolean());
    }
}
