package io.github.tachyscope.diffusion.sd.sampling;

import static io.github.tachyscope.testkit.Fixtures.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.tachyscope.diffusion.sd.sampling.EulerSchedule.Spacing;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.WeightsRejected;
import io.github.tachyscope.testkit.Fixtures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables and step traces of the reference schedulers. */
class ScheduleParityTest {
    private static final double TOLERANCE = 1e-5;

    private final TensorScope scope = TensorScope.inference();
    private final Path folder = Fixtures.folders(
                    path -> Files.exists(path.resolve("io.safetensors")) && path.endsWith("schedulers"))
            .get(0);
    private final JsonNode config = Fixtures.json(folder.resolve("config.json")).path("base");
    private SafetensorsFile io;

    @BeforeEach
    void open() {
        io = Fixtures.io(folder);
    }

    @AfterEach
    void close() {
        io.close();
        scope.close();
    }

    @Test
    void theTablesAreThoseOfTheReference() {
        NoiseTable table = NoiseTable.read(config);
        double[] betas = doubles("betas");
        double[] alphas = doubles("alphas_cumprod");
        for (int t = 0; t < table.timesteps(); t++) {
            assertEquals(betas[t], table.beta(t), 1e-8);
            assertEquals(alphas[t], table.alphaCumulated(t), 1e-6);
        }
    }

    @Test
    void consistencyTimestepsAreExact() {
        Pattern name = Pattern.compile("lcm\\.timesteps\\.n(\\d+)\\.orig(\\d+)\\.strength([\\d.]+)");
        int cases = 0;
        for (String entry : io.entries().keySet()) {
            Matcher match = name.matcher(entry);
            if (match.matches()) {
                ConsistencySchedule schedule = ConsistencySchedule.of(
                        NoiseTable.read(config),
                        Integer.parseInt(match.group(1)),
                        Integer.parseInt(match.group(2)),
                        Double.parseDouble(match.group(3)));
                assertArrayEquals(
                        doubles(entry),
                        Arrays.stream(schedule.timesteps()).asDoubleStream().toArray(),
                        entry);
                cases++;
            }
        }
        assertTrue(cases >= 10, cases + " cases");
    }

    @Test
    void boundaryScalingsFollowTheTimestep() {
        for (double scaling : new double[] {1.0, 10.0}) {
            ConsistencySchedule schedule = ConsistencySchedule.of(NoiseTable.read(config), 4, 50, 1, scaling);
            double[] skip = doubles("lcm.c_skip.scaling" + scaling);
            double[] out = doubles("lcm.c_out.scaling" + scaling);
            for (int t = 0; t < skip.length; t++) {
                assertEquals(skip[t], schedule.skip(t), 1e-12);
                assertEquals(out[t], schedule.out(t), 1e-12);
            }
        }
    }

    @Test
    void consistencyStepsFollowTheTraces() {
        for (Prediction prediction : Prediction.values()) {
            for (int steps : new int[] {2, 4}) {
                ConsistencySchedule schedule =
                        ConsistencySchedule.of(NoiseTable.read(config).with(prediction), steps, 50, 1);
                String name = "lcm." + prediction.wireName() + ".n" + steps;
                Tensor x = io.tensor(name + ".in.sample");
                for (int i = 0; i < steps; i++) {
                    Tensor denoised = schedule.denoised(x, io.tensor(name + ".in.model_output." + i), i);
                    assertClose(name + " " + i, denoised, io.tensor(name + ".out.denoised." + i), TOLERANCE);
                    boolean last = i == steps - 1;
                    x = last ? denoised : schedule.renoised(denoised, io.tensor(name + ".in.noise." + i), i);
                    assertClose(name + " " + i, x, io.tensor(name + ".out.prev_sample." + i), TOLERANCE);
                }
            }
        }
    }

    @Test
    void noiseIsAddedAtEachTimestep() {
        NoiseTable table = NoiseTable.read(config);
        double[] timesteps = doubles("add_noise.in.timesteps");
        for (int row = 0; row < timesteps.length; row++) {
            Tensor noisy = table.addNoise(
                    io.tensor("add_noise.in.x0").select(0, row),
                    io.tensor("add_noise.in.noise").select(0, row),
                    (int) timesteps[row]);
            assertClose("row " + row, noisy, io.tensor("add_noise.out").select(0, row), TOLERANCE);
        }
    }

