package io.github.tachyscope.diffusion.streamdiffusion;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.sd.blend.HeapEmbedding;
import io.github.tachyscope.diffusion.sd.lora.LoraTargets;
import io.github.tachyscope.diffusion.sd.model.Acceleration;
import io.github.tachyscope.diffusion.sd.model.Adapters;
import io.github.tachyscope.diffusion.sd.model.Base;
import io.github.tachyscope.diffusion.sd.model.Codec;
import io.github.tachyscope.diffusion.sd.model.Distillation;
import io.github.tachyscope.diffusion.sd.model.ModelRequest;
import io.github.tachyscope.diffusion.sd.model.NoiseSource;
import io.github.tachyscope.diffusion.sd.model.SdModel;
import io.github.tachyscope.diffusion.sd.model.Seeds;
import io.github.tachyscope.diffusion.sd.model.Texts;
import io.github.tachyscope.diffusion.sd.sampling.NoiseTable;
import io.github.tachyscope.diffusion.sd.text.PromptEmbedding;
import io.github.tachyscope.diffusion.sd.unet.UNet;
import io.github.tachyscope.diffusion.sd.unet.UNetConfig;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderTiny;
import io.github.tachyscope.diffusion.sd.vae.AutoencoderTinyConfig;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.LoadedWeights;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.SafetensorsFile;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.tensor.Torch;
import io.github.tachyscope.testkit.Fixtures;
import io.github.tachyscope.testkit.NativeObjects;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sessions of the pipeline against traces of the reference implementation, step by step as the executor runs them.
 *
 * <p>The reference shows nothing useful before its stream is full; a session takes its first frame in as often as needed
 * instead, and from then on both must show the same.
 */
class PipelineTraceTest {
    private static final double LATENTS = 1e-3;

    static Stream<Path> traces() {
        return Fixtures.folders(folder -> folder.getFileName().toString().startsWith("e2e_")).stream();
    }

    /** Constants of the classes are made once and stay. */
    @BeforeAll
    static void makeConstants() {
        Torch.useThreads(1);
        try (Trace trace = new Trace(Fixtures.folder("e2e_turbo_1step"))) {
            trace.follow();
        }
    }

    @ParameterizedTest
    @MethodSource("traces")
    void aSessionShowsWhatTheReferenceShows(Path folder) {
        long before = Pointer.totalCount();
        try (Trace trace = new Trace(folder)) {
            trace.follow();
        }
        NativeObjects.assertNoMoreThan(before, "native objects left behind");
    }

    private static final class Trace implements AutoCloseable {
        private final TensorScope scope = TensorScope.inference();
        private final JsonNode config;
        private final SafetensorsFile io;
        private final Rig rig;
        private final int steps;
        private final int together;
        private final int width;
        private final int height;
        private final boolean text;

        Trace(Path folder) {
            config = Fixtures.json(folder.resolve("config.json"));
            io = Fixtures.io(folder);
            steps = config.path("t_index_list").size();
            together = config.path("frame_buffer_size").asInt();
            width = config.path("width").asInt();
            height = config.path("height").asInt();
            text = config.path("mode").asText().startsWith("txt2img");
            rig = new Rig(
                    model(folder),
                    new LoadRequest(
                            new ModelRequest(
                                    "trace", Acceleration.CHANNELS_LAST, false, ModelRequest.TINY, false, List.of()),
                            width,
                            height,
                            together));
        }

        private SdModel model(Path folder) {
            Path unetFolder = folder.resolve(config.path("unet").asText()).normalize();
            Path vaeFolder = folder.resolve(config.path("vae").asText()).normalize();
            LoadedWeights unetWeights = LoadedWeights.folder(unetFolder, "diffusion_pytorch_model", Placement.CPU);
            LoadedWeights vaeWeights = LoadedWeights.folder(vaeFolder, "diffusion_pytorch_model", Placement.CPU);
            UNetConfig form = UNetConfig.read(Fixtures.json(unetFolder.resolve("config.json")));
            UNet unet = UNet.take(form, unetWeights);
            AutoencoderTiny vae = AutoencoderTiny.take(
                    AutoencoderTinyConfig.read(Fixtures.json(vaeFolder.resolve("config.json"))), vaeWeights);
            Adapters adapters = new Adapters(new LoraTargets(unetWeights, 2, List.of()));
            return new SdModel(
                    Base.of(form),
                    Distillation.FEW_STEPS,
                    unet,
                    new Codec.Tiny(vae, Placement.CPU),
                    Optional.empty(),
                    new RecordedTexts(),
                    NoiseTable.read(config.path("scheduler")),
                    new RecordedNoise(),
                    adapters,
                    false,
                    Placement.CPU,
                    List.of(adapters, vaeWeights, unetWeights));
        }

