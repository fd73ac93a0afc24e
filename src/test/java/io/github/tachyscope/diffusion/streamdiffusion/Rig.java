package io.github.tachyscope.diffusion.streamdiffusion;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.tachyscope.diffusion.Generation;
import io.github.tachyscope.diffusion.GenerationRequest;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.Lane;
import io.github.tachyscope.diffusion.NextStep;
import io.github.tachyscope.diffusion.NextStep.StepPlan;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.StepKind;
import io.github.tachyscope.diffusion.StepResult;
import io.github.tachyscope.diffusion.sd.model.Acceleration;
import io.github.tachyscope.diffusion.sd.model.ModelLoader;
import io.github.tachyscope.diffusion.sd.model.ModelPlaces;
import io.github.tachyscope.diffusion.sd.model.ModelRequest;
import io.github.tachyscope.diffusion.sd.model.SdModel;
import io.github.tachyscope.frame.PixelFormat;
import io.github.tachyscope.frame.VideoFrame;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.TensorScope;
import io.github.tachyscope.testkit.SmallModels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Plays the executor for generations of one pipeline, without threads. */
final class Rig implements AutoCloseable {
    static final int SIDE = 64;
    private static final ObjectMapper JSON = new ObjectMapper();

    final PipelineSpec spec;
    final StreamPipeline pipeline;
    final SdModel model;
    /** Latents of the finished chunks, in their order. */
    final List<float[]> latents = new ArrayList<>();

    Rig(SdModel model, LoadRequest request) {
        this.model = model;
        spec = StreamDiffusionProvider.spec(Schema.parameters(), request, model.bytes());
        pipeline = new StreamPipeline(spec, Parameters.none(), request, model);
    }

    static ModelPlaces places(SmallModels models) {
        return new ModelPlaces(models.root(), List.of(models.folder("lora")));
    }

    /** A model of the models directory. */
    static Rig of(SmallModels models, LoadRequest request) {
        return new Rig(ModelLoader.load(places(models), request.model(), Placement.CPU, stage -> {}), request);
    }

    /** With the full autoencoder, which is the smaller one among the fixtures. */
    static LoadRequest light(String model, ModelRequest.Lora... loras) {
        return new LoadRequest(
                new ModelRequest(model, Acceleration.CHANNELS_LAST, false, ModelRequest.FULL, false, List.of(loras)),
                SIDE,
                SIDE,
                1);
    }

    /** The same with the tiny autoencoder. */
    static LoadRequest request(String model, ModelRequest.Lora... loras) {
        return new LoadRequest(
                new ModelRequest(model, Acceleration.CHANNELS_LAST, false, ModelRequest.TINY, false, List.of(loras)),
                SIDE,
                SIDE,
                1);
    }

    static Parameters json(String text) {
        try {
            return Parameters.of(JSON.readTree(text.replace('\'', '"')));
        } catch (Exception wrong) {
            throw new IllegalArgumentException(text, wrong);
        }
    }

    Parameters checked(String text) {
        var checked = spec.parameters().checkRuntime(json(text));
        if (!checked.refused().isEmpty()) {
            throw new IllegalArgumentException(checked.refused().toString());
        }
        return checked.accepted();
    }

    StreamGeneration open(InputMode mode, String parameters) {
        return (StreamGeneration) pipeline.open(new GenerationRequest(mode, checked(parameters)));
    }

    void patch(Generation generation, String parameters) {
        generation.patch(checked(parameters));
    }

    static Optional<StepPlan> plan(Generation generation, Lane lane) {
        NextStep next = generation.next(lane);
        return next instanceof StepPlan plan ? Optional.of(plan) : Optional.empty();
    }

    static Optional<StepKind> kind(Generation generation, Lane lane) {
        return plan(generation, lane).map(plan -> plan.key().kind());
    }

