package io.github.tachyscope.diffusion.synthetic;

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
import io.github.tachyscope.tensor.Placement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Offers {@code synthetic}. */
public final class SyntheticProvider implements PipelineProvider {
    static final String STEP_COST = "step_cost_ms";
    private static final int SIDE = 512;
    private static final int MULTIPLE = 16;
    private static final int MIN_SIDE = 64;
    private static final int MAX_SIDE = 2048;
    private static final int MAX_BATCH = 8;
    private static final int MAX_STEPS = 50;
    private static final int MAX_STEP_COST_MS = 60_000;

    private final PipelineSpec spec;

    /** With the default shape; {@link #configured} gives it that of the settings. */
    public SyntheticProvider() {
        this(new PipelineSettings.Synthetic(4, Duration.ofMillis(2)));
    }

    private SyntheticProvider(PipelineSettings.Synthetic shape) {
        if (shape.steps() < 1 || shape.steps() > MAX_STEPS) {
            throw new IllegalArgumentException(
                    "tachyscope.pipelines.synthetic.steps = " + shape.steps() + "; allowed are 1 to " + MAX_STEPS);
        }
        spec = specOf(shape);
    }

    @Override
    public PipelineProvider configured(PipelineSettings settings) {
        return new SyntheticProvider(settings.synthetic());
    }

    @Override
    public PipelineSpec spec() {
        return spec;
    }

    @Override
    public Pipeline load(Parameters parameters, Placement placement, LoadProgress progress) {
        progress.stage("Initializing pipeline...");
        Parameters complete = spec.parameters().checkLoad(parameters).accepted();
        return new SyntheticPipeline(
                spec, complete, CommonParameters.size(complete, spec.modes().get(spec.defaultMode())));
    }

    private static PipelineSpec specOf(PipelineSettings.Synthetic shape) {
        List<Integer> steps = evenSteps(shape.steps());
        return new PipelineSpec(
                "synthetic",
                "Synthetic",
                "Moving patterns from prompts, or the camera restyled with them. Needs no model.",
                "1.0.0",
                Map.of(
                        InputMode.TEXT,
                        new ModeDefaults(
                                SIDE, SIDE, new ChunkGeometry(0, 0, 9, 12), steps, Optional.empty(), Optional.empty()),
                        InputMode.VIDEO,
                        new ModeDefaults(
                                SIDE,
                                SIDE,
                                new ChunkGeometry(9, 12, 9, 12),
                                steps,
                                Optional.of(0.5),
                                Optional.of(false))),
                InputMode.TEXT,
                Set.of(
                        Capability.PROMPTS,
                        Capability.CACHE_MANAGEMENT,
                        Capability.FEWER_STEPS,
                        Capability.SMALLER_PICTURES,
                        Capability.RUN_SIZES,
                        Capability.PREVIEWS),
                new ParameterSchema(parameters(shape)),
                MAX_BATCH,
                0,
                4L * Field.CELLS * 4 + 2L * SIDE * SIDE * 12,
                Optional.empty(),
                false,
                MULTIPLE,
                MIN_SIDE,
                MAX_SIDE);
    }

    private static List<ParameterSpec> parameters(PipelineSettings.Synthetic shape) {
        double costMillis = shape.stepCost().toNanos() / 1e6;
        ObjectNode cost = CommonParameters.number(
                "Time in milliseconds that each denoising step at this size keeps the device busy",
                costMillis,
                0,
                MAX_STEP_COST_MS);
        cost.putObject("ui").put("label", "Step cost (ms)");
        List<ParameterSpec> all =
                new ArrayList<>(CommonParameters.resolution(SIDE, SIDE, MULTIPLE, MIN_SIDE, MAX_SIDE));
        all.add(CommonParameters.baseSeed(42));
        all.add(CommonParameters.prompts());
        all.add(CommonParameters.promptInterpolationMethod());
        all.add(CommonParameters.transition());
        all.add(CommonParameters.denoisingSteps());
        all.add(CommonParameters.denoisingStepList());
        all.add(CommonParameters.noiseScale(0.5));
        all.add(CommonParameters.noiseController(false));
        all.add(CommonParameters.manageCache());
        all.add(CommonParameters.resetCache());
        all.add(new ParameterSpec(STEP_COST, ParameterSpec.Kind.LOAD, cost));
        return all;
    }

    /** 1000, ..., evenly spaced down to 1000 / n. */
    private static List<Integer> evenSteps(int count) {
        List<Integer> steps = new ArrayList<>();
        for (int i = count; i > 0; i--) {
            steps.add(1000 * i / count);
        }
        return steps;
    }
}
