package io.github.tachyscope.diffusion.sd;

import static io.github.tachyscope.testkit.Fixtures.assertClose;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.sd.sampling.ConsistencySchedule;
import io.github.tachyscope.diffusion.sd.sampling.Guidance;
import io.github.tachyscope.diffusion.sd.sampling.NoiseTable;
import io.github.tachyscope.diffusion.sd.sampling.StreamBatch;
import io.github.tachyscope.diffusion.sd.sampling.StreamRows;
import io.github.tachyscope.diffusion.sd.sampling.StreamSettings;
import io.github.tachyscope.diffusion.sd.sampling.StreamSteps;
import io.github.tachyscope.diffusion.sd.unet.Conditioning;
import io.github.tachyscope.diffusion.sd.unet.UNet;
import io.github.tachyscope.diffusion.sd.unet.UNetConfig;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderTiny;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderTinyConfig;
import io.github.tachyscope.tensor.LoadedWeights;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.testkit.Fixtures;
import io.github.tachyscope.testkit.NativeObjects;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole frames through autoencoder, denoiser and stream batch, against traces of the reference implementation. */
class StreamTraceTest {
    private static final double LATENT_TOLERANCE = 1e-3;
    private static final double IMAGE_TOLERANCE = 1e-3;

    static Stream<Path> traces() {
        return Fixtures.folders(folder -> folder.getFileName().toString().startsWith("e2e_")).stream();
    }

    @ParameterizedTest
    @MethodSource("traces")
    void everyFrameIsThatOfTheReference(Path folder) {
        long before = Pointer.totalCount();
        try (Trace trace = new Trace(folder)) {
            trace.follow();
        }
        NativeObjects.assertNoMoreThan(before, "native objects left behind");
    }