        /** Texts name what was recorded. */
        private final class RecordedTexts implements Texts {
            @Override
            public HeapEmbedding encode(String name, boolean weighting, int clipSkip) {
                String states = name.isEmpty() ? "in.negative_prompt_embeds" : name;
                try (TensorScope inner = TensorScope.inference()) {
                    Optional<Tensor> pooled = io.entries().containsKey("in.pooled_prompt_embeds")
                            ? Optional.of(io.tensor("in.pooled_prompt_embeds"))
                            : Optional.empty();
                    String present = io.entries().containsKey(states) ? states : "in.prompt_embeds";
                    return HeapEmbedding.of(new PromptEmbedding(io.tensor(present), pooled, List.of()));
                }
            }

            @Override
            public int mostSkipped() {
                return 0;
            }

            @Override
            public void forget() {
                throw new AssertionError("no adapter, nothing to forget");
            }

            @Override
            public void close() {}
        }

        private final class RecordedNoise implements NoiseSource {
            @Override
            public Tensor ofSteps(Seeds seeds, int count, long... latent) {
                return io.tensor("in.init_noise").narrow(0, 0, count);
            }

            @Override
            public Tensor ofPicture(Seeds seeds, long picture, int step, int frames, long... latent) {
                return io.tensor(step == 0 ? "in.x_T." + picture : "in.step_noise." + picture + "." + (step - 1));
            }
        }

        void follow() {
            String start = String.format(
                    "{'prompts':['in.prompt_embeds'],'t_index_list':%s,'num_inference_steps':%d,'cfg_type':'%s',"
                            + "'guidance_scale':%s,'delta':%s,'do_add_noise':%s,'use_denoising_batch':%s}",
                    config.path("t_index_list"),
                    config.path("num_inference_steps").asInt(),
                    config.path("cfg_type").asText(),
                    config.path("guidance_scale"),
                    config.path("delta"),
                    config.path("do_add_noise"),
                    config.path("use_denoising_batch"));
            int calls = text
                    ? config.path("frames").asInt()
                    : (int) io.tensor("in.frames_u8").size(0) / together;
            try (StreamGeneration session = rig.open(text ? InputMode.TEXT : InputMode.VIDEO, start)) {
                for (int call = 0; call < calls; call++) {
                    event(session, call);
                    if (!text) {
                        session.feed(frames(call));
                    }
                    session.demand();
                    List<byte[]> shown = rig.chunk(session);
                    // Until the stream is full, a session shows its first frame.
                    check(text ? call : Math.max(call, steps - 1), shown);
                }
            }
        }

        private void event(StreamGeneration session, int frame) {
            JsonNode event = config.path("events").path(Integer.toString(frame));
            if (event.has("prompt")) {
                rig.patch(session, "{'prompts':['in.prompt_embeds.from_frame_" + frame + "']}");
            }
            if (event.has("guidance")) {
                rig.patch(session, "{'guidance_scale':" + event.get("guidance") + "}");
            }
            if (event.has("delta")) {
                rig.patch(session, "{'delta':" + event.get("delta") + "}");
            }
        }

        private List<VideoFrame> frames(int call) {
            List<VideoFrame> frames = new ArrayList<>();
            for (int i = 0; i < together; i++) {
                byte[] data = bytes(io.tensor("in.frames_u8").select(0, (long) call * together + i));
                frames.add(VideoFrame.of(PixelFormat.RGB24, width, height, data, 1000L * (call * together + i)));
            }
            return frames;
        }

        private static byte[] bytes(Tensor tensor) {
            byte[] data = new byte[(int) tensor.numel()];
            new BytePointer(tensor.contiguous().data_ptr()).get(data);
            return data;
        }

        private void check(int call, List<byte[]> shown) {
            float[] expected = Rig.numbers(io.tensor("out.latents").narrow(0, (long) call * together, together));
            double distance = Rig.distance(rig.last(), expected);
            assertTrue(distance <= LATENTS, "call " + call + ": latents are off by " + distance);
            for (int i = 0; i < together; i++) {
                byte[] pixels = bytes(io.tensor("out.images_u8").select(0, (long) call * together + i));
                int most = 0;
                for (int j = 0; j < pixels.length; j++) {
                    most = Math.max(most, Math.abs((pixels[j] & 0xff) - (shown.get(i)[j] & 0xff)));
                }
                assertTrue(most <= 1, "call " + call + ": pixels are off by " + most);
            }
        }

        @Override
        public void close() {
            rig.close();
            io.close();
            scope.close();
        }
    }
}