    @Test
    void eulerStepsFollowTheTraces() {
        for (int steps : new int[] {1, 2, 4, 8}) {
            for (String variant :
                    new String[] {"euler_trailing", "euler_leading", "euler_trailing_v", "euler_a_trailing"}) {
                String name = variant + ".n" + steps;
                if (io.entries().containsKey(name + ".timesteps")) {
                    eulerTrace(name, steps);
                }
            }
        }
    }

    private void eulerTrace(String name, int steps) {
        NoiseTable table = NoiseTable.read(config).with(name.contains("_v.") ? Prediction.V : Prediction.EPSILON);
        boolean leading = name.contains("leading");
        EulerSchedule schedule = EulerSchedule.of(table, steps, leading ? Spacing.LEADING : Spacing.TRAILING, 1);
        for (int i = 0; i < steps; i++) {
            assertEquals(doubles(name + ".timesteps")[i], schedule.timesteps()[i], name);
            assertEquals(doubles(name + ".sigmas")[i], schedule.sigmas()[i], TOLERANCE, name);
        }
        assertEquals(doubles(name + ".init_noise_sigma")[0], schedule.initialSigma(), TOLERANCE, name);
        Tensor x = io.tensor(name + ".in.sample");
        for (int i = 0; i < steps; i++) {
            assertClose(name, schedule.modelInput(x, i), io.tensor(name + ".out.model_input." + i), TOLERANCE);
            Tensor denoised = schedule.denoised(x, io.tensor(name + ".in.model_output." + i), i);
            assertClose(name, denoised, io.tensor(name + ".out.pred_original_sample." + i), TOLERANCE);
            x = name.startsWith("euler_a")
                    ? schedule.nextAncestral(x, denoised, io.tensor(name + ".in.noise." + i), i)
                    : schedule.next(x, denoised, i);
            assertClose(name + " " + i, x, io.tensor(name + ".out.prev_sample." + i), TOLERANCE);
        }
        if (!leading) {
            framesFollow(name, table, steps);
        }
    }

    private void framesFollow(String name, NoiseTable table, int count) {
        boolean ancestral = name.startsWith("euler_a");
        EulerSteps steps = EulerSteps.of(table, count, 1, ancestral);
        StreamSettings settings = new StreamSettings(Guidance.NONE, 0, 1, true);
        Tensor x = io.tensor(name + ".in.sample");
        for (int i = 0; i < count; i++) {
            StreamRows rows = steps.rows(x, i, settings);
            assertEquals(doubles(name + ".timesteps")[i], rows.timesteps()[0], name);
            assertClose(name, rows.sample(), io.tensor(name + ".out.model_input." + i), TOLERANCE);
            Optional<Tensor> noise =
                    ancestral && i + 1 < count ? Optional.of(io.tensor(name + ".in.noise." + i)) : Optional.empty();
            x = steps.advance(x, rows, io.tensor(name + ".in.model_output." + i), i, noise, settings);
            assertClose(name + " " + i, x, io.tensor(name + ".out.prev_sample." + i), TOLERANCE);
        }
    }

    @Test
    void unsupportedConfigurationsAreRefusedByKey() throws Exception {
        ObjectMapper json = new ObjectMapper();
        for (String key : new String[] {"beta_schedule", "prediction_type"}) {
            JsonNode bad = json.readTree("{\"" + key + "\": \"squaredcos_cap_v2\"}");
            String message = assertThrows(WeightsRejected.class, () -> NoiseTable.read(bad))
                    .getMessage();
            assertTrue(message.contains(key) && message.contains("squaredcos_cap_v2"), message);
        }
        for (String bad : new String[] {"{\"num_train_timesteps\": 0}", "{\"beta_start\": 0.5}", "{\"beta_end\": 2}"}) {
            assertThrows(WeightsRejected.class, () -> NoiseTable.read(json.readTree(bad)));
        }
    }

    private double[] doubles(String name) {
        Tensor tensor = io.tensor(name)
                .to(org.bytedeco.pytorch.global.torch.ScalarType.Double)
                .contiguous();
        double[] values = new double[(int) tensor.numel()];
        new org.bytedeco.javacpp.DoublePointer(tensor.data_ptr()).get(values);
        return values;
    }
}