    @Test
    void oneDisturbedWeightIsNoticed() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (Trace trace = new Trace(Fixtures.folder("e2e_self_4step"))) {
            List<String> names = new ArrayList<>(trace.unetWeights.parameters().keySet());
            String name = names.get(random.nextInt(names.size()));
            Tensor weight = trace.unetWeights.parameters().get(name);
            weight.as_strided(new long[] {weight.numel()}, 1)
                    .select(0, random.nextInt((int) weight.numel()))
                    // Large, since what one weight of a wide layer adds may drown in the tolerance.
                    .add_(new Scalar(100f));
            boolean noticed = false;
            try {
                trace.follow();
            } catch (AssertionError expected) {
                noticed = true;
            }
            assertTrue(noticed, "seed " + seed + ": " + name + " changed nothing");
        }
    }

    /** A case folder, opened. */
    private static final class Trace implements AutoCloseable {
        private final TensorScope scope = TensorScope.inference();
        private final JsonNode config;
        private final SafetensorsFile io;
        private final LoadedWeights unetWeights;
        private final LoadedWeights vaeWeights;
        private final UNet unet;
        private final AutoencoderTiny vae;
        private final StreamSteps steps;
        private StreamSettings settings;
        private Conditioning prompt;

        Trace(Path folder) {
            config = Fixtures.json(folder.resolve("config.json"));
            io = Fixtures.io(folder);
            Path unetFolder = folder.resolve(config.path("unet").asText()).normalize();
            Path vaeFolder = folder.resolve(config.path("vae").asText()).normalize();
            unetWeights = LoadedWeights.folder(unetFolder, "diffusion_pytorch_model", Placement.CPU);
            vaeWeights = LoadedWeights.folder(vaeFolder, "diffusion_pytorch_model", Placement.CPU);
            unet = UNet.take(UNetConfig.read(Fixtures.json(unetFolder.resolve("config.json"))), unetWeights);
            vae = AutoencoderTiny.take(
                    AutoencoderTinyConfig.read(Fixtures.json(vaeFolder.resolve("config.json"))), vaeWeights);
            JsonNode scheduler = config.path("scheduler");
            steps = StreamSteps.of(
                    ConsistencySchedule.of(
                            NoiseTable.read(scheduler),
                            config.path("num_inference_steps").asInt(),
                            scheduler.path("original_inference_steps").asInt(),
                            1),
                    StreamSupport.stream(config.path("t_index_list").spliterator(), false)
                            .mapToInt(JsonNode::asInt)
                            .toArray());
            settings = new StreamSettings(
                    Guidance.valueOf(config.path("cfg_type").asText().toUpperCase(Locale.ROOT)),
                    config.path("guidance_scale").asDouble(),
                    config.path("delta").asDouble(),
                    config.path("do_add_noise").asBoolean());
            prompt = condition("in.prompt_embeds");
        }

        void follow() {
            if (config.path("mode").asText().startsWith("txt2img")) {
                imagine();
            } else {
                stream();
            }
        }

        private void stream() {
            int together = config.path("frame_buffer_size").asInt();
            Tensor noise = io.tensor("in.init_noise").narrow(0, 0, steps.count());
            try (StreamBatch batch = new StreamBatch(steps, noise, together, Placement.CPU)) {
                int calls = (int) io.tensor("in.frames_u8").size(0) / together;
                for (int call = 0; call < calls; call++) {
                    event(call);
                    Tensor latents = vae.encode(frames((long) call * together, together));
                    StreamRows rows = batch.enter(latents, settings);
                    StreamBatch.Advance advance = batch.advance(rows, evaluate(rows), settings);
                    checkLatents(call, together, advance.latents());
                    batch.commit(advance);
                }
            }
        }

        private void event(int frame) {
            JsonNode event = config.path("events").path(Integer.toString(frame));
            if (event.has("prompt")) {
                prompt = condition("in.prompt_embeds.from_frame_" + frame);
            }
            settings = new StreamSettings(
                    settings.guidance(),
                    event.path("guidance").asDouble(settings.scale()),
                    event.path("delta").asDouble(settings.delta()),
                    settings.addNoise());
        }

        private Tensor frames(long from, long count) {
            return io.tensor("in.frames_u8")
                    .narrow(0, from, count)
                    .permute(0, 3, 1, 2)
                    .to(ScalarType.Float)
                    .div(new Scalar(255f))
                    .mul(new Scalar(2f))
                    .sub(new Scalar(1f));
        }

        private Tensor evaluate(StreamRows rows) {
            int positive = rows.timesteps().length - rows.negative();
            List<Conditioning> prompts = new ArrayList<>();
            if (rows.negative() > 0) {
                prompts.addAll(Collections.nCopies(rows.negative(), condition("in.negative_prompt_embeds")));
            }
            prompts.addAll(Collections.nCopies(positive, prompt));
            Conditioning all = Conditioning.cat(prompts);
            Tensor timesteps = Tensor.create(rows.timesteps());
            return unet.forward(rows.sample(), unet.time(timesteps, all), all);
        }

        private Conditioning condition(String name) {
            Tensor states = io.tensor(name);
            return io.entries().containsKey("in.time_ids")
                    ? unet.condition(states, io.tensor("in.pooled_prompt_embeds"), io.tensor("in.time_ids"))
                    : unet.condition(states);
        }

        /** Text alone, step by step with fresh noise: a stream of one step, taken again and again. */
        private void imagine() {
            for (int image = 0; image < config.path("frames").asInt(); image++) {
                Tensor x = io.tensor("in.x_T." + image);
                for (int step = 0; step < steps.count(); step++) {
                    Tensor e = unet.forward(
                            x, unet.time(Tensor.create(new long[] {steps.timesteps()[step]}), prompt), prompt);
                    boolean oneStep = steps.count() == 1;
                    Tensor clean = oneStep ? steps.clean(x, e, step) : steps.denoised(x, e, step);
                    boolean last = step == steps.count() - 1;
                    x = last
                            ? clean
                            : steps.renoised(clean, io.tensor("in.step_noise." + image + "." + step), step + 1);
                }
                checkLatents(image, 1, x);
            }
        }

        private void checkLatents(int call, int together, Tensor latents) {
            Tensor expected = io.tensor("out.latents").narrow(0, (long) call * together, together);
            Tensor relative = latents.sub(expected).div(expected.abs().clamp_min(new Scalar(1f)));
            assertClose("latents of call " + call, relative, torch.zeros_like(relative), LATENT_TOLERANCE);
            Tensor image = vae.decode(latents);
            picture("out.images", call, together)
                    .ifPresent(pixels -> assertClose("image of call " + call, image, pixels, IMAGE_TOLERANCE));
            Tensor bytes = image.mul(new Scalar(0.5f))
                    .add(new Scalar(0.5f))
                    .clamp_min(new Scalar(0f))
                    .clamp_max(new Scalar(1f))
                    .mul(new Scalar(255f))
                    .round()
                    .permute(0, 2, 3, 1);
            assertClose(
                    "pixels of call " + call,
                    bytes,
                    picture("out.images_u8", call, together).orElseThrow(),
                    1);
        }

        private Optional<Tensor> picture(String name, int call, int together) {
            return io.entries().containsKey(name)
                    ? Optional.of(io.tensor(name).narrow(0, (long) call * together, together))
                    : Optional.empty();
        }

        @Override
        public void close() {
            vaeWeights.close();
            unetWeights.close();
            io.close();
            scope.close();
        }
    }
}
