package io.github.tachyscope.diffusion.tiny;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.tachyscope.config.PipelineSettings;
import io.github.tachyscope.diffusion.Capability;
import io.github.tachyscope.diffusion.ChunkGeometry;
import io.github.tachyscope.diffusion.CommonParameters;
import io.github.tachyscope.diffusion.InputMode;
import io.github.tachyscope.diffusion.ModeDefaults;
import io.github.tachyscope.diffusion.ParameterSchema;
import io.github.tachyscope.diffusion.ParameterSpec;
import io.github.tachyscope.diffusion.Parameters;
import io.github.tachyscope.diffusion.Pipeline;
import io.github.tachyscope.diffusion.PipelineProvider;
import io.github.tachyscope.diffusion.PipelineSpec;
import io.github.tachyscope.diffusion.tiny.style.Style;
import io.github.tachyscope.tensor.Placement;
import io.github.tachyscope.tensor.Precision;
import io.github.tachyscope.tensor.Torch;
import io.github.tachyscope.tensor.WeightsRejected;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Offers {@code tiny}. */
public final class TinyProvider implements PipelineProvider {
    static final long SEED = 42;
    private static final int SIDE = 256;
    private static final int MULTIPLE = 32;
    private static final int MIN_SIDE = 256;
    private static final int MAX_SIDE = 512;

    /** As many as the list that the model was made for. */
    private static final int MOST_TEXT_STEPS = StepList.FROM_NOISE.size();

    /** A frame with more steps is no live video on any machine that this model is made for. */
    private static final int MOST_VIDEO_STEPS = 4;

    /** More pictures at once cost as much as one after the other on a processor. */
    private static final int MAX_BATCH = 4;

    /** 3.6 million numbers in fp32. */
    private static final long WEIGHTS_BYTES = 16L << 20;

    /** At 256x256. Latents and noise of a session are small; most of this is what one step needs for a moment. */
    private static final long SESSION_BYTES = 6L << 20;

    private final PipelineSpec spec;
    private final Optional<Path> weights;

    /** With the weights that come with the server; {@link #configured} may name others. */
    public TinyProvider() {
        this(Optional.empty());
    }

    private TinyProvider(Optional<Path> weights) {
        this.spec = spec(MIN_SIDE);
        this.weights = weights;
    }

    @Override
    public PipelineProvider configured(PipelineSettings settings) {
        return new TinyProvider(settings.tinyWeights());
    }

    @Override
    public PipelineSpec spec() {
        return spec;
    }

    @Override
    public Pipeline load(Parameters parameters, Placement placement, LoadProgress progress) {
        progress.stage("Loading the bundled model...");
        Torch.require();
        Parameters complete = spec.parameters().checkLoad(parameters).accepted();
        // Processors are slow in fp16.
        Placement fitting = placement.onCpu() && placement.precision() == Precision.FP16
                ? placement.with(Precision.FP32)
                : placement;
        try {
            TinyModel model = weights.isPresent()
                    ? TinyModel.load(weights.get(), fitting)
                    : BundledWeights.load(folder -> TinyModel.load(folder, fitting));
            TinyPipeline pipeline = new TinyPipeline(
                    spec,
                    complete,
                    new ModelNetworks(model),
                    CommonParameters.size(complete, spec.modes().get(spec.defaultMode())));
            progress.stage("Warming up...");
            pipeline.warmUp();
            return pipeline;
        } catch (WeightsRejected rejected) {
            throw new PipelineLoadFailed("the weights of tiny cannot be used: " + rejected.getMessage(), rejected);
        }
    }

    /** @param minSide least width and height */
    static PipelineSpec spec(int minSide) {
        return new PipelineSpec(
                "tiny",
                "Tiny",
                "Restyles the camera, or makes video from a prompt, with a model that comes with the server. Needs neither"
                        + " a GPU nor a download.",
                "1.0.0",
                Map.of(
                        InputMode.TEXT,
                        new ModeDefaults(
                                SIDE,
                                SIDE,
                                new ChunkGeometry(0, 0, 1, 1),
                                StepList.FROM_NOISE,
                                MOST_TEXT_STEPS,
                                Optional.empty(),
                                Optional.empty()),
                        InputMode.VIDEO,
                        new ModeDefaults(
                                SIDE,
                                SIDE,
                                ChunkGeometry.FRAME_WISE.overlapping(2),
                                List.of(1000),
                                MOST_VIDEO_STEPS,
                                Optional.of(0.3),
                                Optional.of(false))),
                InputMode.VIDEO,
                Set.of(
                        Capability.PROMPTS,
                        Capability.CACHE_MANAGEMENT,
                        Capability.FEWER_STEPS,
                        Capability.SMALLER_PICTURES,
                        Capability.RUN_SIZES,
                        Capability.PREVIEWS),
                new ParameterSchema(parameters(minSide)),
                MAX_BATCH,
                WEIGHTS_BYTES,
                SESSION_BYTES,
                Optional.empty(),
                false,
                MULTIPLE,
                minSide,
                MAX_SIDE);
    }

    private static List<ParameterSpec> parameters(int minSide) {
        ObjectNode smoothing = CommonParameters.number(
                "Share of the past in a temporal mean of the camera; calms a noisy camera, blurs motion", 0, 0, 0.9);
        smoothing
                .putObject("ui")
                .put("label", "Camera Smoothing")
                .putArray("modes")
                .add("video");
        List<ParameterSpec> all = new ArrayList<>(CommonParameters.resolution(SIDE, SIDE, MULTIPLE, minSide, MAX_SIDE));
        all.add(CommonParameters.prompts(examples()));
        all.add(CommonParameters.promptInterpolationMethod());
        all.add(CommonParameters.transition());
        all.add(CommonParameters.noiseScale(0.3));
        all.add(CommonParameters.noiseController(false));
        all.add(new ParameterSpec(Controls.CAMERA_SMOOTHING, ParameterSpec.Kind.STICKY, smoothing));
        all.add(CommonParameters.denoisingSteps());
        all.add(CommonParameters.denoisingStepList());
        all.add(CommonParameters.baseSeed(SEED));
        all.add(CommonParameters.manageCache());
        all.add(CommonParameters.resetCache());
        return all;
    }

    /** The first name of each look. */
    private static List<String> examples() {
        return Arrays.stream(Style.values())
                .map(style -> style.synonyms().get(0))
                .toList();
    }
}
