package io.github.tachyscope.diffusion.stablediffusion;

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
import io.github.tachyscope.frame.PictureSize;
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
    final StableDiffusionPipeline pipeline;
    final SdModel model;
    /** What was decoded last. */
    float[] latents = {};
    /** Pictures that previews showed. */
    final List<VideoFrame> seen = new ArrayList<>();

    private Rig(SdModel model) {
        this.model = model;
        spec = StableDiffusionProvider.spec(Schema.parameters(), model.bytes()).loadedFor(new PictureSize(SIDE, SIDE));
        pipeline = new StableDiffusionPipeline(spec, Parameters.none(), model, Acceleration.CHANNELS_LAST);
    }

    static Rig of(SmallModels models, String name, ModelRequest.Lora... loras) {
        ModelRequest request =
                new ModelRequest(name, Acceleration.CHANNELS_LAST, false, ModelRequest.FULL, true, List.of(loras));
        ModelPlaces places = new ModelPlaces(models.root(), List.of(models.folder("lora")));
        return new Rig(ModelLoader.load(places, request, Placement.CPU, stage -> {}));
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

    PictureGeneration open(InputMode mode, String parameters, Optional<PictureSize> size) {
        return (PictureGeneration) pipeline.open(new GenerationRequest(mode, checked(parameters), size));
    }

    PictureGeneration open(InputMode mode, String parameters) {
        return open(mode, parameters, Optional.empty());
    }

    PictureGeneration text(String parameters) {
        return open(InputMode.TEXT, parameters);
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
            latents = decoded.job().latents().map(Rig::numbers).orElse(new float[0]);
        }
        List<VideoFrame> frames = result.frames();
        seen.addAll(result.previews());
        generation.commit(result);
        List<byte[]> pictures = frames.stream().map(Rig::bytes).toList();
        frames.forEach(VideoFrame::release);
        return pictures;
    }

    /** Runs all work until a picture is finished. */
    byte[] finish(Generation generation) {
        while (true) {
            boolean ran = false;
            for (Lane lane : List.of(Lane.TEXT, Lane.DENOISE, Lane.CODEC)) {
                if (plan(generation, lane).isPresent()) {
                    ran = true;
                    List<byte[]> frames = step(lane, generation);
                    if (!frames.isEmpty()) {
                        return frames.get(0);
                    }
                }
            }
            if (!ran) {
                throw new AssertionError("nothing to do in the middle of a picture");
            }
        }
    }

    byte[] paint(Generation generation) {
        generation.demand();
        return finish(generation);
    }

    /** Latents of the first picture of a session of its own. */
    float[] painted(String parameters) {
        try (PictureGeneration one = text(parameters)) {
            paint(one);
            return latents;
        }
    }

    /** The same from a given picture. */
    float[] repainted(long picture, String parameters) {
        try (PictureGeneration one = open(InputMode.VIDEO, parameters)) {
            one.feed(List.of(picture(picture)));
            paint(one);
            return latents;
        }
    }

    /** Eight by eight flat fields. */
    static VideoFrame picture(long seed) {
        byte[] fields = new byte[3 * 64];
        new Random(seed).nextBytes(fields);
        byte[] data = new byte[PixelFormat.RGB24.bytes(SIDE, SIDE)];
        for (int i = 0; i < data.length; i++) {
            int pixel = i / 3;
            int field = pixel / SIDE * 8 / SIDE * 8 + pixel % SIDE * 8 / SIDE;
            data[i] = fields[field * 3 + i % 3];
        }
        return VideoFrame.of(PixelFormat.RGB24, SIDE, SIDE, data, seed * 1000);
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