    /** Runs the next step of each on the lane as one batch. */
    List<StepResult> run(Lane lane, List<? extends Generation> batch) {
        batch.forEach(generation -> generation.begin(lane));
        return pipeline.run(lane, List.copyOf(batch));
    }

    /** Runs and commits one step; the frames if it finished a chunk. */
    List<byte[]> step(Lane lane, Generation generation) {
        return commit(generation, run(lane, List.of(generation)).get(0));
    }

    List<byte[]> commit(Generation generation, StepResult result) {
        if (result instanceof Computed.Decoded decoded) {
            latents.add(numbers(decoded.job().latents()));
        }
        List<VideoFrame> frames = result.frames();
        generation.commit(result);
        List<byte[]> pictures = frames.stream().map(Rig::bytes).toList();
        frames.forEach(VideoFrame::release);
        return pictures;
    }

    /** Runs the oldest work first until a chunk is finished. */
    List<byte[]> chunk(Generation generation) {
        while (true) {
            boolean ran = false;
            for (Lane lane : List.of(Lane.TEXT, Lane.DENOISE, Lane.CODEC)) {
                if (plan(generation, lane).isPresent()) {
                    ran = true;
                    List<byte[]> frames = step(lane, generation);
                    if (!frames.isEmpty()) {
                        return frames;
                    }
                }
            }
            if (!ran) {
                throw new AssertionError("nothing to do in the middle of a chunk");
            }
        }
    }

    /** Camera pictures in, as many frames out. */
    byte[] film(Generation generation, VideoFrame... pictures) {
        generation.feed(List.of(pictures));
        generation.demand();
        return chunk(generation).get(0);
    }

    /** Latents of what {@link #film} gives. */
    float[] filmed(Generation generation, VideoFrame... pictures) {
        film(generation, pictures);
        return last();
    }

    float[] last() {
        return latents.get(latents.size() - 1);
    }

    /** One frame of text mode. */
    byte[] paint(Generation generation) {
        generation.demand();
        return chunk(generation).get(0);
    }

    /** Latents of the fourth frame of a new session with these parameters: two are the same, the others differ. */
    float[] fourth(String parameters) {
        try (StreamGeneration one = open(InputMode.VIDEO, parameters)) {
            for (int i = 0; i < 3; i++) {
                film(one, picture(i / 2));
            }
            return filmed(one, picture(7));
        }
    }

    static VideoFrame picture(long seed) {
        return picture(seed, SIDE, SIDE);
    }

    /** Eight by eight flat fields. */
    static VideoFrame picture(long seed, int width, int height) {
        byte[] fields = new byte[3 * 64];
        new Random(seed).nextBytes(fields);
        byte[] data = new byte[PixelFormat.RGB24.bytes(width, height)];
        for (int i = 0; i < data.length; i++) {
            int pixel = i / 3;
            int field = pixel / width * 8 / height * 8 + pixel % width * 8 / width;
            data[i] = fields[field * 3 + i % 3];
        }
        return VideoFrame.of(PixelFormat.RGB24, width, height, data, seed * 1000);
    }

    static byte[] bytes(VideoFrame frame) {
        return Arrays.copyOf(frame.data(), frame.bytes());
    }

    static float[] numbers(Tensor tensor) {
        try (TensorScope scope = TensorScope.inference()) {
            Tensor flat = tensor.to(ScalarType.Float).contiguous();
            float[] numbers = new float[(int) flat.numel()];
            new FloatPointer(flat.data_ptr()).get(numbers);
            return numbers;
        }
    }

    /** Largest absolute difference, relative to numbers above 1. */
    static double distance(float[] one, float[] other) {
        if (one.length != other.length) {
            return Double.POSITIVE_INFINITY;
        }
        double most = 0;
        for (int i = 0; i < one.length; i++) {
            double difference = Math.abs((double) one[i] - other[i]) / Math.max(1, Math.abs(other[i]));
            most = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(most, difference);
        }
        return most;
    }

    @Override
    public void close() {
        pipeline.close();
    }
}
